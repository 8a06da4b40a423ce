import { describe, expect, test } from "bun:test";
import { Alarms } from "./alarms.ts";
import { FakeClock } from "./testing/fake-clock.ts";

function world() {
  const clock = new FakeClock(0);
  const alarms = new Alarms(clock);
  const rung: string[] = [];
  const stop = new AbortController();
  const running = alarms.run(stop.signal);
  const set = (id: string, at: number) => alarms.set(id, at, () => rung.push(`${id}@${clock.now()}`));
  return {
    clock,
    alarms,
    rung,
    set,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

describe("alarms", () => {
  test("fire in the order of their times, whatever the order of setting", async () => {
    const { clock, rung, set, stop } = world();
    for (const [id, at] of [
      ["c", 300],
      ["a", 100],
      ["b", 200],
    ] as const)
      set(id, at);
    await clock.pass(1000);
    expect(rung).toEqual(["a@100", "b@200", "c@300"]);
    await stop();
  });

  test("10,000 random alarms all fire exactly once, none early", async () => {
    const { clock, alarms, set, rung, stop } = world();
    const times = Array.from({ length: 10_000 }, () => Math.floor(Math.random() * 50) * 1000);
    for (const [index, at] of times.entries()) set(`${index}`, at);
    await clock.pass(50_000);
    expect(rung).toHaveLength(10_000);
    expect(rung.every((text) => Number(text.split("@")[1]) === times[Number(text.split("@")[0])])).toBe(true);
    expect(alarms.size).toBe(0);
    await stop();
  });

  test("a later or earlier time replaces the first; a cancelled alarm never fires", async () => {
    const { clock, alarms, rung, set, stop } = world();
    set("moved later", 100);
    set("moved later", 300);
    set("moved earlier", 300);
    set("moved earlier", 100);
    set("cancelled", 200);
    alarms.cancel("cancelled");
    await clock.pass(1000);
    expect(rung).toEqual(["moved earlier@100", "moved later@300"]);
    await stop();
  });

  test("an alarm in the past fires at once", async () => {
    const { clock, rung, set, stop } = world();
    clock.jumpTo(500);
    set("late", 100);
    await clock.settle();
    expect(rung).toEqual(["late@500"]);
    await stop();
  });

  test("a clock that jumps forward by an hour is noticed within half a minute", async () => {
    const { clock, rung, set, stop } = world();
    set("a", 3_600_000);
    await clock.settle();
    clock.jumpTo(3_600_000);
    await clock.pass(30_000);
    expect(rung).toHaveLength(1);
    await stop();
  });

  test("a clock that is set back is reported to the owner within half a minute, once; a small step is not", async () => {
    const clock = new FakeClock();
    const reports: number[] = [];
    const alarms = new Alarms(clock, () => reports.push(clock.now()));
    const stop = new AbortController();
    const running = alarms.run(stop.signal);
    await clock.pass(60_000);
    clock.jumpTo(clock.now() - 5_000);
    await clock.pass(60_000);
    expect(reports).toEqual([]);
    clock.jumpTo(clock.now() - 3_600_000);
    const at = clock.now();
    await clock.pass(30_000);
    expect(reports).toHaveLength(1);
    expect((reports[0] ?? 0) - at).toBeLessThanOrEqual(30_000);
    await clock.pass(3_600_000);
    expect(reports).toHaveLength(1);
    stop.abort();
    await running;
  });

  test("replacing one alarm a hundred thousand times keeps memory flat", () => {
    const { alarms, set } = world();
    for (let i = 0; i < 100_000; i += 1) set("a", 1_000_000 + i);
    expect(alarms.size).toBe(1);
    expect(alarms.nextAt()).toBe(1_099_999);
  });

  test("nothing fires after the end", async () => {
    const { clock, rung, set, stop } = world();
    set("a", 100);
    await stop();
    await clock.pass(1000);
    expect(rung).toEqual([]);
  });
});
