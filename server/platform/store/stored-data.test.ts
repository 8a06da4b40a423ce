import { describe, expect, test } from "bun:test";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import { openStoredData, type Steps } from "./stored-data.ts";

/** The two API calls that are used, over a map, and a lock that admits one holder at a time. */
function world(version?: number) {
  const data = new Map<string, string>();
  if (version !== undefined) data.set("data/version", JSON.stringify({ version }));
  const kv = {
    get: async (key: string) => (data.has(key) ? new TextEncoder().encode(data.get(key)) : null),
    set: async (key: string, value: string) => void data.set(key, value),
  } as unknown as KeyValueStore;
  let last: Promise<void> = Promise.resolve();
  const cluster = {
    async lock() {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return { signal: new AbortController().signal, release: async () => resolve() };
    },
  };
  return { data, kv, cluster, stored: () => JSON.parse(data.get("data/version") ?? "{}").version };
}

const traced = (): { ran: number[]; steps: Steps } => {
  const ran: number[] = [];
  const step = (version: number) => async () => {
    await Bun.sleep(1);
    ran.push(version);
  };
  return { ran, steps: { 0: step(0), 1: step(1), 2: step(2) } };
};

describe("the version of stored data", () => {
  test("is written by the first start", async () => {
    const { kv, cluster, stored } = world();
    await openStoredData(kv, cluster, { version: 1, steps: {} });
    expect(stored()).toBe(1);
  });

  test("is left alone when it is current", async () => {
    const { kv, cluster } = world(3);
    const { ran, steps } = traced();
    await openStoredData(kv, cluster, { version: 3, steps });
    expect(ran).toEqual([]);
  });

  test("older data is upgraded step by step", async () => {
    const { kv, cluster, stored } = world(1);
    const { ran, steps } = traced();
    await openStoredData(kv, cluster, { version: 3, steps });
    expect(ran).toEqual([1, 2]);
    expect(stored()).toBe(3);
  });

  test("two nodes at once run each step once", async () => {
    const { kv, cluster } = world(0);
    const { ran, steps } = traced();
    await Promise.all([1, 2].map(() => openStoredData(kv, cluster, { version: 3, steps })));
    expect(ran).toEqual([0, 1, 2]);
  });

  test("a failed step leaves the old version and releases the lock", async () => {
    const { kv, cluster, stored } = world(1);
    const failing: Steps = { 1: () => Promise.reject(new Error("no")) };
    await expect(openStoredData(kv, cluster, { version: 2, steps: failing })).rejects.toThrow("no");
    expect(stored()).toBe(1);
    const { steps } = traced();
    await openStoredData(kv, cluster, { version: 2, steps });
    expect(stored()).toBe(2);
  });

  test("newer data is refused with the cure and left untouched", async () => {
    const { data, kv, cluster } = world(2);
    const before = [...data];
    await expect(openStoredData(kv, cluster, { version: 1, steps: {} })).rejects.toThrow(
      /newer version of this plugin.*Install that version/,
    );
    expect([...data]).toEqual(before);
  });

  for (const rubbish of ["{}", '{"version":"2"}', '{"version":1.5}', "not JSON"]) {
    test(`refuses an unreadable version: ${rubbish}`, async () => {
      const { data, kv, cluster } = world();
      data.set("data/version", rubbish);
      await expect(openStoredData(kv, cluster, { version: 1, steps: {} })).rejects.toThrow();
      expect(data.get("data/version")).toBe(rubbish);
    });
  }
});
