import { describe, expect, test } from "bun:test";
import { MemoryStore } from "../testing/memory-store.ts";
import { newEntry, Outbox, pushedEntry, TakenOver } from "./outbox.ts";

const post = (id: string, createdAt: number) => ({ id, channelId: "c", createdAt });

function world() {
  const store = new MemoryStore();
  const node = () => new Outbox(store, () => 7_200_000);
  const outbox = node();
  const added = async (id: string, createdAt: number) => {
    const entry = newEntry(post(id, createdAt));
    await outbox.add(entry);
    return entry;
  };
  return { store, node, outbox, added };
}

describe("entries", () => {
  test("are in the order of their posts, and no keys are listed for it", async () => {
    const { outbox, added, store } = world();
    for (const [id, at] of [
      ["b", 2_000],
      ["c", 10_000_000_000_000],
      ["a", 1_000],
    ] as const) {
      await added(id, at);
    }
    store.before = (call) => {
      if (call === "list") throw new Error("keys were listed");
    };
    expect((await outbox.all()).map(({ postId }) => postId)).toEqual(["a", "b", "c"]);
  });

  test("are read as they were written, on another node too", async () => {
    const { node, outbox, added } = world();
    const entry = await added("a", 1_000);
    entry.covered = "m";
    entry.sent.add("n").add("o");
    entry.held.add("h");
    await outbox.save(entry);
    expect(await outbox.read(entry.key)).toEqual(entry);
    expect(await node().all()).toEqual([entry]);
  });

  test("for decisions of the server keep their people", async () => {
    const { node, outbox } = world();
    const entry = pushedEntry({ id: "a", channelId: "c" }, ["u", "v"], 1_000);
    await outbox.add(entry);
    expect(await node().read(entry.key)).toEqual(entry);
  });

  for (const [name, value] of Object.entries({
    "no object": 5,
    "another shape": { post: "a" },
    "an empty channel": { post: "a", channel: "", covered: "", sent: [], held: [] },
  })) {
    test(`${name} is dropped from the queue`, async () => {
      const { store, node, added } = world();
      const { key } = await added("a", 1_000);
      const [record = ""] = [...store.values.keys()];
      const stored = { v: 1, entries: [{ id: key, key, at: 1, rev: 0, tries: 0, value }] };
      await store.set(record, JSON.stringify(stored));
      expect(await node().read(key)).toBeNull();
      expect(store.waiting).toEqual([]);
    });
  }

  test("a recovered store accepts an entry that it missed, with its progress", async () => {
    const { outbox, store } = world();
    const entry = newEntry(post("a", 1));
    store.before = () => {
      throw new Error("no database");
    };
    await expect(outbox.add(entry)).rejects.toThrow("no database");
    expect(await outbox.remove(entry)).toBe(true);
    store.before = () => {};
    entry.covered = "m";
    await outbox.save(entry);
    expect((await outbox.read(entry.key))?.covered).toBe("m");
  });

  test("keys have at most 150 characters, whatever the time", () => {
    for (const at of [0, -5, Date.now(), Number.MAX_SAFE_INTEGER]) {
      expect(newEntry(post("x".repeat(26), at)).key.length).toBeLessThan(120);
    }
  });
});

describe("two nodes and one record", () => {
  test("the second node learns of it, and changes nothing", async () => {
    const { outbox, added, node, store } = world();
    const mine = await added("a", 1);
    const other = node();
    const theirs = await other.read(mine.key);
    if (!theirs) throw new Error("not stored");
    theirs.covered = "m";
    await other.save(theirs);
    mine.covered = "b";
    await expect(outbox.save(mine)).rejects.toThrow(TakenOver);
    expect(await outbox.remove(mine)).toBe(false);
    expect((await outbox.read(mine.key))?.covered).toBe("m");
    expect(store.waiting.length).toBe(1);
  });

  test("a removed record is not written again", async () => {
    const { outbox, added, store } = world();
    const mine = await added("a", 1);
    store.values.clear();
    mine.covered = "b";
    await expect(outbox.save(mine)).rejects.toThrow(TakenOver);
    expect(store.waiting).toEqual([]);
  });

  test("a write whose answer got lost is not mistaken for another node's", async () => {
    const { outbox, added, store } = world();
    const mine = await added("a", 1);
    const { compareAndSet } = store;
    store.compareAndSet = async (...all) => {
      store.compareAndSet = compareAndSet;
      await compareAndSet.apply(store, all);
      throw new Error("connection lost");
    };
    mine.covered = "b";
    await outbox.save(mine);
    expect((await outbox.read(mine.key))?.covered).toBe("b");
    mine.covered = "c";
    await outbox.save(mine);
    expect((await outbox.read(mine.key))?.covered).toBe("c");
  });
});
