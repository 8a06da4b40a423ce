import { HALF_ANSWER_SECONDS, HALF_CALL_SECONDS } from "./limits.ts";

/**
 * Detects a message that stays incomplete. That alone proves nothing, because the host may be paused, so the owner
 * pings the host before it gives the stream up.
 *
 *   answers      the host writes each answer at once: half of one, and then nothing, is a fault
 *   calls        a Go client that fails to encode large arguments leaves their beginning in its buffer, and the rest
 *                comes with the next call: only a pause, more bytes and still no end is a fault
 */
export class Stall {
  readonly #of: "answers" | "calls";
  #bytesCame = false;
  #quiet = 0;
  #afterPause = 0;
  #paused = false;

  constructor(of: "answers" | "calls") {
    this.#of = of;
  }

  received(): void {
    this.#bytesCame = true;
  }

  /** Called once a second. Returns true when the message should be complete by now. */
  isStalled(midValue: boolean): boolean {
    const bytesCame = this.#bytesCame;
    this.#bytesCame = false;
    if (!midValue) {
      this.#quiet = 0;
      this.#afterPause = 0;
      this.#paused = false;
      return false;
    }
    this.#quiet = bytesCame ? 0 : this.#quiet + 1;
    if (this.#of === "answers") return this.#quiet >= HALF_ANSWER_SECONDS;
    if (this.#paused && (bytesCame || this.#afterPause > 0)) this.#afterPause++;
    if (!bytesCame) this.#paused = true;
    return this.#afterPause > HALF_CALL_SECONDS;
  }
}
