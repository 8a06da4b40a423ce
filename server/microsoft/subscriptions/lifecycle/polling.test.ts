/** Polling in place of the webhook, and nothing at all where no feature listens. */

import { describe, expect, test } from "bun:test";
import { GraphError } from "../../graph/index.ts";
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
import { SubscriptionsWorld, TestListener } from "../testing/subscriptions-world.ts";

openSubscriptions();

describe("polling", () => {
  test("makes no subscription but reads periodically, and reports its longest delay", async () => {
    const { node, listener } = await started(new TestListener(), { change_delivery: "polling" });
    await world.until("the first reading", () => listener.gaps.length === 1);
    await later(6 * MINUTE);
    await world.until("the second one", () => listener.gaps.length === 2);
    const [one, two] = listener.gaps;
    expect(two?.from).toBe((one?.to ?? 0) - 2 * MINUTE);
    expect(world.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
    const { delayMs, subscriptions } = await node.subscriptions.status();
    expect(delayMs).toBe(5 * MINUTE);
    expect(subscriptions[0]).toMatchObject({ delivery: "polling", since: null, problem: null });
  });

  test("goes on when the clock is set back by three hours, and reads what came since the last reading", async () => {
    const { listener } = await started(new TestListener(), { change_delivery: "polling" });
    await world.until("the first reading", () => listener.gaps.length === 1);
    await later(-3 * HOUR);
    await world.until("the second one", () => listener.gaps.length === 2);
    const now = world.clock.now();
    expect(listener.gaps[1]).toMatchObject({ from: now - 7 * MINUTE, to: now });
    await later(6 * MINUTE);
    await world.until("the third one", () => listener.gaps.length === 3);
    expect(listener.gaps[2]?.from).toBe(now - 2 * MINUTE);
  });

  test("a refused step is tried again when the clock is set back", async () => {
    const listener = new TestListener();
    listener.fill = () =>
      Promise.reject(
        new GraphError({ status: 503, code: "x", says: "", requestId: null, retryAfterMs: null }),
      );
    await started(listener, { change_delivery: "polling" });
    await world.until("the failure", async () => (await problem()) === "gap_not_filled");
    listener.fill = () => {};
    await later(-3 * HOUR);
    await world.until("it is over", async () => (await problem()) === null);
  });

  test("replaces subscriptions, and is replaced by them", async () => {
    const { listener } = await started();
    await live();
    world.config.save({ change_delivery: "polling" });
    await world.until("no subscription", () => world.remote.length === 0);
    const before = listener.gaps.length;
    await later(HOUR);
    await world.until("a reading", () => listener.gaps.length > before);
    world.config.save({ change_delivery: "webhook" });
    await live();
  });

  test("a failed read is retried with the whole window", async () => {
    const listener = new TestListener();
    listener.fill = () =>
      Promise.reject(
        new GraphError({ status: 503, code: "x", says: "", requestId: null, retryAfterMs: null }),
      );
    await started(listener, { change_delivery: "polling" });
    await world.until("the failure", async () => (await problem()) === "gap_not_filled");
    listener.fill = () => {};
    await later(10 * MINUTE);
    await world.until("it is over", async () => (await problem()) === null);
    expect(listener.gaps.at(-1)?.from).toBe(listener.gaps[0]?.from ?? 0);
  });
});

test("without a listening feature there is no address, no lock and no record", async () => {
  use(new SubscriptionsWorld());
  const node = world.node();
  node.subscriptions.start();
  expect((await node.post({ value: [] })).status).toBe(404);
  expect((await node.request("/api/v1/graph/changes?validationToken=x", { method: "POST" })).status).toBe(
    404,
  );
  await node.subscriptions.stop();
  expect([...world.store.values.keys()]).toEqual([]);
  expect(world.calls).toEqual([]);
});
