/** Microsoft notifies of each message by itself: features hear of them in the order in which they were written. */

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
  listener.heard.length = 0;
  listener.answer = () => ({ kind: "done" });
  base += 1_000;
});

/** How long a newer one waits for an older one. */
const MOST_MS = 500;
const id = (number: number) => String(base + number);
const notify = (...changes: SentChange[]) => world.graph.subscriptions.notify(...changes);
const heard = () => listener.ids.map((one) => Number(one) - base);
const hears = (count: number) => world.until("the changes", () => listener.heard.length === count);

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
  test(`the older one of two waits for its record in the store: it is heard first (${round})`, async () => {
    const { reached, release } = holdFirst(isBody);
    const older = notify(sent(id(1)));
    await reached;
    await Bun.sleep(round % 5);
    await notify(sent(id(8)));
    await Bun.sleep(20);
    expect(heard()).toEqual([]);
    release();
    await older;
    await hears(2);
    expect(heard()).toEqual([1, 8]);
  });

test("one POST with several, the newest first: the oldest is heard first", async () => {
  await notify(sent(id(3)), sent(id(2)), sent(id(1)));
  await hears(3);
  expect(heard()).toEqual([1, 2, 3]);
});

test("what comes while a newer one is tried again is heard before it", async () => {
  let refusals = 1;
  listener.answer = ({ resource }) =>
    resource.kind === "chat_message" && resource.messageId === id(9) && refusals-- > 0
      ? { kind: "retry", because: "not_yet", afterMs: 1_000 }
      : { kind: "done" };
  await notify(sent(id(9)));
  await world.until("the first try", () => refusals < 1);
  await notify(sent(id(2)), sent(id(1)));
  await world.clock.pass(2_000);
  await hears(3);
  expect(heard()).toEqual([1, 2, 9]);
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
  await hears(3);
  expect(heard()[0]).toBe(1);
});

test("a deletion does not overtake what was written before it", async () => {
  const { reached, release } = holdFirst(isBody);
  const reply = notify(sent(id(5)));
  await reached;
  await notify({ ...sent(id(1), { etag: "gone" }), changeType: "deleted" });
  await Bun.sleep(20);
  release();
  await reply;
  await hears(2);
  expect(heard()).toEqual([5, 1]);
});

test("another chat waits for nobody", async () => {
  const { reached, release } = holdFirst(isBody);
  const older = notify(sent(id(1)));
  await reached;
  await notify({ ...sent(id(2)), resource: messageOf(id(2), "19:other@thread.v2") });
  await hears(1);
  expect(heard()).toEqual([2]);
  release();
  await older;
  await hears(2);
});

test("one whose record is not stored for long holds up nobody for longer than half a second", async () => {
  const { reached, release } = holdFirst(isBody);
  const older = notify(sent(id(1)));
  await reached;
  await notify(sent(id(2)));
  await world.until("the newer one waits", () => world.clock.hasSleeper(MOST_MS));
  expect(heard()).toEqual([]);
  await world.clock.pass(MOST_MS);
  await hears(1);
  expect(heard()).toEqual([2]);
  release();
  await older;
  await hears(2);
});

test("one that the store refuses holds up nobody", async () => {
  let refused = 0;
  world.store.before = (call, key) => {
    if (isBody(call, key) && refused++ === 0) throw new Error("no database");
  };
  await notify(sent(id(1)));
  await notify(sent(id(2)));
  await world.until("both", () => listener.heard.length >= 2);
  expect(heard().sort()).toEqual([1, 2]);
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
    test(`the older one is on the node that does not work them off: it is heard first (${round})`, async () => {
      const { reached, release } = holdFirst(isBody);
      world.front = second;
      const older = notify(sent(id(1)));
      await reached;
      await Bun.sleep(round % 5);
      world.front = node;
      await notify(sent(id(8)));
      await Bun.sleep(20);
      expect(heard()).toEqual([]);
      release();
      await older;
      await hears(2);
      expect(heard()).toEqual([1, 8]);
    });

  test("one that the other node cannot store holds up nobody for longer than half a second", async () => {
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
    const isReady = () => listener.heard.length > 0 || world.clock.hasSleeper(MOST_MS);
    await world.until("the newer one waits or is heard", isReady);
    await world.clock.pass(MOST_MS);
    await world.until("both", () => listener.heard.length >= 1);
    await older;
  });
});
