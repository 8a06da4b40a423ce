import { jest } from "bun:test";

/**
 * For tests: timers, `Bun.sleep`, `Date.now` and `performance.now` move only by `pass`, so that a busy machine changes
 * nothing. Sockets, threads and `AbortSignal.timeout` are not covered.
 */
export const fakeTime = {
  start: () => void jest.useFakeTimers(),
  stop: () => void jest.useRealTimers(),

  /** Advances by `ms` milliseconds; after each of them, everything runs that needs no more time. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1) {
      jest.advanceTimersByTime(1);
      await settled();
    }
  },

  /** Advances until the condition is true, by a minute at most. */
  async until(condition: () => boolean): Promise<void> {
    await settled();
    for (let passed = 0; !condition(); passed += 1) {
      if (passed === 60_000) throw new Error("did not happen within a minute");
      await fakeTime.pass(1);
    }
  },
};

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
