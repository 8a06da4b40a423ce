import { describe, expect, test } from "bun:test";
import { GraphUnreachable } from "../../../microsoft/graph/index.ts";
import { MemoryStore } from "../testing/memory-store.ts";
import { Settings } from "../testing/rig.ts";
import { createCatalog } from "./catalog.ts";

const MINUTE = 60_000;

function world(over: object = {}) {
  const store = new MemoryStore();
  const config = new Settings(over);
  const w = { store, config, now: 0, id: "catalog-1" as string | null, lookups: 0, fails: false };
  const graph = {
    catalogApp: async (externalId: string) => {
      w.lookups += 1;
      if (w.fails) throw new GraphUnreachable("no answer");
      return w.id === null ? null : { id: w.id, externalId, displayName: "", versions: [] };
    },
  };
  const node = () => createCatalog({ config, graph, kv: store, now: () => w.now });
  return { ...w, w, graph, node };
}

describe("the app's catalog id", () => {
  test("is looked up once for many callers, and shared with the other nodes", async () => {
    const { w, node } = world();
    const first = node();
    await Promise.all(Array.from({ length: 50 }, () => first.address("post_a")));
    expect(await node().appId()).toBe("catalog-1");
    expect(w.lookups).toBe(1);
  });

  test("costs nothing once it is known", async () => {
    const { store, node } = world();
    const catalog = node();
    await catalog.appId();
    store.calls = 0;
    await catalog.address("post_a");
    expect(store.calls).toBe(0);
  });

  test("is looked up again after a day", async () => {
    const { w, node } = world();
    const catalog = node();
    await catalog.appId();
    w.now += 25 * 60 * MINUTE;
    w.id = "catalog-2";
    expect(await catalog.appId()).toBe("catalog-2");
  });

  test("is looked up for the new settings when they changed during the look-up", async () => {
    const { w, config, graph, node } = world();
    const answer = Promise.withResolvers<void>();
    const { catalogApp } = graph;
    graph.catalogApp = async (externalId) => {
      const found = await catalogApp(externalId);
      if (w.lookups === 1) await answer.promise;
      return found;
    };
    const catalog = node();
    const first = catalog.appId();
    await Bun.sleep(1);
    config.set({ m365_tenant_id: "77777777-2222-4333-8444-555555555555" });
    w.id = "catalog-other";
    const second = catalog.appId();
    await Bun.sleep(1);
    answer.resolve();
    expect(await second).toBe("catalog-other");
    expect(await first).toBe("catalog-other");
    expect(w.lookups).toBe(2);
  });

  for (const [name, over] of Object.entries({
    "another app": { app_id: "77777777-2222-4333-8444-555555555555" },
    "another tenant": { m365_tenant_id: "77777777-2222-4333-8444-555555555555" },
    "another cloud": { national_cloud: "gcchigh" },
  })) {
    test(`${name}: the stored record is ignored`, async () => {
      const { w, node, config } = world();
      const catalog = node();
      await catalog.appId();
      w.id = "catalog-other";
      config.set(over);
      expect(await catalog.appId()).toBe("catalog-other");
    });
  }

  for (const text of ["{", '{"catalogId":"x"}', "[]"]) {
    test(`a stored record like ${text} is ignored`, async () => {
      const { store, node } = world();
      await store.set("catalog_app", text);
      expect(await node().appId()).toBe("catalog-1");
    });
  }

  test("a failing store does not matter", async () => {
    const { store, node } = world();
    store.before = () => {
      throw new Error("database is down");
    };
    expect(await node().appId()).toBe("catalog-1");
  });

  test("missing, unreachable and not configured are three outcomes", async () => {
    const missing = world();
    missing.w.id = null;
    await expect(missing.node().appId()).rejects.toMatchObject({ code: "catalog_app_missing" });
    const silent = world();
    silent.w.fails = true;
    await expect(silent.node().appId()).rejects.toThrow(GraphUnreachable);
    await expect(world({ app_id: "" }).node().appId()).rejects.toMatchObject({ code: "not_configured" });
  });

  test("a missing app is not remembered: it is found as soon as it is uploaded", async () => {
    const { w, node } = world();
    w.id = null;
    const catalog = node();
    await expect(catalog.appId()).rejects.toThrow();
    w.id = "catalog-1";
    expect(await catalog.appId()).toBe("catalog-1");
  });

  test("a refusal causes another look-up, but not every refusal does", async () => {
    const { w, node } = world();
    const catalog = node();
    await catalog.appId();
    expect(await catalog.renew()).toBe(false);
    w.now += 6 * MINUTE;
    expect(await catalog.renew()).toBe(false);
    w.now += 6 * MINUTE;
    w.id = "catalog-2";
    expect(await catalog.renew()).toBe(true);
    expect(await catalog.renew()).toBe(false);
    expect(w.lookups).toBe(3);
    expect(await catalog.appId()).toBe("catalog-2");
  });
});
