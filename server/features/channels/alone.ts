/**
 * Serialises work on one post and its messages. Both directions of a link run side by side on one node, and this
 * keeps one direction from working on what the other is changing.
 */

export class Alone {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Keys may be nested from a reply to its root, never the other way. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => {});
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
