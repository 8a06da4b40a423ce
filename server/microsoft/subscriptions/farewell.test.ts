import { afterAll, describe, expect, test } from "bun:test";
import { createAppTokens } from "../entra/app-token.ts";
import { createGraph } from "../graph/index.ts";
import { createSubscriptions } from "./index.ts";
import { SubscriptionsWorld, TestListener } from "./testing/subscriptions-world.ts";

const worlds: SubscriptionsWorld[] = [];
afterAll(() => Promise.all(worlds.map((w) => w.stop())));

async function world(isSwitchedOff: () => Promise<boolean>) {
  const w = new SubscriptionsWorld();
  worlds.push(w);
  const { config, fetch } = w;
  const last = createGraph({
    config,
    fetch,
    tokens: createAppTokens({ config, fetch }),
    sleep: async () => {},
  });
  w.make = (ports) => createSubscriptions({ ...ports, end: { isSwitchedOff, graph: () => last } });
  const node = w.node(new TestListener());
  node.subscriptions.start();
  await w.until(
    "a subscription whose id is kept",
    async () =>
      w.remote.length === 1 && (await node.subscriptions.status()).subscriptions[0]?.expiresAt !== undefined,
  );
  await w.until("the registration has its id", () =>
    [...w.store.values.values()].some((value) =>
      Buffer.from(value)
        .toString()
        .includes(w.remote[0]?.id ?? "?"),
    ),
  );
  return { w, node };
}

describe("the end of the plugin", () => {
  test("by an admin who switches it off deletes its subscriptions at Microsoft", async () => {
    const { w, node } = await world(async () => true);
    await node.subscriptions.stop();
    expect(w.remote).toEqual([]);
  });

  test("by a restart of the server keeps them", async () => {
    const { w, node } = await world(async () => false);
    await node.subscriptions.stop();
    expect(w.remote).toHaveLength(1);
  });

  test("where nobody can say why keeps them", async () => {
    const { w, node } = await world(() => Promise.reject(new Error("the server is gone")));
    await node.subscriptions.stop();
    expect(w.remote).toHaveLength(1);
  });

  test("does not wait for a Microsoft that does not answer", async () => {
    const { w, node } = await world(async () => true);
    w.graph.setFaults({ delayMs: 60_000 });
    const ended = await Promise.race([node.subscriptions.stop().then(() => "ended"), Bun.sleep(5_000)]);
    expect(ended).toBe("ended");
    w.graph.healthy();
  });

  test("and switched on again it subscribes anew", async () => {
    const { w, node } = await world(async () => true);
    await node.subscriptions.stop();
    node.subscriptions.start();
    await w.until("a subscription again", () => w.remote.length === 1);
  });
});
