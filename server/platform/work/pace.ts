/** Rate limits: Microsoft's limit for the tenant, the limit per person, and a circuit breaker. */

export interface Clock {
  readonly now: () => number;
  /** Resolves early when the signal is aborted; never throws. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

export const systemClock: Clock = {
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    }),
};

/** Allows 2 requests a second for one app in one tenant (learn.microsoft.com, throttling-limits). */
export const TENANT_INTERVAL_MS = 500;
/** Teams silently drops more than 10 activities a minute; one place is kept for the summary. */
export const PER_PERSON_PER_MINUTE = 9;
const MINUTE_MS = 60_000;

/** The activities of each person within the last minute. It holds only people who received one in that time. */
export class PersonPace {
  readonly #delivered = new Map<string, number[]>();

  /** Whether one more may be sent to this person now. */
  allows(userId: string, now: number): boolean {
    const times = this.#delivered.get(userId);
    if (!times) return true;
    while ((times[0] ?? now) <= now - MINUTE_MS) times.shift();
    if (times.length === 0) this.#delivered.delete(userId);
    return times.length < PER_PERSON_PER_MINUTE;
  }

  delivered(userId: string, now: number): void {
    const times = this.#delivered.get(userId);
    if (times) times.push(now);
    else this.#delivered.set(userId, [now]);
  }

  /** Removes people who received nothing for a minute. */
  sweep(now: number): void {
    for (const userId of this.#delivered.keys()) this.allows(userId, now);
  }
}

const FAILURES_UNTIL_OPEN = 3;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 5 * 60_000;
/**
 * Microsoft asks for minutes at most. A wrong number in a header must not stop the notifications for longer than
 * this.
 */
const LONGEST_ASKED_MS = 60 * 60_000;

/**
 * A circuit breaker: after a few failures in a row it allows one attempt at a time, at growing intervals, and
 * everything else waits in the queue. `Retry-After` overrides its own interval.
 */
export class Breaker {
  #failures = 0;
  #restUntil = 0;

  get open(): boolean {
    return this.#failures >= FAILURES_UNTIL_OPEN;
  }

  /** Milliseconds until the next attempt is allowed. */
  rest(now: number): number {
    return Math.max(0, this.#restUntil - now);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#restUntil = 0;
  }

  /** Half of the interval is fixed and half is random, so that nodes and plugins do not retry in step. */
  failed(now: number, random: number, retryAfterMs: number | null): void {
    this.#failures += 1;
    const grown = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (this.#failures - 1));
    const asked = retryAfterMs === null ? null : Math.min(LONGEST_ASKED_MS, retryAfterMs);
    this.#restUntil = now + (asked ?? Math.ceil(grown * (0.5 + random / 2)));
  }

  /** Allows an attempt at once, because something outside was repaired. */
  reset(): void {
    this.#failures = 0;
    this.#restUntil = 0;
  }
}
