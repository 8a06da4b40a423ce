import { describe, expect, test } from "bun:test";
import { Pacing } from "./pacing.ts";
import { FakeClock } from "./testing/fake-clock.ts";

const never = new AbortController().signal;

function world(perSecond: number, burst: number) {
  const clock = new FakeClock(0);
  const pacing = new Pacing({ perSecond, burst }, clock);
  const taken: number[] = [];
  const take = (signal = never) => pacing.take(signal).then((mine) => mine && taken.push(clock.now()));
  return { clock, pacing, taken, take };
}

describe("pacing", () => {
  test("a burst goes at once, then one call per interval", async () => {
    const { clock, taken, take } = world(2, 3);
    for (let i = 0; i < 6; i += 1) void take();
    await clock.pass(10_000);
    expect(taken).toEqual([0, 0, 0, 500, 1000, 1500]);
  });

  test("never exceeds the rate and the burst in any window", async () => {
    const { clock, taken, take } = world(10, 5);
    for (let i = 0; i < 100; i += 1) {
      void take();
      if (i % 10 === 0) await clock.pass(137);
    }
    await clock.pass(20_000);
    expect(taken).toHaveLength(100);
    for (const start of taken)
      expect(taken.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(15);
  });

  test("after a pause the burst is available again, and no more", async () => {
    const { clock, taken, take } = world(1, 2);
    for (let i = 0; i < 2; i += 1) void take();
    await clock.pass(60_000);
    for (let i = 0; i < 3; i += 1) void take();
    await clock.pass(5_000);
    expect(taken).toEqual([0, 0, 60_000, 60_000, 61_000]);
  });

  test("an aborted caller gives its turn to the next", async () => {
    const { clock, taken, take } = world(1, 1);
    const stop = new AbortController();
    void take();
    const aborted = take(stop.signal);
    void take();
    stop.abort();
    await clock.pass(1_000);
    expect(await aborted).toBe(false);
    expect(taken).toEqual([0, 1_000]);
  });

  for (const options of [
    { perSecond: 0, burst: 1 },
    { perSecond: 1, burst: 0 },
    { perSecond: Number.NaN, burst: 1 },
  ]) {
    test(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Pacing(options, new FakeClock())).toThrow(RangeError);
    });
  }
});
