/** Nothing is lost while Graph is away, a node dies or the plugin is stopped. */

import { describe, expect, test } from "bun:test";
import { error } from "../testing/graph-stand-in.ts";
import { MINUTE, rigOf, say, settle, TOWN } from "../testing/rig.ts";

describe("nothing is lost", () => {
  test("another node continues where the first one died", async () => {
    const r = rigOf();
    for (let i = 0; i < 450; i += 1) r.world.person(`member${i}`);
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    await first.posted(say(r, "@channel"));
    await r.clock.pass(700);
    expect(r.graph.requests.length).toBe(2);
    first.loseLocks();
    await r.clock.pass(MINUTE);
    const times = new Map<string, number>();
    for (const one of r.graph.sent) times.set(one.objectId, (times.get(one.objectId) ?? 0) + 1);
    expect(times.size).toBe(452);
    expect([...times.values()].filter((count) => count > 1).length).toBeLessThanOrEqual(100);
    expect(r.store.waiting).toEqual([]);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("a post that another node received is delivered by the working node", async () => {
    const r = rigOf();
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    expect([first, second].map((node) => node.notifications.state().delivering)).toEqual([true, false]);
    await second.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual(["bob: @alice mentioned you in Town Square"]);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("an entry that is read while the node loses its lock is not delivered by both nodes", async () => {
    const r = rigOf();
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    const get = r.store.get.bind(r.store);
    let answer = () => {};
    await second.posted(say(r, "@carol first, so that everything is read"));
    await r.clock.pass(1000);
    let reads = 0;
    r.store.get = async (key) => {
      const value = await get(key);
      // The second node reads before it writes; the first one reads when it hears of the entry.
      if (key.startsWith("queue_activity_") && ++reads === 2)
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      return value;
    };
    await second.posted(say(r, "@bob"));
    await settle();
    expect(reads).toBe(2);
    first.loseLocks();
    await r.clock.pass(MINUTE);
    expect(r.feed.slice(1)).toEqual(["bob: @alice mentioned you in Town Square"]);
    answer();
    await settle();
    second.loseLocks();
    await r.clock.pass(MINUTE);
    expect(r.feed.slice(1)).toEqual(["bob: @alice mentioned you in Town Square"]);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("activities that one node delivered for another are not sent again when the other takes over", async () => {
    const r = rigOf();
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    for (let i = 0; i < 5; i += 1) {
      r.clock.time += 1;
      await second.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(MINUTE);
    first.loseLocks();
    await r.clock.pass(5 * MINUTE);
    expect(second.notifications.state().delivering).toBe(true);
    expect(r.graph.sent.map((one) => one.preview)).toEqual([0, 1, 2, 3, 4].map((i) => `@bob ${i}`));
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("a post that waits is not sent twice although the outbox is read every minute", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(429, "TooManyRequests", "slow down", { "Retry-After": "600" }));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(30 * MINUTE);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("an accepted request whose answer got lost is repeated once, not for ever", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push("take it, then hang up");
    await node.posted(say(r, "@bob"));
    await r.clock.pass(MINUTE);
    expect(r.feed.length).toBe(2);
    await node.notifications.stop();
  });

  test("the store fails for a while: the activity is still delivered, once", async () => {
    const r = rigOf();
    for (let i = 0; i < 250; i += 1) r.world.person(`member${i}`);
    const node = r.node();
    await r.clock.pass(0);
    let failures = 0;
    r.store.before = (_call, key) => {
      if (key.startsWith("queue_activity_") && failures++ < 6) throw new Error("database is down");
    };
    await node.posted(say(r, "@channel"));
    await r.clock.pass(5 * MINUTE);
    const times = new Map<string, number>();
    for (const one of r.graph.sent) times.set(one.objectId, (times.get(one.objectId) ?? 0) + 1);
    expect(times.size).toBe(252);
    expect(Math.max(...times.values())).toBe(1);
    await node.notifications.stop();
  });

  test("the plugin API fails for a while: sent later", async () => {
    const r = rigOf();
    const node = r.node();
    await r.clock.pass(0);
    const { rows } = r.world;
    const saved = rows.get(TOWN);
    Object.defineProperty(r.world, "rows", {
      value: {
        get: () => {
          throw new Error("connection lost");
        },
      },
      configurable: true,
    });
    await node.posted(say(r, "@bob"));
    await r.clock.pass(10_000);
    expect(r.feed).toEqual([]);
    Object.defineProperty(r.world, "rows", { value: new Map([[TOWN, saved]]), configurable: true });
    await r.clock.pass(MINUTE);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("a post that was deleted meanwhile is not sent after a restart", async () => {
    const r = rigOf();
    const first = r.node();
    await r.clock.pass(0);
    r.graph.script.push("hang up", "hang up");
    const post = say(r, "@bob secret");
    await first.posted(post);
    await r.clock.pass(100);
    first.loseLocks();
    await first.notifications.stop();
    r.world.posts.delete(post.Id);
    const second = r.node();
    await r.clock.pass(MINUTE);
    expect(r.feed).toEqual([]);
    expect(r.store.waiting).toEqual([]);
    await second.notifications.stop();
  });

  test("no message text is stored", async () => {
    const r = rigOf();
    const node = r.node();
    await r.clock.pass(0);
    await node.posted(say(r, "@bob the code word is xyzzy"));
    for (const value of r.store.values.values())
      expect(new TextDecoder().decode(value)).not.toContain("xyzzy");
    await settle();
    await node.notifications.stop();
  });
});
