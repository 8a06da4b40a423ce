/**
 * A clock for waits, rate limits and caches that live in memory. It follows the machine's clock forwards, also over a
 * time when the machine was suspended, which a monotonic clock leaves out. It never goes back: when the machine's clock
 * is set back by hours, nothing waits for hours. Its times are for comparing with each other; never store them.
 */

import type { Clock } from "./clock.ts";

const known = new WeakMap<Clock, Clock>();

/** One for each clock: it sees a step only at the next look or sleep, so it is the more exact the more use it. */
export function steady(clock: Clock): Clock {
  const before = known.get(clock);
  if (before) return before;
  const made = make(clock);
  known.set(clock, made);
  return made;
}

const NOTICEABLE_MS = 30_000;

/**
 * Returns a function that says whether the machine's clock was set back noticeably since the last call. For times of the
 * machine's clock that mean "after a while": alarms, and waits in the store.
 */
export function setBackOf(clock: Clock): () => boolean {
  const behind = () => steady(clock).now() - clock.now();
  let before = behind();
  return () => {
    const now = behind();
    if (now - before < NOTICEABLE_MS) return false;
    before = now;
    return true;
  };
}

function make(clock: Clock): Clock {
  let last = Number.NEGATIVE_INFINITY;
  /** What the machine's clock was set back by in all, as far as this was seen. */
  let ahead = 0;
  const reach = (time: number): number => {
    const now = clock.now() + ahead;
    last = Math.max(last, time);
    if (now < last) ahead += last - now;
    else last = now;
    return last;
  };
  const now = () => reach(last);
  return {
    now,
    random: () => clock.random(),
    async sleep(ms, signal) {
      const until = now() + ms;
      await clock.sleep(ms, signal);
      // The clock may have been set back meanwhile.
      if (!signal.aborted) reach(until);
    },
  };
}
