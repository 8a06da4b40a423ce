/** How fast we may go: Microsoft's limits for the tenant, and what one person can take. */

export interface Clock {
  readonly now: () => number;
  /** Ends early when the signal is aborted; never throws. */
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

/** 2 requests a second for one app in one tenant (learn.microsoft.com, throttling-limits). */
export const TENANT_INTERVAL_MS = 500;
/** Beyond 10 a minute Teams drops silently; one place is kept for the summary. */
export const PER_PERSON_PER_MINUTE = 9;
const MINUTE_MS = 60_000;

/** The activities of each person within a minute. Bounded by the people who got one within the last minute. */
export class PersonPace {
  readonly #told = new Map<string, number[]>();

  /** Whether one more may go to this person now. */
  allows(userId: string, now: number): boolean {
    const times = this.#told.get(userId);
    if (!times) return true;
    while ((times[0] ?? now) <= now - MINUTE_MS) times.shift();
    if (times.length === 0) this.#told.delete(userId);
    return times.length < PER_PERSON_PER_MINUTE;
  }

  told(userId: string, now: number): void {
    const times = this.#told.get(userId);
    if (times) times.push(now);
    else this.#told.set(userId, [now]);
  }

  /** Forgets those who were left alone for a minute. */
  sweep(now: number): void {
    for (const userId of this.#told.keys()) this.allows(userId, now);
  }
}

const FAILURES_UNTIL_OPEN = 3;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 5 * 60_000;
/** Microsoft asks for minutes at most. A header with a wrong number must not end the notifications for good. */
const LONGEST_ASKED_MS = 60 * 60_000;

/**
 * Circuit breaker: after a few failures in a row there is one attempt at a time, at growing intervals, and
 * everything else waits in the outbox. `Retry-After` overrides our own interval.
 */
export class Breaker {
  #failures = 0;
  #restUntil = 0;

  get open(): boolean {
    return this.#failures >= FAILURES_UNTIL_OPEN;
  }

  /** Milliseconds until the next attempt may be made. */
  rest(now: number): number {
    return Math.max(0, this.#restUntil - now);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#restUntil = 0;
  }

  /** Half of the interval is fixed, half is chance: nodes and plugins do not come back in step. */
  failed(now: number, random: number, retryAfterMs: number | null): void {
    this.#failures += 1;
    const grown = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (this.#failures - 1));
    const asked = retryAfterMs === null ? null : Math.min(LONGEST_ASKED_MS, retryAfterMs);
    this.#restUntil = now + (asked ?? Math.ceil(grown * (0.5 + random / 2)));
  }

  /** Something outside was put right: try at once. */
  reset(): void {
    this.#failures = 0;
    this.#restUntil = 0;
  }
}
