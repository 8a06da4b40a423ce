/** Tests what waits while Microsoft does not answer: a limited number of posts, and summaries that are still wanted. */

import { describe, expect, test } from "bun:test";
import { MINUTE, rigOf, say } from "../testing/rig.ts";
import { idOf } from "../testing/world.ts";

describe("while Microsoft does not answer", () => {
  test("no more posts wait than the limit allows", async () => {
    const r = rigOf();
    const node = r.node({ maxWaitingPosts: 3 });
    await r.clock.pass(0);
    r.graph.script.push(...Array.from({ length: 1000 }, () => "hang up" as const));
    for (let i = 0; i < 20; i += 1) {
      await node.posted(say(r, `@bob ${i}`));
      await r.clock.pass(MINUTE);
    }
    expect(node.notifications.state().waitingPosts).toBeLessThanOrEqual(4);
    await node.notifications.stop();
  });

  test("a post that waits is not sent when an admin switches the feature off", async () => {
    const r = rigOf();
    const node = r.node();
    await r.clock.pass(0);
    r.graph.script.push(new Response(null, { status: 429, headers: { "Retry-After": "300" } }));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(MINUTE);
    r.config.set({ disable_user_activity_notifications: true });
    await r.clock.pass(10 * MINUTE);
    expect(r.feed).toEqual([]);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });
});

describe("a summary", () => {
  async function burst() {
    const r = rigOf();
    const node = r.node({ intervalMs: 0 });
    await r.clock.pass(0);
    for (let i = 0; i < 15; i += 1) {
      r.clock.time += 10;
      await node.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(9);
    return { r, node };
  }

  test("a member who switches their notifications off gets no summary either", async () => {
    const { r, node } = await burst();
    await node.notifications.command.run(["off"], { userId: idOf("bob") });
    await r.clock.pass(2 * MINUTE);
    expect(r.feed.length).toBe(9);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("nobody gets a summary when an admin switches the feature off", async () => {
    const { r, node } = await burst();
    r.config.set({ disable_user_activity_notifications: true });
    await r.clock.pass(2 * MINUTE);
    expect(r.feed.length).toBe(9);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("a summary of posts that have expired is not sent", async () => {
    const { r, node } = await burst();
    r.graph.script.push(...Array.from({ length: 1000 }, () => "hang up" as const));
    await r.clock.pass(3 * 60 * MINUTE);
    r.graph.script.length = 0;
    await r.clock.pass(60 * MINUTE);
    expect(r.feed.length).toBe(9);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });
});
