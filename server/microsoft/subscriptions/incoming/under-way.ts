/**
 * Notifications between their arrival at the webhook and their feature, on this node. Microsoft sends each message by
 * itself, and the proof of one may take longer than that of the next: what is newer waits a moment for what is older.
 *
 *   arrived ─▶ stored ─▶ ended: it was passed to its feature, or is dropped
 */

import type { Clock } from "../../../platform/work/clock.ts";

interface Arrival {
  readonly id: string;
  readonly key: string;
  readonly rank: number;
  readonly since: number;
  isStored: boolean;
  readonly ended: PromiseWithResolvers<void>;
  readonly stored: PromiseWithResolvers<void>;
}

/** One that has not come so far by then waits for something else, such as the keys of Entra. */
const MOST_MS = 500;

export class UnderWay {
  readonly #clock: Pick<Clock, "now" | "sleep">;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #byKey = new Map<string, Set<Arrival>>();

  constructor(clock: Pick<Clock, "now" | "sleep">) {
    this.#clock = clock;
  }

  arrived(id: string, key: string, rank: number): void {
    if (this.#arrivals.has(id)) return;
    const [stored, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = { id, key, rank, since: this.#clock.now(), isStored: false, stored, ended };
    this.#arrivals.set(id, one);
    this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(one));
  }

  stored(id: string): void {
    const one = this.#arrivals.get(id);
    if (!one) return;
    one.isStored = true;
    one.stored.resolve();
  }

  ended(id: string): void {
    const one = this.#arrivals.get(id);
    if (!one) return;
    this.stored(id);
    one.ended.resolve();
    this.#arrivals.delete(id);
    const beside = this.#byKey.get(one.key);
    beside?.delete(one);
    if (beside?.size === 0) this.#byKey.delete(one.key);
  }

  /** Resolves when what is older of the key has come so far; at once where nothing is, and in any case soon. */
  async older(key: string, rank: number, until: "stored" | "ended"): Promise<void> {
    const now = this.#clock.now();
    const older: Promise<void>[] = [];
    for (const one of this.#byKey.get(key) ?? []) {
      if (now - one.since >= MOST_MS) this.ended(one.id);
      else if (one.rank < rank && !(until === "stored" && one.isStored)) older.push(one[until].promise);
    }
    if (older.length === 0) return;
    const done = new AbortController();
    await Promise.race([Promise.all(older), this.#clock.sleep(MOST_MS, done.signal)]);
    done.abort();
  }
}
