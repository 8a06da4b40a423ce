/** Entries that fail are retried, expire, or are parked. */

import { describe, expect, test } from "bun:test";
import { done, HOUR_MS, world } from "./testing/queue-world.ts";

describe("failures", () => {
  test("a failed entry is retried after a growing wait, and later entries of its key wait behind it", async () => {
    const { node, settle, pass, handled } = world();
    let failures = 2;
    const one = node(({ entry }) => {
      if (entry.id === "a1" && failures-- > 0) throw new Error("not yet");
      return done;
    });
    await one.add("a1", "a");
    await one.add("a2", "a");
    await one.add("b1", "b");
    one.start();
    await settle();
    expect(handled).toEqual(["b1"]);
    await pass(1_000);
    expect(handled).toEqual(["b1"]);
    await pass(1_999);
    expect(handled).toEqual(["b1"]);
    await pass(1);
    expect(handled).toEqual(["b1", "a1", "a2"]);
    await one.stop();
  });

  test("an entry that fails too often is parked: its key continues, and an admin can retry it", async () => {
    const { node, settle, pass, handled, parked } = world();
    let broken = true;
    const one = node(({ entry }) =>
      broken && entry.id === "poison" ? { kind: "retry", because: "unreadable" } : done,
    );
    await one.add("poison", "k");
    await one.add("next", "k");
    one.start();
    await settle();
    for (let i = 0; i < 3; i += 1) await pass(5_000);
    expect(parked).toEqual(["unreadable"]);
    expect(handled).toEqual(["next"]);
    expect(one.queue.state).toMatchObject({ waiting: 0, parked: 1 });
    broken = false;
    expect(await one.queue.retryParked()).toBe(1);
    await settle();
    expect(handled).toEqual(["next", "poison"]);
    expect(one.queue.state.parked).toBe(0);
    await one.stop();
  });

  test("a wait that the other side asked for does not count as a failure", async () => {
    const { node, settle, pass, handled, parked } = world();
    let throttled = 10;
    const one = node(() =>
      throttled-- > 0 ? { kind: "retry", because: "throttled", afterMs: 1_000, counts: false } : done,
    );
    await one.add("a");
    one.start();
    await settle();
    for (let i = 0; i < 10; i += 1) await pass(1_000);
    expect(handled).toEqual(["a"]);
    expect(parked).toEqual([]);
    await one.stop();
  });

  test("wake makes waiting entries due at once", async () => {
    const { node, settle, handled } = world();
    let broken = true;
    const one = node(() => (broken ? { kind: "retry", because: "down", afterMs: HOUR_MS / 2 } : done));
    await one.add("a");
    one.start();
    await settle();
    broken = false;
    one.queue.wake();
    await settle();
    expect(handled).toEqual(["a"]);
    await one.stop();
  });

  test("an expired entry is dropped without being handled", async () => {
    const { node, pass, settle, handled, dropped, store } = world();
    const one = node();
    await one.add("a");
    await pass(HOUR_MS);
    one.start();
    await settle();
    expect(handled).toEqual([]);
    expect(dropped).toEqual(["expired"]);
    expect(store.values.size).toBe(0);
    await one.stop();
  });

  test("a failed removal is repeated without repeating the work", async () => {
    const { node, settle, pass, store, handled } = world();
    const one = node();
    await one.add("a");
    one.start();
    let failures = 2;
    store.before = (call) => {
      if (call === "compareAndSet" && failures-- > 0) throw new Error("no database");
    };
    await settle();
    for (let i = 0; i < 3; i += 1) await pass(2_000);
    expect(handled).toEqual(["a"]);
    expect(store.values.size).toBe(0);
    await one.stop();
  });

  test("an entry whose value cannot be parsed is dropped and does not block the others", async () => {
    const { node, settle, store, handled, dropped } = world();
    const one = node(() => done, { partitions: 1 });
    await one.add("a");
    const bytes = store.values.get("queue_test_0");
    const record = JSON.parse(new TextDecoder().decode(bytes));
    record.entries.unshift({ id: "bad", key: "bad", at: Date.now(), rev: 0, tries: 0, value: 5 }, "nonsense");
    store.values.set("queue_test_0", new TextEncoder().encode(JSON.stringify(record)));
    const other = node(() => done, { partitions: 1 });
    other.start();
    await settle();
    expect(handled).toEqual(["a"]);
    expect(dropped).toEqual(["unreadable"]);
    expect(store.values.size).toBe(0);
    await other.stop();
  });
});
