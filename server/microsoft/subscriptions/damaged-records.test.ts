/** Unreadable records are created again, and features continue to receive changes. */

import { afterEach, expect, test } from "bun:test";
import { SubscriptionsWorld, sent, TestListener } from "./testing/subscriptions-world.ts";

const MINUTE = 60_000;
let world: SubscriptionsWorld;
afterEach(() => world.stop());

const damaged = ["\u0000garbage", '{"v":1,"keys":[', "[]", "null", '{"v":7}'];

for (const prefix of ["subscription_", "subscribed_", "subscriptions_keys", "changes_seen_"]) {
  for (const text of damaged) {
    test(`${prefix} as ${JSON.stringify(text)}: changes are delivered afterwards, also after a restart`, async () => {
      world = new SubscriptionsWorld();
      const listener = new TestListener();
      const first = world.node(listener);
      first.subscriptions.start();
      const isLive = async (node: typeof first) =>
        (await node.subscriptions.status()).subscriptions.some(({ since }) => since !== null);
      await world.until("a subscription", () => isLive(first));
      await world.graph.subscriptions.notify(sent("before"));
      await world.until("the first change", () => listener.ids.includes("before"));
      await first.subscriptions.stop();

      for (const key of world.store.values.keys())
        if (key.startsWith(prefix)) world.store.values.set(key, new TextEncoder().encode(text));
      const second = world.node(listener);
      world.front = second;
      second.subscriptions.start();
      world.clock.jumpTo(world.clock.now() + 11 * MINUTE);
      second.subscriptions.wishesChanged();
      await world.until(
        "one live subscription",
        async () => world.remote.length === 1 && (await isLive(second)),
      );
      await world.until("a change", async () => {
        await world.graph.subscriptions.notify(sent(`after-${Math.random()}`));
        return listener.ids.some((id) => id.startsWith("after"));
      });
      expect(world.remote).toHaveLength(1);
    });
  }
}
