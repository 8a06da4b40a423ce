/** The work in progress on this node, by link: the removal of a link waits until it is done. */

export class InWork {
  readonly #all = new Map<string, Set<Promise<unknown>>>();

  async run<T>(link: string, work: () => Promise<T>): Promise<T> {
    const beside = this.#all.get(link) ?? new Set();
    this.#all.set(link, beside);
    const mine = work();
    beside.add(mine);
    try {
      return await mine;
    } finally {
      beside.delete(mine);
      if (beside.size === 0) this.#all.delete(link);
    }
  }

  async settled(link: string): Promise<void> {
    await Promise.allSettled(this.#all.get(link) ?? []);
  }
}
