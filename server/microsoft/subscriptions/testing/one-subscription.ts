/** A node with one subscription, and time that passes. */

import { afterEach } from "bun:test";
import { type Node, SubscriptionsWorld, TestListener } from "./subscriptions-world.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export let world: SubscriptionsWorld;
/** Another world than `started` makes; it is stopped after the test, too. */
export function use(other: SubscriptionsWorld): void {
  world = other;
}

export async function started(listener = new TestListener(), raw: Record<string, unknown> = {}) {
  world = new SubscriptionsWorld(raw);
  const node = world.node(listener);
  node.subscriptions.start();
  return { node, listener };
}

export const live = (count = 1) =>
  world.until(`${count} live subscriptions`, async () => {
    const { subscriptions } = await (world.front as Node).subscriptions.status();
    const known = subscriptions.filter(({ since }) => since !== null).length;
    return world.remote.length === count && known === count;
  });

/** Advances the clock and starts a round. */
export async function later(ms: number, node = world.front as Node): Promise<void> {
  world.clock.jumpTo(world.clock.now() + ms);
  node.subscriptions.wishesChanged();
  await Bun.sleep(1);
}

export const state = async (node = world.front as Node) =>
  (await node.subscriptions.status()).subscriptions[0];
export const problem = async () => (await state())?.problem?.code ?? null;

/** For the head of a test file. */
export function openSubscriptions(): void {
  afterEach(() => world.stop());
}
