import { describe, expect, test } from "bun:test";
import type { Outcome } from "./queue.ts";
import { done, world } from "./testing/queue-world.ts";

describe("from add to done", () => {
  test("every entry is handled once and removed, and keys are never listed", async () => {
    const { store, node, settle, handled } = world();
    store.before = (call) => {
      if (call === "list") throw new Error("keys were listed");
    };
    const one = node();
    one.start();
    await Promise.all(Array.from({ length: 300 }, (_, i) => one.add(`e${i}`, `k${i % 7}`)));
    await settle();
    expect(handled.toSorted()).toEqual(Array.from({ length: 300 }, (_, i) => `e${i}`).toSorted());
    expect(store.values.size).toBe(0);
    await one.stop();
  });

  test("every node can report what waits for a key, and what was parked", async () => {
    const { node, settle } = world();
    const worker = node(
      ({ entry }) => ({ kind: "retry", because: "no", counts: entry.key === "a" }) as never,
      {
        maxTries: 1,
      },
    );
    const other = node();
    worker.start();
    for (const [id, key] of [
      ["a1", "a"],
      ["b1", "b"],
      ["b2", "b"],
    ] as const)
      await other.add(id, key);
    await settle();
    await Bun.sleep(30);
    await settle();
    const waiting = { waiting: 2, parked: 0, oldestAt: 1_000_000_000 };
    const expected = { a: { waiting: 0, parked: 1, oldestAt: null }, b: waiting };
    expect(Object.fromEntries(await other.queue.byKey())).toEqual(expected);
    expect(Object.fromEntries(await worker.queue.byKey())).toEqual(expected);
    await worker.stop();
  });

  test("the same id again is a duplicate while it waits", async () => {
    const { node, settle, handled } = world();
    const one = node();
    expect(await one.add("a")).toBe("added");
    expect(await one.add("a")).toBe("duplicate");
    one.start();
    await settle();
    expect(handled).toEqual(["a"]);
    await one.stop();
  });

  test("beyond the limit an entry is refused and leaves nothing behind", async () => {
    const { node, store } = world();
    const one = node(() => done, { maxEntries: 2, partitions: 1 });
    await one.add("a");
    await one.add("b");
    expect(await one.add("c", "c", "x".repeat(5000))).toBe("full");
    expect(store.values.size).toBe(1);
  });

  test("an entry that another node has handled is no duplicate on this one, and takes no place", async () => {
    const { node, settle, handled } = world();
    const [one, other] = [node(() => done, { maxEntries: 2 }), node(() => done, { maxEntries: 2 })];
    expect([await one.add("a", "k"), await one.add("b", "k")]).toEqual(["added", "added"]);
    other.start();
    await settle();
    expect(handled).toEqual(["a", "b"]);
    expect(await one.add("a", "k")).toBe("added");
    expect([await one.add("c", "k"), await one.add("d", "k")]).toEqual(["added", "full"]);
    // The other node receives the event.
    await Bun.sleep(40);
    await settle();
    expect(await one.add("d", "k")).toBe("added");
    await other.stop();
  });

  test("a value of 100 KB is stored in its own record and removed with its entry", async () => {
    const { node, settle, store } = world();
    const seen: number[] = [];
    const one = node(({ entry }) => {
      seen.push(entry.value.length);
      return done;
    });
    await one.add("big", "k", "x".repeat(100_000));
    expect(Math.max(...[...store.values.values()].map((bytes) => bytes.length))).toBeGreaterThan(100_000);
    const other = node(({ entry }) => {
      seen.push(entry.value.length);
      return done;
    });
    other.start();
    await settle();
    expect(seen).toEqual([100_000]);
    expect(store.values.size).toBe(0);
    await other.stop();
  });

  test("a failing store rejects the add, so that the caller can report it", async () => {
    const { node, store } = world();
    const one = node();
    store.before = () => {
      throw new Error("no database");
    };
    await expect(one.add("a")).rejects.toThrow("no database");
  });
});

describe("the order of entries", () => {
  test("entries of one key are handled in order, one at a time, beside other keys", async () => {
    const { node, settle } = world();
    const running = new Map<string, number>();
    const order: string[] = [];
    let most = 0;
    const one = node(async ({ entry }) => {
      const { key, id } = entry;
      expect(running.get(key) ?? 0).toBe(0);
      running.set(key, 1);
      most = Math.max(
        most,
        [...running.values()].reduce((a, b) => a + b),
      );
      await new Promise((resolve) => setImmediate(resolve));
      running.set(key, 0);
      order.push(id);
      return done;
    });
    for (let i = 0; i < 20; i += 1) for (const key of ["a", "b", "c"]) await one.add(`${key}${i}`, key);
    one.start();
    for (let i = 0; i < 10; i += 1) await settle();
    for (const key of ["a", "b", "c"]) {
      expect(order.filter((id) => id.startsWith(key))).toEqual(
        Array.from({ length: 20 }, (_, i) => `${key}${i}`),
      );
    }
    expect(most).toBe(3);
    await one.stop();
  });

  test("an entry of another node whose event is late still goes first", async () => {
    const { node, settle, handled } = world();
    const one = node();
    one.start();
    await settle();
    const other = node();
    await other.add("first", "k"); // its event waits 20 ms
    await one.add("second", "k");
    await settle();
    expect(handled).toEqual(["first", "second"]);
    await one.stop();
  });
});

describe("several nodes", () => {
  test("one node works; entries of the other two reach it by event", async () => {
    const { node, settle, handled } = world();
    const nodes = [node(), node(), node()];
    for (const one of nodes) one.start();
    await settle();
    await Promise.all(nodes.flatMap((one, n) => Array.from({ length: 20 }, (_, i) => one.add(`${n}-${i}`))));
    await Bun.sleep(60);
    await settle();
    expect(new Set(handled).size).toBe(60);
    expect(handled).toHaveLength(60);
    expect(nodes.filter(({ queue }) => queue.state.working)).toHaveLength(1);
    for (const one of nodes) await one.stop();
  });

  test("a lost event only delays: the working node reads all partitions every minute", async () => {
    const { node, settle, pass, handled } = world();
    const one = node();
    one.start();
    await settle();
    const other = node();
    other.loseEvents();
    await other.add("a");
    await Bun.sleep(40);
    await settle();
    expect(handled).toEqual([]);
    await pass(60_000);
    expect(handled).toEqual(["a"]);
    await one.stop();
  });

  test("when a node dies at work, another repeats that entry from its saved progress, and no other", async () => {
    const { node, settle, handled } = world();
    const hang = new Promise<Outcome>(() => {});
    const first = node(async ({ entry, save }) => {
      if (entry.id !== "b") return done;
      await save("half done");
      return hang;
    });
    for (const id of ["a", "b", "c"]) await first.add(id, "k");
    first.start();
    await settle();
    expect(handled).toEqual(["a"]);
    const values: string[] = [];
    const second = node(({ entry }) => {
      values.push(entry.value);
      return done;
    });
    second.start();
    await settle();
    expect(values).toEqual([]);
    first.loseLease();
    await settle();
    expect(values).toEqual(["half done", "c"]);
    expect(handled).toEqual(["a", "b", "c"]);
    await second.stop();
  });

  test("a node cannot save an entry that another node has taken over, and stops working on it", async () => {
    const { node, settle, store, handled } = world();
    const gate = Promise.withResolvers<void>();
    const saves: string[] = [];
    const one = node(
      async ({ save }) => {
        await gate.promise;
        await save("mine").catch((error: Error) => {
          saves.push(error.name);
          throw error;
        });
        return done;
      },
      { partitions: 1 },
    );
    await one.add("a");
    one.start();
    await settle();
    store.values.delete("queue_test_0");
    gate.resolve();
    await settle();
    expect(saves).toEqual(["TakenOver"]);
    expect(handled).toEqual([]);
    expect(one.queue.state.waiting).toBe(0);
    await one.stop();
  });
});
