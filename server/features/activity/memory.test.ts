import { describe, expect, test } from "bun:test";
import { MINUTE, type Rig, rigOf, say, settle, TOWN } from "./testing/rig.ts";
import { idOf } from "./testing/world.ts";

describe("cached data follows changes", () => {
  test("a member who leaves gets nothing, one who joins gets the activity", async () => {
    const r = rigOf({ dave: { channel: null } });
    const node = r.node();
    await node.posted(say(r, "warm up @bob"));
    await r.clock.pass(1000);
    r.world.rows.get(TOWN)?.delete(idOf("bob"));
    r.world.join(TOWN, idOf("dave"));
    const row = r.world.rows.get(TOWN)?.get(idOf("dave"));
    node.notifications.hooks.userHasJoinedChannel?.({} as never, row as never, null);
    await node.posted(say(r, "@bob @dave"));
    await r.clock.pass(5000);
    expect(r.feed.slice(1)).toEqual(["dave: @alice mentioned you in Town Square"]);
    await node.notifications.stop();
  });

  test("a muted channel is respected at once, although no hook reports it", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    r.world.join(TOWN, idOf("bob"), { mark_unread: "mention" });
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("switching notifications off takes effect at once, on every node", async () => {
    const r = rigOf();
    const first = r.node();
    const second = r.node();
    await first.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    const off = {
      UserId: idOf("bob"),
      Category: "pp_mission-collaboration",
      Name: "notifications",
      Value: "off",
    };
    r.world.preferences.set(idOf("bob"), [off]);
    await second.notifications.hooks.preferencesHaveChanged?.({} as never, [off]);
    await first.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed.length).toBe(1);
    expect(first.counts.get("notifications_skipped_total switched_off")).toBe(1);
    await Promise.all([first.notifications.stop(), second.notifications.stop()]);
  });

  test("members who chose something are known after a restart; nobody else's preferences are read first", async () => {
    const r = rigOf();
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
    await second.posted(say(r, "@channel"));
    await settle();
    expect(r.feed).toEqual(["carol: @alice mentioned everyone in Town Square"]);
    await second.notifications.stop();
  });

  test("a choice that no hook reported is found in the background", async () => {
    const r = rigOf();
    const off = {
      UserId: idOf("bob"),
      Category: "pp_mission-collaboration",
      Name: "notifications",
      Value: "off",
    };
    r.world.preferences.set(idOf("bob"), [off]);
    const node = r.node();
    await r.clock.pass(MINUTE);
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual([]);
    expect([...r.store.values.keys()].filter((key) => key.startsWith("choosers_")).length).toBe(1);
    await node.notifications.stop();
  });

  test("other preferences are ignored: opened channels, sidebars", async () => {
    const r = rigOf();
    const node = r.node();
    await r.clock.pass(MINUTE);
    r.world.calls.clear();
    const opened = { UserId: idOf("bob"), Category: "channel_open_time", Name: "c", Value: "1" };
    await node.notifications.hooks.preferencesHaveChanged?.({} as never, [opened]);
    await r.clock.pass(MINUTE);
    expect(r.world.calls.get("getPreferencesForUser")).toBeUndefined();
    await node.notifications.stop();
  });

  test("a new keyword takes effect within minutes", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "deploy, @carol"));
    await r.clock.pass(1000);
    const bob = r.world.users.get(idOf("bob"));
    if (bob) bob.NotifyProps.mention_keys = "deploy";
    await r.clock.pass(MINUTE);
    await node.posted(say(r, "any post keeps memory fresh"));
    await r.clock.pass(MINUTE);
    await node.posted(say(r, "deploy"));
    await r.clock.pass(1000);
    expect(r.feed.at(-1)).toBe("bob: @alice posted in Town Square");
    await node.notifications.stop();
  });

  test("a person who links their account gets activities from then on, one who unlinks does not", async () => {
    const r = rigOf({ dave: { linked: false } });
    const node = r.node();
    await node.posted(say(r, "@dave @bob"));
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
    await node.posted(say(r, "@dave @bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().linkedMembers).toBe(3);
    expect(r.graph.sent.length).toBe(2);
    await node.notifications.stop();
  });

  test("a link of another tenant is ignored", async () => {
    const r = rigOf();
    const bob = r.world.links.get(idOf("bob"));
    if (bob) r.world.links.set(idOf("bob"), { ...bob, tenantId: "other" });
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual([]);
    await node.notifications.stop();
  });
});

describe("sending a test activity", () => {
  const steps = async (r: Rig) =>
    (await r.node().notifications.sendTest(idOf("bob"))).map((one) => `${one.id} ${one.ok}`);

  test("all steps succeed, and the activity arrives", async () => {
    const r = rigOf();
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
      const r = rigOf();
      prepare(r);
      const result = await r.node().notifications.sendTest(idOf("bob"));
      expect(result.at(-1)).toMatchObject({ id: at, ok: false });
      expect(result.at(-1)?.cure).toBeTruthy();
      expect(r.feed).toEqual([]);
    });
  }
});
