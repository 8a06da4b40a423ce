/** The implementation is loaded when a feature listens, and removes subscriptions that were made before. */

import { afterEach, describe, expect, test } from "bun:test";
import { SubscriptionsWorld, TestListener } from "./testing/subscriptions-world.ts";

let world: SubscriptionsWorld;
afterEach(() => world.stop());

/** Long enough for an error to show. */
const pause = () => Bun.sleep(50);

function off(): TestListener {
  const listener = new TestListener();
  listener.on = false;
  return listener;
}

describe("while every feature is off", () => {
  test("a start stores nothing and sends nothing to Microsoft", async () => {
    world = new SubscriptionsWorld();
    const { subscriptions } = world.node(off());
    subscriptions.start();
    subscriptions.wishesChanged();
    subscriptions.retry();
    await pause();
    expect([...world.store.values.keys()]).toEqual([]);
    expect(world.calls).toEqual([]);
  });

  test("subscriptions made before are removed", async () => {
    world = new SubscriptionsWorld();
    const before = world.node(new TestListener());
    before.subscriptions.start();
    // The answer must be stored: a subscription whose answer is lost is found only by the sweep, hours later.
    await world.until("a subscription", async () => {
      const [one] = (await before.subscriptions.status()).subscriptions;
      return world.remote.length === 1 && typeof one?.since === "number";
    });
    await before.subscriptions.stop();

    world.node(off()).subscriptions.start();
    await world.until("no subscription", () => world.remote.length === 0);
  });
});

test("a feature that is switched on later receives changes without a restart", async () => {
  world = new SubscriptionsWorld();
  const listener = off();
  const { subscriptions } = world.node(listener);
  subscriptions.start();
  await pause();
  listener.on = true;
  world.config.save({});
  await world.until("a subscription", () => world.remote.length === 1);
});

test("a stop before loading leaves nothing running", async () => {
  world = new SubscriptionsWorld();
  const { subscriptions } = world.node(new TestListener());
  subscriptions.start();
  await subscriptions.stop();
  await pause();
  expect(world.calls).toEqual([]);
});
