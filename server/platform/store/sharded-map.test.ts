import { describe, expect, test } from "bun:test";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { hash, ShardedMap } from "./sharded-map.ts";

function world() {
  const api = new MemoryKv();
  const unreadable: string[] = [];
  const map = () =>
    new ShardedMap<number>(makeKeyValueStore(api), {
      prefix: "numbers_",
      shards: 4,
      parse(value) {
        if (typeof value !== "number") throw new Error("no number");
        return value;
      },
      onUnreadable: (id) => unreadable.push(id),
    });
  return { api, map, unreadable };
}

const all = async (map: ShardedMap<number>) => new Map(await Array.fromAsync(map.entries()));

describe("a sharded map", () => {
  test("returns what was set, over all shards, and never lists keys", async () => {
    const { api, map } = world();
    const one = map();
    api.kvList = () => Promise.reject(new Error("keys were listed"));
    await Promise.all(Array.from({ length: 100 }, (_, i) => one.set(`user${i}`, i)));
    expect(await map().get("user42")).toBe(42);
    expect((await all(map())).size).toBe(100);
    expect([...api.values.keys()].sort()).toEqual(["numbers_0", "numbers_1", "numbers_2", "numbers_3"]);
  });

  test("an absent id is null, even when it is a property of Object.prototype", async () => {
    const one = world().map();
    for (const id of ["nobody", "constructor", "__proto__", ""]) expect(await one.get(id)).toBeNull();
    await one.set("__proto__", 1);
    expect(await one.get("__proto__")).toBe(1);
    expect(await one.get("toString")).toBeNull();
  });

  test("deleting the last entry deletes the record", async () => {
    const { api, map } = world();
    const one = map();
    await one.set("a", 1);
    await one.delete("a");
    await one.delete("never there");
    expect(api.values.size).toBe(0);
  });

  test("concurrent updates of two nodes are both kept", async () => {
    const { map } = world();
    const [one, other] = [map(), map()];
    const add = (current: number | null) => (current ?? 0) + 1;
    await Promise.all(
      [one, other].flatMap((node) => Array.from({ length: 40 }, () => node.update("n", add))),
    );
    expect(await one.get("n")).toBe(80);
  });

  test("an entry that cannot be parsed reads as absent, is reported, and survives changes of other entries", async () => {
    const { api, map, unreadable } = world();
    const key = `numbers_${hash("bad") % 4}`;
    api.values.set(key, new TextEncoder().encode('{"bad":"x"}'));
    const one = map();
    expect(await one.get("bad")).toBeNull();
    expect(unreadable).toEqual(["bad"]);
    const neighbour = Array.from({ length: 99 }, (_, i) => `n${i}`).find(
      (id) => hash(id) % 4 === hash("bad") % 4,
    );
    await one.set(neighbour ?? "", 5);
    expect(JSON.parse(new TextDecoder().decode(api.values.get(key)))).toEqual({
      bad: "x",
      [neighbour ?? ""]: 5,
    });
    await one.set("bad", 1);
    expect(await one.get("bad")).toBe(1);
  });

  test("an unchanged entry is neither parsed nor serialized again", async () => {
    const api = new MemoryKv();
    let [parsed, printed] = [0, 0];
    const record = (n: number) => ({
      n,
      toJSON() {
        printed += 1;
        return { n };
      },
    });
    const one = new ShardedMap<{ readonly n: number }>(makeKeyValueStore(api), {
      ...{ prefix: "records_", shards: 1 },
      parse(value) {
        parsed += 1;
        return value as { n: number };
      },
    });
    for (const id of ["a", "b", "__proto__"]) await one.set(id, record(id.length));
    expect(printed).toBe(3);
    for (let round = 0; round < 5; round += 1) await one.get("a");
    expect(parsed).toBeLessThanOrEqual(3);
    const other = new ShardedMap<{ readonly n: number }>(makeKeyValueStore(api), {
      ...{ prefix: "records_", shards: 1, parse: (value) => value as { n: number } },
    });
    await other.set("a", { n: 7 });
    expect((await one.get("a"))?.n).toBe(7);
    expect((await one.get("__proto__"))?.n).toBe(9);
    expect(await Array.fromAsync(one.entries())).toHaveLength(3);
  });
});

test("the hash never changes, because stored data depends on it", () => {
  expect([hash(""), hash("a"), hash("abcdefghijklmnopqrstuvwxyz")]).toEqual([
    2166136261, 3826002220, 2965113986,
  ]);
});
