import { describe, expect, test } from "bun:test";
import { MINUTE, rigOf, say } from "./testing/rig.ts";
import { idOf } from "./testing/world.ts";

describe("a post becomes one activity", () => {
  test("a mention, with a link that opens the tab on the post", async () => {
    const r = rigOf();
    const node = r.node();
    await r.clock.pass(0);
    const post = say(r, "hello @bob, see **this**");
    await node.posted(post);
    await r.clock.pass(1000);
    expect(r.feed).toEqual(["bob: @alice mentioned you in Town Square"]);
    const [activity] = r.graph.sent;
    expect(activity?.preview).toBe("hello @bob, see this");
    const url = new URL(activity?.webUrl ?? "");
    expect(url.pathname).toBe("/l/entity/catalog-1/mattermost");
    expect(JSON.parse(url.searchParams.get("context") ?? "")).toEqual({ subEntityId: `post_${post.Id}` });
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("a direct message", async () => {
    const r = rigOf();
    const [a, b] = [idOf("alice"), idOf("bob")];
    r.world.channel({ Id: idOf("dm"), Type: "D", Name: `${a}__${b}`, DisplayName: "", TeamId: "" });
    r.world.join(idOf("dm"), a);
    r.world.join(idOf("dm"), b);
    const node = r.node();
    await node.posted(say(r, "lunch?", { ChannelId: idOf("dm") }));
    await r.clock.pass(1000);
    expect(r.feed).toEqual(["bob: @alice sent you a direct message"]);
    await node.notifications.stop();
  });

  test("the hook returns before the first call to Microsoft, with the post in the queue", async () => {
    const r = rigOf();
    const node = r.node();
    await r.clock.pass(0);
    const requests = r.graph.requests.length;
    await node.posted(say(r, "@bob"));
    expect(r.store.waiting.length).toBe(1);
    expect(r.graph.requests.length).toBe(requests);
    await node.notifications.stop();
  });

  test("a post that concerns nobody costs nothing once its channel is known", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    r.world.calls.clear();
    r.store.calls = 0;
    for (let i = 0; i < 20; i += 1) await node.posted(say(r, "just talking"));
    await r.clock.pass(1000);
    expect(r.world.callCount).toBe(0);
    expect(r.store.calls).toBe(0);
    await node.notifications.stop();
  });

  test("a mention in a known channel costs five calls to the server", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    r.world.calls.clear();
    r.store.calls = 0;
    await node.posted(say(r, "@bob again"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(2);
    expect(Object.fromEntries(r.world.calls)).toEqual({
      getChannelMembersByIds: 1,
      getUserStatusesByIds: 1,
      getUsersByIds: 1,
    });
    expect(r.store.calls).toBe(2);
    await node.notifications.stop();
  });

  test("posts that arrive before the members are known wait for them", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "early, @bob"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  for (const [name, over] of Object.entries({
    "switched off by the admin": { disable_user_activity_notifications: true },
    "no secret": { m365_client_secret: "" },
    "no app": { app_id: "" },
    "a cloud without activity feed": { national_cloud: "china" },
  })) {
    test(`${name}: nothing is written or read`, async () => {
      const r = rigOf({}, over);
      const node = r.node();
      await r.clock.pass(0);
      await node.posted(say(r, "@bob"));
      await r.clock.pass(MINUTE);
      expect(r.store.waiting).toEqual([]);
      expect(r.graph.requests).toEqual([]);
      await node.notifications.stop();
    });
  }
});

describe("many recipients", () => {
  test("@channel reaches everybody in batches of at most 100, at two requests a second", async () => {
    const r = rigOf();
    for (let i = 0; i < 347; i += 1) r.world.person(`member${i}`);
    const node = r.node();
    await r.clock.pass(0);
    await node.posted(say(r, "@channel meeting"));
    await r.clock.pass(0);
    expect(r.graph.requests.length).toBe(1);
    await r.clock.pass(499);
    expect(r.graph.requests.length).toBe(1);
    await r.clock.pass(1);
    expect(r.graph.requests.length).toBe(2);
    await r.clock.pass(10_000);
    expect(new Set(r.graph.sent.map((one) => one.objectId)).size).toBe(349);
    expect(r.graph.sent.length).toBe(349);
    expect(r.graph.requests.length).toBe(4);
    expect(r.graph.refusedBodies).toEqual([]);
    await node.notifications.stop();
  });

  test("each person gets activities in the order of the posts", async () => {
    const r = rigOf();
    const node = r.node();
    for (let i = 0; i < 5; i += 1) {
      r.clock.time += 1;
      await node.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(10_000);
    expect(r.graph.sent.map((one) => one.preview)).toEqual([0, 1, 2, 3, 4].map((i) => `@bob ${i}`));
    await node.notifications.stop();
  });
});

describe("a post for few during one for many", () => {
  const crowd = () => {
    const r = rigOf();
    for (let i = 0; i < 1000; i += 1) r.world.person(`member${i}`);
    const [a, b] = [idOf("alice"), idOf("bob")];
    r.world.channel({ Id: idOf("dm"), Type: "D", Name: `${a}__${b}`, DisplayName: "", TeamId: "" });
    for (const userId of [a, b]) r.world.join(idOf("dm"), userId);
    r.world.config.TeamSettings.MaxNotificationsPerChannel = 5000;
    return r;
  };

  test("a direct message does not wait for the whole @channel, and its reader gets it after the @channel", async () => {
    const r = crowd();
    const node = r.node();
    await r.clock.pass(0);
    await node.posted(say(r, "@channel news"));
    await r.clock.pass(10);
    await node.posted(say(r, "lunch?", { ChannelId: idOf("dm") }));
    await r.clock.pass(2000);
    expect(r.feed.filter((line) => line.startsWith("bob:"))).toEqual([
      "bob: @alice mentioned everyone in Town Square",
      "bob: @alice sent you a direct message",
    ]);
    expect(r.graph.sent.length).toBeLessThan(600);
    await r.clock.pass(MINUTE);
    const ids = r.graph.sent.filter((one) => one.type === "channel_mention").map((one) => one.objectId);
    expect(ids.length).toBe(1002);
    expect(new Set(ids).size).toBe(1002);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("many of them do not starve the large one", async () => {
    const r = crowd();
    const node = r.node();
    await r.clock.pass(0);
    await node.posted(say(r, "@channel news"));
    for (let second = 0; second < 30; second += 1) {
      r.clock.time += 1;
      await node.posted(say(r, `@member${second} hello`));
      await r.clock.pass(1000);
    }
    const everyone = r.graph.sent.filter((one) => one.type === "channel_mention");
    expect(new Set(everyone.map((one) => one.objectId)).size).toBe(1002);
    expect(everyone.length).toBe(1002);
    expect(r.graph.sent.filter((one) => one.type === "mention").length).toBe(30);
    await node.notifications.stop();
  });

  test("a node dies in between: nobody is missed, and only the last batch is notified twice", async () => {
    const r = crowd();
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    await first.posted(say(r, "@channel news"));
    await r.clock.pass(10);
    await first.posted(say(r, "lunch?", { ChannelId: idOf("dm") }));
    await r.clock.pass(1200);
    first.loseLocks();
    await r.clock.pass(2 * MINUTE);
    const times = new Map<string, number>();
    for (const one of r.graph.sent) {
      const key = `${one.type} ${one.objectId}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    expect(times.size).toBe(1003);
    expect([...times.values()].filter((count) => count > 1).length).toBeLessThanOrEqual(100);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });
});

describe("a full queue", () => {
  test("drops the oldest posts and counts them", async () => {
    const r = rigOf();
    const node = r.node({ maxWaitingPosts: 3 });
    r.graph.script.push(...Array.from({ length: 3 }, () => "hang up" as const));
    await node.posted(say(r, "@bob 0"));
    await r.clock.pass(100);
    for (let i = 1; i < 8; i += 1) {
      r.clock.time += 1;
      await node.posted(say(r, `@carol ${i}`));
    }
    await r.clock.pass(5 * MINUTE);
    expect(r.graph.sent.slice(-3).map((one) => one.preview)).toEqual(["@carol 5", "@carol 6", "@carol 7"]);
    const dropped = node.counts.get("notifications_dropped_total outbox_full") ?? 0;
    expect(dropped + r.graph.sent.length).toBe(8);
    expect(dropped).toBeGreaterThanOrEqual(4);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });
});

describe("a burst", () => {
  test("nine are sent one by one, further ones as one summary, which later summaries replace", async () => {
    const r = rigOf();
    const node = r.node({ intervalMs: 0 });
    await r.clock.pass(0);
    for (let i = 0; i < 30; i += 1) {
      r.clock.time += 10;
      await node.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(9);
    expect(r.store.waiting.length).toBe(21);
    await r.clock.pass(MINUTE);
    expect(r.feed.slice(9)).toEqual(["bob: 21 more messages for you in Mattermost"]);
    expect(r.store.waiting).toEqual([]);
    for (let i = 0; i < 12; i += 1) await node.posted(say(r, `@bob more ${i}`));
    await r.clock.pass(2 * MINUTE);
    const summaries = r.graph.sent.filter((one) => one.type === "summary");
    expect(summaries.map((one) => one.text)).toEqual([
      "21 more messages for you in Mattermost",
      "24 more messages for you in Mattermost",
    ]);
    expect(new Set(summaries.map((one) => one.chainId)).size).toBe(1);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("one busy thread does not silence others: carol gets hers as always", async () => {
    const r = rigOf();
    const node = r.node({ intervalMs: 0 });
    for (let i = 0; i < 15; i += 1) await node.posted(say(r, `@bob ${i}`));
    await node.posted(say(r, "@carol"));
    await r.clock.pass(1000);
    expect(r.feed.filter((line) => line.startsWith("carol"))).toEqual([
      "carol: @alice mentioned you in Town Square",
    ]);
    await node.notifications.stop();
  });
});
