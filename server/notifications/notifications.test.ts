import { describe, expect, test } from "bun:test";
import type { Post } from "../mattermost/index.ts";
import { error } from "./testing/graph-stand-in.ts";
import { Rig, settle } from "./testing/rig.ts";
import { idOf, type PersonSpec, World } from "./testing/world.ts";

const TOWN = idOf("town");
const MINUTE = 60_000;

function rig(people: Record<string, PersonSpec> = {}, over: object = {}): Rig {
  const world = new World();
  world.channel({ Id: TOWN });
  for (const [name, spec] of Object.entries({ alice: {}, bob: {}, carol: {}, ...people })) {
    world.person(name, spec);
  }
  return new Rig(world, over);
}

/** A post of now, which the hook has just brought. */
function say(r: Rig, message: string, over: Partial<Post> = {}): Post {
  return r.world.post({ Message: message, CreateAt: r.clock.time, ...over });
}

describe("a post becomes one activity", () => {
  test("a mention, with a link that opens the tab on the post", async () => {
    const r = rig();
    const node = r.node();
    await r.clock.pass(0);
    const post = say(r, "hello @bob, see **this**");
    await node.tell(post);
    await r.clock.pass(1000);
    expect(r.feed).toEqual(["bob: @alice mentioned you in Town Square"]);
    const [activity] = r.graph.told;
    expect(activity?.preview).toBe("hello @bob, see this");
    const url = new URL(activity?.webUrl ?? "");
    expect(url.pathname).toBe("/l/entity/catalog-1/mattermost");
    expect(JSON.parse(url.searchParams.get("context") ?? "")).toEqual({ subEntityId: `post_${post.Id}` });
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("a direct message", async () => {
    const r = rig();
    const [a, b] = [idOf("alice"), idOf("bob")];
    r.world.channel({ Id: idOf("dm"), Type: "D", Name: `${a}__${b}`, DisplayName: "", TeamId: "" });
    r.world.join(idOf("dm"), a);
    r.world.join(idOf("dm"), b);
    const node = r.node();
    await node.tell(say(r, "lunch?", { ChannelId: idOf("dm") }));
    await r.clock.pass(1000);
    expect(r.feed).toEqual(["bob: @alice sent you a direct message"]);
    await node.notifications.stop();
  });

  test("the hook returns before anything is asked of Microsoft, with the post in the outbox", async () => {
    const r = rig();
    const node = r.node();
    await r.clock.pass(0);
    const requests = r.graph.requests.length;
    await node.tell(say(r, "@bob"));
    expect(r.store.waiting.length).toBe(1);
    expect(r.graph.requests.length).toBe(requests);
    await node.notifications.stop();
  });

  test("a post that concerns nobody costs nothing once its channel is known", async () => {
    const r = rig();
    const node = r.node();
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    r.world.calls.clear();
    r.store.calls = 0;
    for (let i = 0; i < 20; i += 1) await node.tell(say(r, "just talking"));
    await r.clock.pass(1000);
    expect(r.world.callCount).toBe(0);
    expect(r.store.calls).toBe(0);
    await node.notifications.stop();
  });

  test("a mention in a known channel costs four calls to the server", async () => {
    const r = rig();
    const node = r.node();
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    r.world.calls.clear();
    r.store.calls = 0;
    await node.tell(say(r, "@bob again"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(2);
    expect(Object.fromEntries(r.world.calls)).toEqual({ getChannelMembersByIds: 1, getUserStatusesByIds: 1 });
    expect(r.store.calls).toBe(2);
    await node.notifications.stop();
  });

  test("posts that arrive before the members are known wait for them", async () => {
    const r = rig();
    const node = r.node();
    await node.tell(say(r, "early, @bob"));
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
    test(`${name}: nothing is written, nothing asked`, async () => {
      const r = rig({}, over);
      const node = r.node();
      await r.clock.pass(0);
      await node.tell(say(r, "@bob"));
      await r.clock.pass(MINUTE);
      expect(r.store.waiting).toEqual([]);
      expect(r.graph.requests).toEqual([]);
      await node.notifications.stop();
    });
  }
});

describe("many recipients", () => {
  test("@channel reaches everyone in batches of at most 100, at two requests a second", async () => {
    const r = rig();
    for (let i = 0; i < 347; i += 1) r.world.person(`member${i}`);
    const node = r.node();
    await r.clock.pass(0);
    await node.tell(say(r, "@channel meeting"));
    await r.clock.pass(0);
    expect(r.graph.requests.length).toBe(1);
    await r.clock.pass(499);
    expect(r.graph.requests.length).toBe(1);
    await r.clock.pass(1);
    expect(r.graph.requests.length).toBe(2);
    await r.clock.pass(10_000);
    expect(new Set(r.graph.told.map((one) => one.objectId)).size).toBe(349);
    expect(r.graph.told.length).toBe(349);
    expect(r.graph.requests.length).toBe(4);
    expect(r.graph.refusedBodies).toEqual([]);
    await node.notifications.stop();
  });

  test("order per person is the order of the posts", async () => {
    const r = rig();
    const node = r.node();
    for (let i = 0; i < 5; i += 1) {
      r.clock.time += 1;
      await node.tell(say(r, `@bob ${i}`));
    }
    await r.clock.pass(10_000);
    expect(r.graph.told.map((one) => one.preview)).toEqual([0, 1, 2, 3, 4].map((i) => `@bob ${i}`));
    await node.notifications.stop();
  });
});

describe("a message for few during one for many", () => {
  const crowd = () => {
    const r = rig();
    for (let i = 0; i < 1000; i += 1) r.world.person(`member${i}`);
    const [a, b] = [idOf("alice"), idOf("bob")];
    r.world.channel({ Id: idOf("dm"), Type: "D", Name: `${a}__${b}`, DisplayName: "", TeamId: "" });
    for (const userId of [a, b]) r.world.join(idOf("dm"), userId);
    r.world.config.TeamSettings.MaxNotificationsPerChannel = 5000;
    return r;
  };

  test("a direct message does not wait for the whole of @channel, and comes after it for its reader", async () => {
    const r = crowd();
    const node = r.node();
    await r.clock.pass(0);
    await node.tell(say(r, "@channel news"));
    await r.clock.pass(10);
    await node.tell(say(r, "lunch?", { ChannelId: idOf("dm") }));
    await r.clock.pass(2000);
    expect(r.feed.filter((line) => line.startsWith("bob:"))).toEqual([
      "bob: @alice mentioned everyone in Town Square",
      "bob: @alice sent you a direct message",
    ]);
    expect(r.graph.told.length).toBeLessThan(600);
    await r.clock.pass(MINUTE);
    const ids = r.graph.told.filter((one) => one.type === "channel_mention").map((one) => one.objectId);
    expect(ids.length).toBe(1002);
    expect(new Set(ids).size).toBe(1002);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("many of them do not starve the large one", async () => {
    const r = crowd();
    const node = r.node();
    await r.clock.pass(0);
    await node.tell(say(r, "@channel news"));
    for (let second = 0; second < 30; second += 1) {
      r.clock.time += 1;
      await node.tell(say(r, `@member${second} hello`));
      await r.clock.pass(1000);
    }
    const everyone = r.graph.told.filter((one) => one.type === "channel_mention");
    expect(new Set(everyone.map((one) => one.objectId)).size).toBe(1002);
    expect(everyone.length).toBe(1002);
    expect(r.graph.told.filter((one) => one.type === "mention").length).toBe(30);
    await node.notifications.stop();
  });

  test("a node dies in between: nobody is missed, and nobody but the last batch told twice", async () => {
    const r = crowd();
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    await first.tell(say(r, "@channel news"));
    await r.clock.pass(10);
    await first.tell(say(r, "lunch?", { ChannelId: idOf("dm") }));
    await r.clock.pass(1200);
    first.loseLocks();
    await r.clock.pass(2 * MINUTE);
    const times = new Map<string, number>();
    for (const one of r.graph.told) {
      const key = `${one.type} ${one.objectId}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    expect(times.size).toBe(1003);
    expect([...times.values()].filter((count) => count > 1).length).toBeLessThanOrEqual(100);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });
});

describe("a full outbox", () => {
  test("drops the oldest, and counts them", async () => {
    const r = rig();
    const node = r.node({ maxWaitingPosts: 3 });
    r.graph.script.push(...Array.from({ length: 3 }, () => "hang up" as const));
    await node.tell(say(r, "@bob 0"));
    await r.clock.pass(100);
    for (let i = 1; i < 8; i += 1) {
      r.clock.time += 1;
      await node.tell(say(r, `@carol ${i}`));
    }
    await r.clock.pass(5 * MINUTE);
    expect(r.graph.told.slice(-3).map((one) => one.preview)).toEqual(["@carol 5", "@carol 6", "@carol 7"]);
    const dropped = node.counts.get("notifications_dropped_total outbox_full") ?? 0;
    expect(dropped + r.graph.told.length).toBe(8);
    expect(dropped).toBeGreaterThanOrEqual(4);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });
});

describe("a burst", () => {
  test("nine one by one, the rest as one summary, and later ones replace it", async () => {
    const r = rig();
    const node = r.node({ intervalMs: 0 });
    await r.clock.pass(0);
    for (let i = 0; i < 30; i += 1) {
      r.clock.time += 10;
      await node.tell(say(r, `@bob ${i}`));
    }
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(9);
    expect(r.store.waiting.length).toBe(21);
    await r.clock.pass(MINUTE);
    expect(r.feed.slice(9)).toEqual(["bob: 21 more messages for you in Mattermost"]);
    expect(r.store.waiting).toEqual([]);
    for (let i = 0; i < 12; i += 1) await node.tell(say(r, `@bob more ${i}`));
    await r.clock.pass(2 * MINUTE);
    const summaries = r.graph.told.filter((one) => one.type === "summary");
    expect(summaries.map((one) => one.text)).toEqual([
      "21 more messages for you in Mattermost",
      "24 more messages for you in Mattermost",
    ]);
    expect(new Set(summaries.map((one) => one.chainId)).size).toBe(1);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("one loud thread does not silence others: carol is told as always", async () => {
    const r = rig();
    const node = r.node({ intervalMs: 0 });
    for (let i = 0; i < 15; i += 1) await node.tell(say(r, `@bob ${i}`));
    await node.tell(say(r, "@carol"));
    await r.clock.pass(1000);
    expect(r.feed.filter((line) => line.startsWith("carol"))).toEqual([
      "carol: @alice mentioned you in Town Square",
    ]);
    await node.notifications.stop();
  });
});

describe("Graph says no", () => {
  const told = (r: Rig) => r.feed.length;

  test("throttled: the same request again after Retry-After", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push(error(429, "TooManyRequests", "slow down", { "Retry-After": "90" }));
    await node.tell(say(r, "@bob"));
    await r.clock.pass(89_000);
    expect(told(r)).toBe(0);
    await r.clock.pass(2_000);
    expect(told(r)).toBe(1);
    await node.notifications.stop();
  });

  test("unreachable for an hour: fewer and fewer attempts, then everything, in order", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push(...Array.from({ length: 15 }, () => "hang up" as const));
    for (let i = 0; i < 3; i += 1) {
      r.clock.time += 1;
      await node.tell(say(r, `@bob ${i}`));
    }
    await r.clock.pass(10 * MINUTE);
    expect(r.graph.requests.length).toBeLessThan(12);
    expect(node.notifications.state().trouble?.code).toBe("unreachable");
    await r.clock.pass(50 * MINUTE);
    expect(r.graph.told.map((one) => one.preview)).toEqual(["@bob 0", "@bob 1", "@bob 2"]);
    expect(node.notifications.state().trouble).toBeNull();
    await node.notifications.stop();
  });

  test("longer than the expiry: dropped, and counted", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push(...Array.from({ length: 500 }, () => "hang up" as const));
    await node.tell(say(r, "@bob"));
    await r.clock.pass(121 * MINUTE);
    expect(r.store.waiting).toEqual([]);
    expect(node.counts.get("notifications_dropped_total expired")).toBe(1);
    expect(told(r)).toBe(0);
    await node.notifications.stop();
  });

  test("the token is too short-lived (412): a new one, at once", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push(error(412, "PreconditionFailed"));
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(told(r)).toBe(1);
    expect(r.tokens).toBe(1);
    await node.notifications.stop();
  });

  test("a role is missing: the admin is told what to grant, and it goes on when granted", async () => {
    const r = rig();
    const node = r.node();
    const says = "Missing role permissions on the request. API requires one of 'TeamsActivity.Send'.";
    r.graph.script.push(error(403, "Forbidden", says), error(403, "Forbidden", says));
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().trouble?.code).toBe("roles_missing");
    expect(r.graph.requests.length).toBe(1);
    await r.clock.pass(5 * MINUTE);
    expect(told(r)).toBe(1);
    await node.notifications.stop();
  });

  test("changed settings are tried at once", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push(...Array.from({ length: 8 }, () => "hang up" as const));
    await node.tell(say(r, "@bob"));
    await r.clock.pass(3 * MINUTE);
    r.graph.script.length = 0;
    r.config.set({ app_version: "1.0.1" });
    await r.clock.pass(0);
    expect(told(r)).toBe(1);
    await node.notifications.stop();
  });

  test("one without the app does not sink the batch, and is left alone afterwards", async () => {
    const r = rig();
    for (let i = 0; i < 60; i += 1) r.world.person(`member${i}`);
    r.graph.notInstalled.add(r.world.links.get(idOf("carol"))?.objectId ?? "");
    const node = r.node();
    await node.tell(say(r, "@channel"));
    await r.clock.pass(MINUTE);
    expect(new Set(r.graph.told.map((one) => one.objectId)).size).toBe(61);
    expect(r.graph.told.length).toBe(61);
    expect(r.graph.requests.length).toBeLessThan(16);
    const before = r.graph.requests.length;
    await node.tell(say(r, "@carol"));
    await r.clock.pass(MINUTE);
    expect(r.graph.requests.length).toBe(before);
    await r.clock.pass(7 * 60 * MINUTE);
    r.graph.notInstalled.clear();
    await node.tell(say(r, "@carol"));
    await r.clock.pass(MINUTE);
    expect(r.feed.at(-1)).toBe("carol: @alice mentioned you in Town Square");
    await node.notifications.stop();
  });

  test("nobody has the app: given up after a few, nobody is remembered for it", async () => {
    const r = rig();
    for (let i = 0; i < 90; i += 1) r.world.person(`member${i}`);
    for (const link of r.world.links.values()) r.graph.notInstalled.add(link.objectId);
    const node = r.node();
    await node.tell(say(r, "@channel"));
    await r.clock.pass(MINUTE);
    expect(r.graph.requests.length).toBeLessThan(30);
    expect(r.store.waiting).toEqual([]);
    expect(node.notifications.state().trouble?.code).toBe("graph_403");
    await node.notifications.stop();
  });

  test("the app was uploaded anew: the new catalog id is found and used", async () => {
    const r = rig();
    const node = r.node();
    await node.tell(say(r, "@bob"));
    await r.clock.pass(10 * MINUTE);
    r.graph.catalogId = "catalog-2";
    await node.tell(say(r, "@bob again"));
    await r.clock.pass(MINUTE);
    expect(told(r)).toBe(2);
    expect(r.graph.told[1]?.webUrl).toContain("/l/entity/catalog-2/");
    await node.notifications.stop();
  });

  test("the app is not in the catalog yet: waits, says so, goes on when it is", async () => {
    const r = rig();
    r.graph.inCatalog = false;
    const node = r.node();
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().trouble?.code).toBe("catalog_app_missing");
    r.graph.inCatalog = true;
    await r.clock.pass(2 * MINUTE);
    expect(told(r)).toBe(1);
    await node.notifications.stop();
  });

  test("two apps with one registration: the admin is told", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push(error(409, "Conflict", "Found multiple applications with the same AAD App ID"));
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().trouble?.cure).toContain("Two Teams apps");
    await node.notifications.stop();
  });
});

describe("nothing is lost", () => {
  test("another node goes on where the first one died", async () => {
    const r = rig();
    for (let i = 0; i < 450; i += 1) r.world.person(`member${i}`);
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    await first.tell(say(r, "@channel"));
    await r.clock.pass(700);
    expect(r.graph.requests.length).toBe(2);
    first.loseLocks();
    await r.clock.pass(MINUTE);
    const times = new Map<string, number>();
    for (const one of r.graph.told) times.set(one.objectId, (times.get(one.objectId) ?? 0) + 1);
    expect(times.size).toBe(452);
    expect([...times.values()].filter((count) => count > 1).length).toBeLessThanOrEqual(100);
    expect(r.store.waiting).toEqual([]);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("a post that the other node took is told by the one that delivers", async () => {
    const r = rig();
    const first = r.node();
    const second = r.node();
    await r.clock.pass(0);
    expect([first, second].map((node) => node.notifications.state().delivering)).toEqual([true, false]);
    await second.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual(["bob: @alice mentioned you in Town Square"]);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("an accepted request whose answer got lost is repeated once, not for ever", async () => {
    const r = rig();
    const node = r.node();
    r.graph.script.push("take it, then hang up");
    await node.tell(say(r, "@bob"));
    await r.clock.pass(MINUTE);
    expect(r.feed.length).toBe(2);
    await node.notifications.stop();
  });

  test("the store fails for a while: told all the same, once", async () => {
    const r = rig();
    for (let i = 0; i < 250; i += 1) r.world.person(`member${i}`);
    const node = r.node();
    await r.clock.pass(0);
    let failures = 0;
    r.store.before = (_call, key) => {
      if (key.startsWith("outbox_") && failures++ < 6) throw new Error("database is down");
    };
    await node.tell(say(r, "@channel"));
    await r.clock.pass(5 * MINUTE);
    const times = new Map<string, number>();
    for (const one of r.graph.told) times.set(one.objectId, (times.get(one.objectId) ?? 0) + 1);
    expect(times.size).toBe(252);
    expect(Math.max(...times.values())).toBe(1);
    await node.notifications.stop();
  });

  test("the plugin API fails for a while: told later", async () => {
    const r = rig();
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
    await node.tell(say(r, "@bob"));
    await r.clock.pass(10_000);
    expect(r.feed).toEqual([]);
    Object.defineProperty(r.world, "rows", { value: new Map([[TOWN, saved]]), configurable: true });
    await r.clock.pass(MINUTE);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("a post that was deleted meanwhile is not told after a restart", async () => {
    const r = rig();
    const first = r.node();
    await r.clock.pass(0);
    r.graph.script.push("hang up", "hang up");
    const post = say(r, "@bob secret");
    await first.tell(post);
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

  test("nothing of a message's text is stored", async () => {
    const r = rig();
    const node = r.node();
    await r.clock.pass(0);
    await node.tell(say(r, "@bob the code word is xyzzy"));
    for (const value of r.store.values.values())
      expect(new TextDecoder().decode(value)).not.toContain("xyzzy");
    await settle();
    await node.notifications.stop();
  });
});

describe("memory follows what happens", () => {
  test("who leaves is not told, who joins is", async () => {
    const r = rig({ dave: { channel: null } });
    const node = r.node();
    await node.tell(say(r, "warm up @bob"));
    await r.clock.pass(1000);
    r.world.rows.get(TOWN)?.delete(idOf("bob"));
    r.world.join(TOWN, idOf("dave"));
    const row = r.world.rows.get(TOWN)?.get(idOf("dave"));
    node.notifications.hooks.userHasJoinedChannel?.({} as never, row as never, null);
    await node.tell(say(r, "@bob @dave"));
    await r.clock.pass(5000);
    expect(r.feed.slice(1)).toEqual(["dave: @alice mentioned you in Town Square"]);
    await node.notifications.stop();
  });

  test("muting a channel counts at once, although no hook tells", async () => {
    const r = rig();
    const node = r.node();
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    r.world.join(TOWN, idOf("bob"), { mark_unread: "mention" });
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("switching notifications off counts at once, on every node", async () => {
    const r = rig();
    const first = r.node();
    const second = r.node();
    await first.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    const off = {
      UserId: idOf("bob"),
      Category: "pp_mission-collaboration",
      Name: "notifications",
      Value: "off",
    };
    r.world.preferences.set(idOf("bob"), [off]);
    await second.notifications.hooks.preferencesHaveChanged?.({} as never, [off]);
    await first.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(1);
    expect(first.counts.get("notifications_not_told_total switched_off")).toBe(1);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("who chose something is known after a restart; nobody else's preferences are read first", async () => {
    const r = rig();
    const first = r.node();
    await r.clock.pass(MINUTE);
    const off = {
      UserId: idOf("bob"),
      Category: "pp_mission-collaboration",
      Name: "notifications",
      Value: "off",
    };
    r.world.preferences.set(idOf("bob"), [off]);
    await first.notifications.hooks.preferencesHaveChanged?.({} as never, [off]);
    first.loseLocks();
    await first.notifications.stop();
    r.world.calls.clear();
    const second = r.node();
    await second.tell(say(r, "@channel"));
    await settle();
    expect(r.feed).toEqual(["carol: @alice mentioned everyone in Town Square"]);
    await second.notifications.stop();
  });

  test("a choice that no hook told of is found in the background", async () => {
    const r = rig();
    const off = {
      UserId: idOf("bob"),
      Category: "pp_mission-collaboration",
      Name: "notifications",
      Value: "off",
    };
    r.world.preferences.set(idOf("bob"), [off]);
    const node = r.node();
    await r.clock.pass(MINUTE);
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual([]);
    expect([...r.store.values.keys()].filter((key) => key.startsWith("choosers_")).length).toBe(1);
    await node.notifications.stop();
  });

  test("preferences of others do not matter: opened channels, sidebars", async () => {
    const r = rig();
    const node = r.node();
    await r.clock.pass(MINUTE);
    r.world.calls.clear();
    const opened = { UserId: idOf("bob"), Category: "channel_open_time", Name: "c", Value: "1" };
    await node.notifications.hooks.preferencesHaveChanged?.({} as never, [opened]);
    await r.clock.pass(MINUTE);
    expect(r.world.calls.get("getPreferencesForUser")).toBeUndefined();
    await node.notifications.stop();
  });

  test("a new keyword is seen within minutes", async () => {
    const r = rig();
    const node = r.node();
    await node.tell(say(r, "deploy, @carol"));
    await r.clock.pass(1000);
    const bob = r.world.users.get(idOf("bob"));
    if (bob) bob.NotifyProps.mention_keys = "deploy";
    await r.clock.pass(MINUTE);
    await node.tell(say(r, "any post keeps memory fresh"));
    await r.clock.pass(MINUTE);
    await node.tell(say(r, "deploy"));
    await r.clock.pass(1000);
    expect(r.feed.at(-1)).toBe("bob: @alice posted in Town Square");
    await node.notifications.stop();
  });

  test("who links their account is told from then on, who unlinks is not", async () => {
    const r = rig({ dave: { linked: false } });
    const node = r.node();
    await node.tell(say(r, "@dave @bob"));
    await r.clock.pass(1000);
    const dave = idOf("dave");
    r.world.links.set(dave, {
      ...(r.world.links.get(idOf("bob")) as never as object),
      userId: dave,
    } as never);
    r.world.links.delete(idOf("bob"));
    for (const listener of r.world.linkListeners) {
      listener(dave);
      listener(idOf("bob"));
    }
    await settle();
    await node.tell(say(r, "@dave @bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().linkedMembers).toBe(3);
    expect(r.graph.told.length).toBe(2);
    await node.notifications.stop();
  });

  test("a link of another tenant is not ours to use", async () => {
    const r = rig();
    const bob = r.world.links.get(idOf("bob"));
    if (bob) r.world.links.set(idOf("bob"), { ...bob, tenantId: "other" });
    const node = r.node();
    await node.tell(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual([]);
    await node.notifications.stop();
  });
});

describe("send me a test activity", () => {
  const steps = async (r: Rig) =>
    (await r.node().notifications.sendTest(idOf("bob"))).map((one) => `${one.id} ${one.ok}`);

  test("all steps, and the activity", async () => {
    const r = rig();
    expect(await steps(r)).toEqual([
      "settings true",
      "account true",
      "token true",
      "catalog true",
      "send true",
    ]);
    expect(r.feed).toEqual(["bob: You have a new message in Mattermost"]);
  });

  const failures: { name: string; at: string; prepare: (r: Rig) => void }[] = [
    {
      name: "switched off",
      at: "settings",
      prepare: (r) => r.config.set({ disable_user_activity_notifications: true }),
    },
    { name: "no link", at: "account", prepare: (r) => r.world.links.clear() },
    {
      name: "not in the catalog",
      at: "catalog",
      prepare: (r) => {
        r.graph.inCatalog = false;
      },
    },
    {
      name: "not installed",
      at: "send",
      prepare: (r) => r.graph.notInstalled.add(r.world.links.get(idOf("bob"))?.objectId ?? ""),
    },
  ];
  for (const { name, at, prepare } of failures) {
    test(`${name}: stops at ${at}, with a cure`, async () => {
      const r = rig();
      prepare(r);
      const result = await r.node().notifications.sendTest(idOf("bob"));
      expect(result.at(-1)).toMatchObject({ id: at, ok: false });
      expect(result.at(-1)?.cure).toBeTruthy();
      expect(r.feed).toEqual([]);
    });
  }
});
