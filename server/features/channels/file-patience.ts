/**
 * How long a message waits for its files where Graph answers and only the storage of files does not: behind a firewall
 * that lets Graph through and not SharePoint, that would be for days. In memory: after a restart it begins again.
 */

const PATIENCE_MS = 10 * 60_000;
/** Then the message is settled or gone. */
const FORGET_MS = 60 * 60_000;

export class FilePatience {
  readonly #now: () => number;
  /** Of files that failed: since when. */
  readonly #since = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The storage failed once more. True: it did so for too long. */
  isOver(file: string): boolean {
    const now = this.#now();
    for (const [key, since] of this.#since) if (now - since > FORGET_MS) this.#since.delete(key);
    const since = this.#since.get(file) ?? now;
    this.#since.set(file, since);
    if (now - since < PATIENCE_MS) return false;
    this.#since.delete(file);
    return true;
  }

  settled(file: string): void {
    this.#since.delete(file);
  }
}
