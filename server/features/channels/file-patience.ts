/**
 * Limits how long a message waits for its files when Graph answers but SharePoint does not, as behind a firewall that
 * lets only Graph through. Kept in memory: after a restart the time begins again.
 */

const PATIENCE_MS = 10 * 60_000;
/** Longer than a message waits. */
const FORGET_MS = 60 * 60_000;

export class FilePatience {
  readonly #now: () => number;
  /** Time of the first failure, by file. */
  readonly #since = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records a failure of the storage. Returns true when it has failed for too long. */
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
