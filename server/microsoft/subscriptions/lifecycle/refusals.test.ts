/** Steps that Microsoft refuses become problems of their wishes and are retried. */

import { describe, expect, test } from "bun:test";
import { newKeyText } from "../../../platform/store/sealed.ts";
import {
  HOUR,
  later,
  live,
  MINUTE,
  openSubscriptions,
  problem,
  started,
  use,
  world,
} from "../testing/one-subscription.ts";
import { ringOf, SubscriptionsWorld, TestListener } from "../testing/subscriptions-world.ts";

openSubscriptions();

describe("a refused step", () => {
  const refused: [name: string, before: () => void, code: string][] = [
    ["missing consent", () => world.tenant.revokeRole(world.clientId, "Chat.Read.All"), "permission_missing"],
    [
      "the organisation's quota",
      () => {
        world.graph.subscriptions.organisationLimit = 0;
      },
      "quota_of_organisation",
    ],
    [
      "a webhook that cannot be reached",
      () => {
        world.site.setReachable(false);
      },
      "webhook_unreachable",
    ],
    [
      "a proxy that answers in our place",
      () => {
        world.intercept = () => new Response("welcome");
      },
      "webhook_unreachable",
    ],
    [
      "a payment",
      () => world.graph.setFaults({ status: 402, failPath: "/subscriptions" }),
      "payment_required",
    ],
    [
      "too many requests",
      () => world.graph.setFaults({ status: 429, failPath: "/subscriptions" }),
      "microsoft_busy",
    ],
    ["an outage", () => world.graph.setFaults({ unreachable: true }), "microsoft_unreachable"],
    [
      "a channel that is gone",
      () => world.graph.setFaults({ status: 404, failPath: "/subscriptions" }),
      "resource_gone",
    ],
  ];
  for (const [name, before, code] of refused) {
    test(`${name} is shown as ${code}, and is over when its cause is fixed`, async () => {
      use(new SubscriptionsWorld());
      const node = world.node(new TestListener());
      before();
      node.subscriptions.start();
      await world.until(code, async () => (await problem()) === code);
      const calls = world.calls.length;
      await later(5_000);
      await Bun.sleep(20);
      expect(world.calls.filter((call) => call.startsWith("POST")).length).toBeLessThanOrEqual(calls);
      world.tenant.grantRole(world.clientId, "Chat.Read.All");
      world.graph.subscriptions.organisationLimit = 10_000;
      world.graph.healthy();
      world.site.setReachable(true);
      world.intercept = () => null;
      await later(15 * MINUTE);
      await live();
      expect(await problem()).toBeNull();
    });
  }

  test("a subscription of another server of the same app is left alone", async () => {
    await started();
    await live();
    const [theirs] = world.remote;
    const foreign = { ...theirs, id: "foreign", notificationUrl: "https://other.example/x" } as NonNullable<
      typeof theirs
    >;
    world.graph.subscriptions.all.clear();
    world.graph.subscriptions.all.set("foreign", foreign);
    await later(40 * HOUR);
    await world.until("the quota", async () => (await problem()) === "quota_of_app");
    expect(world.remote.map(({ id }) => id)).toEqual(["foreign"]);
  });

  test("a stray subscription of ours is deleted, and another one is made", async () => {
    use(new SubscriptionsWorld());
    const listener = new TestListener();
    const first = world.node(listener);
    first.subscriptions.start();
    await live();
    const [stray] = world.remote;
    for (const key of [...world.store.values.keys()])
      if (key.startsWith("subscription_")) world.store.values.delete(key);
    await first.subscriptions.stop();
    const second = world.node(listener);
    world.front = second;
    second.subscriptions.start();
    await world.until("another one", () => world.remote.length === 1 && world.remote[0]?.id !== stray?.id);
  });

  test("while no feature is on, nothing is locked or stored; the switch is noticed at once", async () => {
    use(new SubscriptionsWorld());
    const listener = new TestListener();
    listener.on = false;
    const node = world.node(listener);
    const locked: string[] = [];
    const { lock } = node.cluster;
    node.cluster.lock = (name, options) => {
      locked.push(name);
      return lock(name, options);
    };
    node.subscriptions.start();
    await world.clock.pass(5 * MINUTE);
    expect([locked, [...world.store.values.keys()]]).toEqual([[], []]);
    listener.on = true;
    world.config.save({});
    await world.until("the subscription", () => world.remote.length === 1);
  });

  test("a cause that is repaired during a round leads to another try at once, not after the wait", async () => {
    use(new SubscriptionsWorld());
    world.ring = null;
    const node = world.node(new TestListener());
    let isRight = false;
    world.store.before = (_, key) => {
      if (isRight || !key.startsWith("subscribed_")) return;
      isRight = true;
      world.ring = ringOf(newKeyText());
      node.subscriptions.retry();
    };
    node.subscriptions.start();
    await world.until("the subscription", () => world.remote.length === 1);
  });

  test("without an encryption key no subscription is requested, and the reason is shown", async () => {
    use(new SubscriptionsWorld());
    const { ring } = world;
    world.ring = null;
    const node = world.node(new TestListener());
    node.subscriptions.start();
    await world.until("the problem", async () => (await problem()) === "encryption_key_missing");
    expect(world.calls.some((call) => call.startsWith("POST"))).toBe(false);
    world.ring = ring;
    await later(5 * MINUTE);
    await live();
  });

  test("a failure of one feature's wishes leaves the others as they are", async () => {
    const broken = new TestListener("broken", []);
    broken.wishes = () => Promise.reject(new Error("no database"));
    use(new SubscriptionsWorld());
    const node = world.node(broken, new TestListener());
    node.subscriptions.start();
    await live();
    expect(world.warnings.join()).toContain("could not name");
  });
});
