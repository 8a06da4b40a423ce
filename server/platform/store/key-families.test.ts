import { describe, expect, test } from "bun:test";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { declaredStore, type KeyFamily, platformKeys, UndeclaredKey } from "./key-families.ts";

const family = (prefix: string): KeyFamily => ({ prefix, holds: "", until: "" });
const store = (...prefixes: string[]) => {
  const api = new MemoryKv();
  const kv = declaredStore(makeKeyValueStore(api));
  kv.declare(prefixes.map(family));
  return { api, kv };
};

describe("a store with declared keys", () => {
  test("accepts keys of a declared family", async () => {
    const { kv } = store("chats_", "link.");
    await kv.set("chats_7", "a");
    expect(new TextDecoder().decode((await kv.get("chats_7")) ?? undefined)).toBe("a");
    expect(await kv.compareAndSet("link.x", null, new Uint8Array([1]))).toBe(true);
  });

  for (const key of ["chat_7", "xlink.", "lin", ""]) {
    test(`refuses "${key}" for reading and writing alike`, async () => {
      const { kv, api } = store("chats_", "link.");
      await expect(kv.get(key)).rejects.toThrow(UndeclaredKey);
      await expect(kv.set(key, "a")).rejects.toThrow(UndeclaredKey);
      await expect(kv.delete(key)).rejects.toThrow(UndeclaredKey);
      await expect(kv.compareAndSet(key, null, new Uint8Array([1]))).rejects.toThrow(UndeclaredKey);
      expect(api.values.size).toBe(0);
    });
  }

  test("refuses everything before the families are declared", async () => {
    const kv = declaredStore(makeKeyValueStore(new MemoryKv()));
    await expect(kv.get("data/version")).rejects.toThrow(UndeclaredKey);
  });

  test("the error contains no user id", async () => {
    const { kv } = store("chats_");
    await expect(kv.get(`other.${"a1".repeat(13)}`)).rejects.toThrow("no key family declares other.a…");
  });

  test("two families with the same prefix are an error at start", () => {
    expect(() => store("link.", "link.old.")).toThrow("two key families share the prefix link.");
    expect(() => store("link.", "link.")).toThrow("two key families");
  });

  test("the platform's own families do not collide", () => {
    expect(() => declaredStore(makeKeyValueStore(new MemoryKv())).declare(platformKeys)).not.toThrow();
  });
});
