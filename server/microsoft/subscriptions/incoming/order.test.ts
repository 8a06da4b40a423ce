/** Microsoft sends one notification per message: features get them in the order in which the messages were written. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { SentChange } from "../../../../e2e/sandbox/graph/changes.ts";
import {
  messageOf,
  type Node,
  SubscriptionsWorld,
  sent,
  TestListener,
} from "../testing/subscriptions-world.ts";

let world: SubscriptionsWorld;
let node: Node;
const listener = new TestListener();
let base = 1_790_000_000_000;

beforeAll(async () => {
  world = new SubscriptionsWorld();
  node = world.node(listener);
  node.subscriptions.start();
  await world.until("a subscription", async () =>
    (await node.subscriptions.status()).subscriptions.some(({ since }) => since !== null),
  );
});
afterAll(() => world.stop());
beforeEach(() => {
  world.store.before = () => {};
  listener.delivered.length = 0;
  listener.answer = () => ({ kind: "done" });
  base += 1_000;
});

/** How long a newer one waits for an older one. */
const MOST_MS = 500;
const id = (number: number) => String(base + number);
const notify = (...changes: SentChange[]) => world.graph.subscriptions.notify(...changes);
const delivered = () => listener.ids.map((one) => Number(one) - base);
const untilDelivered = (count: number) =>
  world.until("the changes", () => listener.delivered.length === count);

/** The first one of such calls to the store waits until `release` is called. */
function holdFirst(matches: (call: string, key: string) => boolean) {
  const held = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let isFirst = true;
  world.store.before = (call, key) => {
    if (!isFirst || !matches(call, key)) return;
    isFirst = false;
    reached.resolve();
    return held.promise;
  };
  return { reached: reached.promise, release: held.resolve };
}
const isBody = (call: string, key: string) => call === "set" && key.startsWith("changes_body_");

for (let round = 1; round <= 20; round += 1)
  test(`an older change is delivered first although the store is slow to take it (${round})`, async () => {
    const { reached, release } = holdFirst(isBody);
    const older = notify(sent(id(1)));
    await reached;
    await Bun.sleep(round % 5);
    await notify(sent(id(8)));
    await Bun.sleep(20);
    expect(delivered()).toEqual([]);
    release();
    await older;
    await untilDelivered(2);
    expect(delivered()).toEqual([1, 8]);
  });

test("the changes of one POST are delivered oldest first, whatever their order in it", async () => {
  await notify(sent(id(3)), sent(id(2)), sent(id(1)));
  await untilDelivered(3);
  expect(delivered()).toEqual([1, 2, 3]);
});

test("an older change that arrives while a newer one waits for its retry is delivered first", async () => {
  let refusals = 1;
  listener.answer = ({ resource }) =>
    resource.kind === "chat_message" && resource.messageId === id(9) && refusals-- > 0
      ? { kind: "retry", because: "not_yet", afterMs: 1_000 }
      : { kind: "done" };
  await notify(sent(id(9)));
  await world.until("the first try", () => refusals < 1);
  await notify(sent(id(2)), sent(id(1)));
  await world.clock.pass(2_000);
  await untilDelivered(3);
  expect(delivered()).toEqual([1, 2, 9]);
});

test("an edit that overtakes its message does not overtake older messages", async () => {
  const { reached, release } = holdFirst(isBody);
  const older = notify(sent(id(1)));
  await reached;
  await notify({ ...sent(id(5), { etag: "edited" }), changeType: "updated" });
  await notify(sent(id(5)));
  await Bun.sleep(20);
  release();
  await older;
  await untilDelivered(3);
  expect(delivered()[0]).toBe(1);
});

test("a deletion does not overtake messages that were written before it", async () => {
  const { reached, release } = holdFirst(isBody);
  const reply = notify(sent(id(5)));
  await reached;
  await notify({ ...sent(id(1), { etag: "gone" }), changeType: "deleted" });
  await Bun.sleep(20);
  release();
  await reply;
  await untilDelivered(2);
  expect(delivered()).toEqual([5, 1]);
});

test("a change of another chat does not wait", async () => {
  const { reached, release } = holdFirst(isBody);
  const older = notify(sent(id(1)));
  await reached;
  await notify({ ...sent(id(2)), resource: messageOf(id(2), "19:other@thread.v2") });
  await untilDelivered(1);
  expect(delivered()).toEqual([2]);
  release();
  await older;
  await untilDelivered(2);
});

test("a change that the store is slow to take delays newer ones by half a second at most", async () => {
  const { reached, release } = holdFirst(isBody);
  const older = notify(sent(id(1)));
  await reached;
  await notify(sent(id(2)));
  await world.until("the newer one waits", () => world.clock.hasSleeper(MOST_MS));
  expect(delivered()).toEqual([]);
  await world.clock.pass(MOST_MS);
  await untilDelivered(1);
  expect(delivered()).toEqual([2]);
  release();
  await older;
  await untilDelivered(2);
});

test("a change that the store refuses does not delay newer ones", async () => {
  let refused = 0;
  world.store.before = (call, key) => {
    if (isBody(call, key) && refused++ === 0) throw new Error("no database");
  };
  await notify(sent(id(1)));
  await notify(sent(id(2)));
  await world.until("both", () => listener.delivered.length >= 2);
  expect(delivered().sort()).toEqual([1, 2]);
});

describe("on two nodes", () => {
  let second: Node;
  beforeAll(async () => {
    second = world.node(new TestListener());
    second.subscriptions.start();
    await Bun.sleep(50);
  });
  afterAll(() => {
    world.front = node;
  });

  for (let round = 1; round <= 20; round += 1)
    test(`an older change on the node that does not work the queue is delivered first (${round})`, async () => {
      const { reached, release } = holdFirst(isBody);
      world.front = second;
      const older = notify(sent(id(1)));
      await reached;
      await Bun.sleep(round % 5);
      world.front = node;
      await notify(sent(id(8)));
      await Bun.sleep(20);
      expect(delivered()).toEqual([]);
      release();
      await older;
      await untilDelivered(2);
      expect(delivered()).toEqual([1, 8]);
    });

  test("a change that the other node cannot store delays newer ones by half a second at most", async () => {
    const refused = Promise.withResolvers<void>();
    world.store.before = (call, key) => {
      if (!isBody(call, key)) return;
      refused.resolve();
      throw new Error("no database");
    };
    world.front = second;
    const older = notify(sent(id(1)));
    await refused.promise;
    world.store.before = () => {};
    world.front = node;
    await notify(sent(id(2)));
    const isReady = () => listener.delivered.length > 0 || world.clock.hasSleeper(MOST_MS);
    await world.until("the newer one waits or is delivered", isReady);
    await world.clock.pass(MOST_MS);
    await world.until("both", () => listener.delivered.length >= 1);
    await older;
  });
});
