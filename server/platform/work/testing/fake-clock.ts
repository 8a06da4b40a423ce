/** A clock that moves only when a test moves it. Sleepers wake in the order of their times. */

import type { Clock } from "../clock.ts";

export class FakeClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  constructor(now = Date.UTC(2026, 0, 5, 9)) {
    this.#now = now;
  }

  /** Something beside the clock is under way, such as the body of a request: time does not go on before it has ended. */
  isBusy: () => boolean = () => false;

  readonly now = () => this.#now;
  readonly random = () => 1;
  readonly sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        resolve();
      });
    });

  /** Advances by `ms` milliseconds, stopping at each sleeper on the way. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.at - b.at).find(({ at }) => at <= end);
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
      await this.settle();
    }
    this.#now = end;
  }

  /** Sets the time as somebody would set the machine's clock: no sleeper wakes. */
  jumpTo(at: number): void {
    this.#now = at;
  }

  /** Runs everything that is ready to run. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      while (this.isBusy()) {
        await Bun.sleep(0);
        turn = 0;
      }
    }
  }
}
