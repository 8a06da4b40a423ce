import { describe, expect, test } from "bun:test";
import { newEntry, Outbox, TakenOver } from "./outbox.ts";
import { MemoryStore } from "./testing/memory-store.ts";

const post = (id: string, createdAt: number) => ({ id, channelId: "c", createdAt });

function world() {
  const store = new MemoryStore();
  return { store, outbox: new Outbox(store, () => 7_200_000) };
}

describe("records", () => {
  test("are in the order of their posts", async () => {
    const { outbox } = world();
    for (const [id, at] of [
      ["b", 2_000],
      ["c", 10_000_000_000_000],
      ["a", 1_000],
    ] as const) {
      await outbox.add(post(id, at));
    }
    expect((await outbox.keys()).map((key) => key.at(-1))).toEqual(["a", "b", "c"]);
  });

  test("come back as they were written", async () => {
    const { outbox } = world();
    const entry = await outbox.add(post("a", 1_000));
    entry.covered = "m";
    entry.sent.add("n").add("o");
    entry.held.add("h");
    await outbox.save(entry);
    expect(await outbox.read(entry.key)).toEqual(entry);
  });

  for (const [name, text] of Object.entries({
    "no JSON": "{",
    "another shape": '{"post":"a"}',
    "another version": '{"v":2,"post":"a","channel":"c","at":1,"covered":"","sent":[],"held":[]}',
    "an empty post": '{"v":1,"post":"","channel":"c","at":1,"covered":"","sent":[],"held":[]}',
  })) {
    test(`${name} is not read`, async () => {
      const { outbox, store } = world();
      await store.set("outbox_x", text);
      expect(await outbox.read("outbox_x")).toBeNull();
    });
  }

  test("keys stay within 150 characters, whatever the time", () => {
    for (const at of [0, -5, Date.now(), Number.MAX_SAFE_INTEGER]) {
      expect(newEntry(post("x".repeat(26), at)).key.length).toBeLessThan(150);
    }
  });
});

describe("two nodes and one record", () => {
  test("who comes second learns of it, and changes nothing", async () => {
    const { outbox, store } = world();
    const mine = await outbox.add(post("a", 1));
    const theirs = await outbox.read(mine.key);
    if (!theirs) throw new Error("not stored");
    theirs.covered = "m";
    await outbox.save(theirs);
    mine.covered = "b";
    await expect(outbox.save(mine)).rejects.toThrow(TakenOver);
    expect(await outbox.remove(mine)).toBe(false);
    expect((await outbox.read(mine.key))?.covered).toBe("m");
    expect(store.waiting.length).toBe(1);
  });

  test("a record that is gone is not brought back", async () => {
    const { outbox, store } = world();
    const mine = await outbox.add(post("a", 1));
    store.values.clear();
    mine.covered = "b";
    await expect(outbox.save(mine)).rejects.toThrow(TakenOver);
    expect(store.waiting).toEqual([]);
  });

  test("a write that was done although its answer got lost is no other node", async () => {
    const { outbox, store } = world();
    const mine = await outbox.add(post("a", 1));
    const { compareAndSet } = store;
    store.compareAndSet = async (...all) => {
      await compareAndSet.apply(store, all);
      throw new Error("connection lost");
    };
    mine.covered = "b";
    await expect(outbox.save(mine)).rejects.toThrow("connection lost");
    store.compareAndSet = compareAndSet;
    await outbox.save(mine);
    expect((await outbox.read(mine.key))?.covered).toBe("b");
  });
});
