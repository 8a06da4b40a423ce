/** The machine's clock is set back by hours (NTP, a resumed virtual machine): nothing waits for that time to come again. */

import { describe, expect, test } from "bun:test";
import { MemoryCluster, MemoryStore } from "../../features/activity/testing/memory-store.ts";
import { Pacing } from "./pacing.ts";
import { type Outcome, Queue } from "./queue.ts";
import { steady } from "./steady.ts";
import { FakeClock } from "./testing/fake-clock.ts";

const HOUR = 3_600_000;
const never = new AbortController().signal;
const setBack = (clock: FakeClock, ms: number) => clock.jumpTo(clock.now() - ms);

function queueOf(clock: FakeClock, handle: (id: string) => Outcome) {
  const queue = new Queue<string>(
    {
      name: "test",
      parse: String,
      handle: async ({ entry }) => handle(entry.id),
      expiryMs: () => 24 * HOUR,
      ...{ maxEntries: 100, concurrency: 4, maxTries: 10 },
    },
    { kv: new MemoryStore(), cluster: new MemoryCluster().node(), log: { warn() {} }, clock },
  );
  const stop = new AbortController();
  const ended = queue.run(stop.signal);
  return {
    add: (id: string) => queue.add({ id, key: id, at: clock.now(), value: "" }),
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

describe("the clock is set back by three hours", () => {
  test("a pace goes on", async () => {
    const clock = new FakeClock();
    const pacing = new Pacing({ perSecond: 1, burst: 1 }, clock);
    const begun = clock.now();
    let taken = 0;
    const take = () => void pacing.take(never).then(() => (taken += 1));
    take();
    take();
    await clock.settle();
    expect(taken).toBe(1);
    setBack(clock, 3 * HOUR);
    take();
    await clock.pass(2_000);
    expect(taken).toBe(3);
    expect(clock.now() - begun).toBe(-3 * HOUR + 2_000);
    expect(pacing.wait()).toBeLessThanOrEqual(1_000);
  });

  test("a pace does not exceed its rate either", () => {
    const clock = new FakeClock();
    const pacing = new Pacing({ perSecond: 1, burst: 1 }, clock);
    expect(pacing.tryTake()).toBe(true);
    setBack(clock, 3 * HOUR);
    expect(pacing.tryTake()).toBe(false);
    expect(pacing.wait()).toBe(1_000);
  });

  test("a queue retries a failed entry after its wait", async () => {
    const clock = new FakeClock();
    const tried: string[] = [];
    const queue = queueOf(clock, (id) => {
      tried.push(id);
      return tried.length < 3 ? { kind: "retry", because: "busy" } : { kind: "done" };
    });
    await queue.add("a");
    await clock.settle();
    expect(tried).toHaveLength(1);
    setBack(clock, 3 * HOUR);
    await clock.pass(4_000);
    expect(tried).toHaveLength(3);
    await queue.stop();
  });

  test("a queue retries an entry that waited longer than one sleep of the queue", async () => {
    const clock = new FakeClock();
    let tries = 0;
    const queue = queueOf(clock, () => {
      tries += 1;
      return tries === 1 ? { kind: "retry", because: "later", afterMs: 5 * 60_000 } : { kind: "done" };
    });
    await queue.add("a");
    await clock.pass(30_000);
    setBack(clock, 3 * HOUR);
    await clock.pass(270_000);
    expect(tries).toBe(2);
    await queue.stop();
  });
});

describe("a steady clock", () => {
  test("follows the clock forwards, and stops while it is set back", () => {
    const clock = new FakeClock(1_000);
    const mine = steady(clock);
    expect(mine.now()).toBe(1_000);
    clock.jumpTo(5_000);
    expect(mine.now()).toBe(5_000);
    clock.jumpTo(2_000);
    expect(mine.now()).toBe(5_000);
    clock.jumpTo(2_500);
    expect(mine.now()).toBe(5_500);
  });

  test("a sleep during which the clock is set back counts in full", async () => {
    const clock = new FakeClock();
    const mine = steady(clock);
    const begun = mine.now();
    const slept = mine.sleep(60_000, never);
    await clock.pass(30_000);
    setBack(clock, 3 * HOUR);
    await clock.pass(30_000);
    await slept;
    expect(mine.now()).toBe(begun + 60_000);
  });

  test("an interrupted sleep counts as long as it was", async () => {
    const clock = new FakeClock();
    const mine = steady(clock);
    const begun = mine.now();
    const stop = new AbortController();
    const slept = mine.sleep(60_000, stop.signal);
    await clock.pass(10_000);
    stop.abort();
    await slept;
    expect(mine.now()).toBe(begun + 10_000);
  });
});
