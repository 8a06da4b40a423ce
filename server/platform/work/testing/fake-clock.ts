/** A clock that moves only when a test moves it. Sleepers wake in the order of their times. */

import type { Clock } from "../clock.ts";

const TURNS = 60;
const QUIET_TURNS = 15;

export class FakeClock implements Clock {
  #now: number;
  /** Counts how often somebody looked at the clock or began to sleep. */
  #looks = 0;
  readonly #sleepers = new Set<{ at: number; readonly wake: () => void }>();

  constructor(now = Date.UTC(2026, 0, 5, 9)) {
    this.#now = now;
  }

  /** Returns true while something outside the clock is in progress, such as reading a body: time then does not pass. */
  isBusy: () => boolean = () => false;

  /** A job that runs at times of its own. When a sleeper wakes at the same moment, the job runs after it. */
  job: { readonly nextAt: () => number; readonly run: () => void } | null = null;

  readonly now = () => {
    this.#looks += 1;
    return this.#now;
  };
  readonly random = () => 1;
  readonly sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      this.#looks += 1;
      if (signal.aborted) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", wake);
    });

  /** Whether somebody sleeps for exactly `ms` milliseconds from now. */
  hasSleeper(ms: number): boolean {
    return [...this.#sleepers].some(({ at }) => at === this.#now + ms);
  }

  /** Advances by `ms` milliseconds, stopping at each sleeper on the way. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = this.#nextSleeper();
      const jobAt = this.job?.nextAt() ?? Number.POSITIVE_INFINITY;
      if (Math.min(next?.at ?? Number.POSITIVE_INFINITY, jobAt) > end) break;
      if (next && next.at <= jobAt) {
        this.#now = Math.max(this.#now, next.at);
        next.wake();
      } else {
        this.#now = Math.max(this.#now, jobAt);
        this.job?.run();
      }
      await this.settle();
    }
    this.#now = end;
  }

  #nextSleeper(): { readonly at: number; readonly wake: () => void } | null {
    let first: { readonly at: number; readonly wake: () => void } | null = null;
    for (const sleeper of this.#sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  }

  /**
   * Sets the time as somebody would set the machine's clock: no sleeper wakes, and none sleeps longer when it is set
   * back, because timers do not follow the clock.
   */
  jumpTo(at: number): void {
    const back = Math.max(0, this.#now - at);
    for (const sleeper of this.#sleepers) sleeper.at -= back;
    this.#now = at;
  }

  /** Runs everything that is ready to run: until nobody has looked at the clock for some turns, or for 60 turns. */
  async settle(): Promise<void> {
    let looks = this.#looks;
    let quiet = 0;
    for (let turn = 0; turn < TURNS && quiet < QUIET_TURNS; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet += 1;
      if (this.#looks !== looks) quiet = 0;
      looks = this.#looks;
      while (this.isBusy()) {
        await Bun.sleep(0);
        turn = 0;
        quiet = 0;
      }
    }
  }
}
