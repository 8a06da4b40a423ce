import { describe, expect, test } from "bun:test";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { SharedRecord } from "./shared-record.ts";

const format = {
  empty: [] as readonly string[],
  parse(value: unknown) {
    if (!Array.isArray(value)) throw new Error("not a list");
    return value as readonly string[];
  },
  isEmpty: (list: readonly string[]) => list.length === 0,
};
const append = (item: string) => (list: readonly string[]) => ({
  next: [...list, item],
  result: list.length,
});

function world() {
  const api = new MemoryKv();
  const kv = makeKeyValueStore(api);
  const record = () => new SharedRecord(kv, "list", format);
  const stored = () => {
    const bytes = api.values.get("list");
    return bytes ? JSON.parse(new TextDecoder().decode(bytes)) : null;
  };
  return { api, record, stored };
}

describe("changes of one node", () => {
  test("a thousand concurrent changes take two calls, and each gets its own result", async () => {
    const { api, record, stored } = world();
    const list = record();
    const results = await Promise.all(Array.from({ length: 1000 }, (_, i) => list.change(append(`${i}`))));
    expect(results).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(stored()).toHaveLength(1000);
    expect(api.calls).toBe(2); // one read, one write
  });

  test("a change that returns the same state writes nothing", async () => {
    const { api, record } = world();
    const list = record();
    await list.change(append("a"));
    const before = api.calls;
    expect(await list.change((state) => ({ next: state, result: state.length }))).toBe(1);
    expect(api.calls).toBe(before);
  });

  test("an empty state deletes the record", async () => {
    const { record, stored } = world();
    const list = record();
    await list.change(append("a"));
    await list.change(() => ({ next: [], result: null }));
    expect(stored()).toBeNull();
  });
});

describe("two nodes", () => {
  test("concurrent changes of three nodes are all applied, each once", async () => {
    const { record, stored } = world();
    const nodes = [record(), record(), record()];
    await Promise.all(
      nodes.flatMap((node, n) => Array.from({ length: 50 }, (_, i) => node.change(append(`${n}-${i}`)))),
    );
    expect(new Set(stored()).size).toBe(150);
    expect(stored()).toHaveLength(150);
  });

  test("a read sees what another node wrote", async () => {
    const { record } = world();
    const [one, other] = [record(), record()];
    await one.change(append("a"));
    expect(await other.read()).toEqual(["a"]);
    await other.change(append("b"));
    expect(await one.read()).toEqual(["a", "b"]);
  });
});

describe("a store that fails", () => {
  test("rejects the changes of that write; the next one reads again and succeeds", async () => {
    const { api, record, stored } = world();
    const list = record();
    await list.change(append("a"));
    let failures = 1;
    api.beforeWrite = () => {
      if (failures-- > 0) throw new Error("no database");
    };
    await expect(list.change(append("b"))).rejects.toThrow("no database");
    await list.change(append("c"));
    expect(stored()).toEqual(["a", "c"]);
  });

  test("a write whose answer is lost is not repeated", async () => {
    const { api, record, stored } = world();
    const list = record();
    await list.change(append("a"));
    const { kvSetWithOptions } = api;
    api.kvSetWithOptions = async (...all) => {
      api.kvSetWithOptions = kvSetWithOptions;
      await kvSetWithOptions.apply(api, all);
      throw new Error("connection lost");
    };
    await list.change(append("b"));
    expect(stored()).toEqual(["a", "b"]);
  });

  test("a record of another format is not overwritten", async () => {
    const { api, record } = world();
    api.values.set("list", new TextEncoder().encode('{"a":1}'));
    await expect(record().change(append("b"))).rejects.toThrow("not a list");
    expect(new TextDecoder().decode(api.values.get("list"))).toBe('{"a":1}');
  });
});
