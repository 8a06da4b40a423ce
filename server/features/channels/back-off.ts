/** While Microsoft is away, a lane asks less and less often; it comes back at Microsoft's time where that is said. */

import type { Clock } from "../../platform/work/clock.ts";
import type { Outcome } from "../../platform/work/queue.ts";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 2 * 60_000;

export class BackOff {
  readonly #clock: Pick<Clock, "random">;
  readonly #failures = new Map<string, number>();

  constructor(clock: Pick<Clock, "random">) {
    this.#clock = clock;
  }

  after(lane: string, outcome: Outcome): Outcome {
    if (outcome.kind !== "retry" || !outcome.because.startsWith("microsoft_")) {
      this.#failures.delete(lane);
      return outcome;
    }
    const count = (this.#failures.get(lane) ?? 0) + 1;
    this.#failures.set(lane, count);
    const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(count - 1, 10));
    return { ...outcome, afterMs: outcome.afterMs ?? Math.ceil(grown * (0.75 + this.#clock.random() / 4)) };
  }
}
