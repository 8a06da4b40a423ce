import { describe, expect, test } from "bun:test";
import { makeKeyValueStore, TooMuchContention } from "./kv.ts";
import { MemoryKv } from "./testing/kv.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const orNull = (text: string | null) => (text === null ? null : bytes(text));

function store() {
  const memory = new MemoryKv();
  return { memory, kv: makeKeyValueStore(memory) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("values", () => {
  test("are bytes or text, and null when absent", async () => {
    const { kv } = store();
    expect(await kv.get("a")).toBeNull();
    await kv.set("a", "text");
    await kv.set("b", Uint8Array.of(0, 255));
    expect(await kv.get("a")).toEqual(bytes("text"));
    expect(await kv.get("b")).toEqual(Uint8Array.of(0, 255));
    await kv.delete("a");
    expect(await kv.get("a")).toBeNull();
  });

  test("expire in whole seconds, rounded up", async () => {
    const { kv, memory } = store();
    await kv.set("a", "x", { expireInSeconds: 1.2 });
    await kv.set("b", "x");
    expect(memory.expiries).toEqual(
      new Map([
        ["a", 2],
        ["b", 0],
      ]),
    );
  });

  const refused: [string, () => Promise<unknown>][] = [
    ["an empty value", () => store().kv.set("a", "")],
    ["an empty value in a comparison", () => store().kv.compareAndSet("a", null, new Uint8Array(0))],
    ["an empty key", () => store().kv.get("")],
    ["an empty key in a comparison", () => store().kv.compareAndSet("", null, bytes("x"))],
    ["a key of 151 characters", () => store().kv.set("k".repeat(151), "x")],
    ["no time to live", () => store().kv.set("a", "x", { expireInSeconds: 0 })],
    ["a time to live that is not a number", () => store().kv.set("a", "x", { expireInSeconds: Number.NaN })],
  ];
  for (const [name, attempt] of refused) {
    test(`${name} is refused before it is sent`, () => {
      expect(attempt()).rejects.toBeInstanceOf(RangeError);
    });
  }

  test("a key of 150 characters, some of them astral, is fine", async () => {
    const { kv } = store();
    await kv.set("😀".repeat(150), "x");
    expect(await kv.get("😀".repeat(150))).toEqual(bytes("x"));
  });
});

describe("compareAndSet", () => {
  const cases: [string, string | null, string | null, string | null, boolean, string | null][] = [
    // what                        stored  expected next   answer  stored now
    ["creates what is absent", null, null, "new", true, "new"],
    ["does not create over another's", "old", null, "new", false, "old"],
    ["replaces what is known", "old", "old", "new", true, "new"],
    ["does not replace what changed", "other", "old", "new", false, "other"],
    ["does not replace what is gone", null, "old", "new", false, null],
    ["deletes what is known", "old", "old", null, true, null],
    ["does not delete what changed", "other", "old", null, false, "other"],
    ["of nothing with nothing", null, null, null, true, null],
    ["of nothing with nothing, where something is", "old", null, null, false, "old"],
  ];
  for (const [name, stored, expected, next, answer, after] of cases) {
    test(name, async () => {
      const { kv } = store();
      if (stored) await kv.set("k", stored);
      expect(await kv.compareAndSet("k", orNull(expected), orNull(next))).toBe(answer);
      expect(await kv.get("k")).toEqual(orNull(after));
    });
  }
});

describe("list", () => {
  test("gives the keys with a prefix, over pages", async () => {
    const { kv, memory } = store();
    for (let i = 0; i < 2500; i++) memory.values.set(`user_${String(i).padStart(5, "0")}`, bytes("x"));
    memory.values.set("other", bytes("x"));
    expect((await all(kv.list("user_"))).length).toBe(2500);
    expect(memory.calls).toBe(3);
    expect(await all(kv.list("user_0000"))).toHaveLength(10);
    expect(await all(kv.list("nobody"))).toEqual([]);
  });

  test("loses no key when keys are deleted while listing", async () => {
    const { kv, memory } = store();
    for (let i = 0; i < 2000; i++) memory.values.set(`k${i}`, bytes("x"));
    for await (const key of kv.list("k")) await kv.delete(key);
    expect(memory.values.size).toBe(0);
  });
});

describe("json", () => {
  const parse = (value: unknown): number => {
    if (typeof value !== "number") throw new TypeError("no number");
    return value;
  };

  test("reads and writes what parse accepts", async () => {
    const { kv } = store();
    const numbers = kv.json(parse);
    expect(await numbers.get("n")).toBeNull();
    await numbers.set("n", 5);
    expect(await numbers.get("n")).toBe(5);
    await kv.set("n", '"five"');
    expect(numbers.get("n")).rejects.toThrow("no number");
    await kv.set("n", "{");
    expect(numbers.get("n")).rejects.toBeInstanceOf(SyntaxError);
  });

  test("update loses no change of 20 concurrent writers", async () => {
    const { kv } = store();
    const numbers = kv.json(parse);
    await Promise.all(Array.from({ length: 20 }, () => numbers.update("n", (n) => (n ?? 0) + 1)));
    expect(await numbers.get("n")).toBe(20);
  });

  test("update deletes for null, and returns what is stored", async () => {
    const { kv } = store();
    const numbers = kv.json(parse);
    expect(await numbers.update("n", () => 1)).toBe(1);
    expect(await numbers.update("n", async () => null)).toBeNull();
    expect(await kv.get("n")).toBeNull();
  });

  test("update gives up when another writer is always faster", async () => {
    const { kv, memory } = store();
    let turn = 0;
    memory.beforeWrite = () => {
      memory.values.set("n", bytes(String(turn++)));
    };
    const numbers = kv.json(parse);
    expect(numbers.update("n", (n) => (n ?? 0) + 1)).rejects.toBeInstanceOf(TooMuchContention);
  });

  test("an error of the change function is thrown, and nothing is written", async () => {
    const { kv, memory } = store();
    const failing = kv.json(parse).update("n", () => {
      throw new Error("no");
    });
    expect(failing).rejects.toThrow("no");
    expect(memory.values.size).toBe(0);
  });
});
