/** A token bucket: a number of calls per second on average, short bursts allowed, callers served in order. */

import type { Clock } from "./clock.ts";
import { steady } from "./steady.ts";

export interface PaceOptions {
  readonly perSecond: number;
  /** Calls that may go at once after a pause. At least 1. */
  readonly burst: number;
}

export class Pacing {
  readonly #options: PaceOptions;
  readonly #clock: Clock;
  /** The time at which the bucket is full again. */
  #fullAt = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PaceOptions, clock: Clock) {
    if (!(options.perSecond > 0) || !(options.burst >= 1))
      throw new RangeError("a pace needs a rate and a burst");
    this.#options = options;
    this.#clock = steady(clock);
  }

  /** Milliseconds until the next call is allowed. */
  wait(): number {
    const { perSecond, burst } = this.#options;
    const gap = 1000 / perSecond;
    return Math.max(0, this.#fullAt - (burst - 1) * gap - this.#clock.now());
  }

  /** Takes a turn if one is free now. */
  tryTake(): boolean {
    if (this.wait() > 0) return false;
    this.#fullAt = Math.max(this.#fullAt, this.#clock.now()) + 1000 / this.#options.perSecond;
    return true;
  }

  /**
   * Resolves with true when it is the caller's turn, with false when the signal was aborted first. Turns are in the
   * order of the calls.
   */
  take(signal: AbortSignal): Promise<boolean> {
    const turn = this.#last.then(async () => {
      while (!signal.aborted) {
        if (this.tryTake()) return true;
        await this.#clock.sleep(this.wait(), signal);
      }
      return false;
    });
    this.#last = turn;
    return turn;
  }
}
