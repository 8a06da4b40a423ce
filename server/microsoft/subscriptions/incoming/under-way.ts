/**
 * Tracks notifications from their arrival at the webhook of any node until a feature has them. Microsoft sends one
 * request for each message, and one may take longer to verify than the next. A newer notification waits a moment for
 * older ones.
 *
 *   arrived ─▶ stored, and known to the node that works the queue ─▶ ended: passed to its feature, or dropped
 */

import type { Clock } from "../../../platform/work/clock.ts";

export interface Arriving {
  readonly id: string;
  readonly key: string;
  readonly rank: number;
}

interface Arrival extends Arriving {
  readonly since: number;
  isStored: boolean;
  readonly ended: PromiseWithResolvers<void>;
  readonly stored: PromiseWithResolvers<void>;
}

/** A notification that takes longer waits for something else, such as the keys of Entra. */
const MOST_MS = 500;
const MAX_ARRIVALS = 10_000;

export class UnderWay {
  readonly #clock: Pick<Clock, "now" | "sleep">;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #byKey = new Map<string, Set<Arrival>>();

  constructor(clock: Pick<Clock, "now" | "sleep">) {
    this.#clock = clock;
  }

  arrived({ id, key, rank }: Arriving): void {
    if (this.#arrivals.has(id)) return;
    if (this.#arrivals.size >= MAX_ARRIVALS) this.#forgetOld();
    const [stored, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = { id, key, rank, since: this.#clock.now(), isStored: false, stored, ended };
    this.#arrivals.set(id, one);
    this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(one));
  }

  /** Removes old notifications: another node may have announced some that it then could not store. */
  #forgetOld(): void {
    for (const { id, since } of [...this.#arrivals.values()])
      if (this.#clock.now() - since >= MOST_MS) this.ended(id);
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

  /** Resolves when the older notifications of the key are stored or ended, or after half a second. */
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

/** Reads what another node announced; returns an empty list for an unknown format. */
export function readArrivals(data: Uint8Array): readonly Arriving[] {
  try {
    const list: unknown = JSON.parse(new TextDecoder().decode(data));
    return Array.isArray(list) ? list.filter(isArriving) : [];
  } catch {
    return [];
  }
}

function isArriving(value: unknown): value is Arriving {
  const one = value as Partial<Record<keyof Arriving, unknown>> | null;
  return typeof one?.id === "string" && typeof one.key === "string" && typeof one.rank === "number";
}
