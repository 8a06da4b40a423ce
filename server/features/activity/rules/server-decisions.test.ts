import { describe, expect, test } from "bun:test";
import { MINUTE, type Rig, say } from "../testing/rig.ts";
import { profile, pushing, started } from "../testing/server-pushes.ts";
import { idOf, objectIdOf } from "../testing/world.ts";

describe("the server's decision adds people whom our rules missed", () => {
  const missed: Record<string, (r: Rig) => { text: string; over?: object }> = {
    "a keyword that was added a second ago": (r) => {
      profile(r, "bob", { notify: { mention_keys: "deploy" } });
      return { text: "time to deploy" };
    },
    "a username that was changed a second ago": (r) => {
      profile(r, "bob", { username: "robert" });
      return { text: "hi @robert" };
    },
    "all activity, switched on a second ago": (r) => {
      profile(r, "bob", { notify: { push: "all" } });
      return { text: "just talking" };
    },
    "a thread followed by hand": (r) => ({ text: "reply", over: { RootId: say(r, "root").Id } }),
  };
  for (const [name, change] of Object.entries(missed)) {
    test(name, async () => {
      const r = pushing();
      const node = await started(r);
      const { text, over } = change(r);
      const post = say(r, text, over);
      await node.posted(post);
      node.pushed(post, idOf("bob"));
      await r.clock.pass(2000);
      expect(r.graph.sent.map((one) => one.objectId)).toEqual([objectIdOf(idOf("bob"))]);
      expect(r.store.waiting).toEqual([]);
      await node.notifications.stop();
    });
  }

  test("also when the decision comes before the post", async () => {
    const r = pushing();
    const node = await started(r);
    const post = say(r, "reply", { RootId: say(r, "root").Id });
    node.pushed(post, idOf("bob"));
    await node.posted(post);
    await r.clock.pass(2000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("a post that came from Microsoft costs neither a call nor a write, whatever the server decides", async () => {
    const r = pushing();
    const node = await started(r);
    for (const name of ["teams_message_id", "calendar_event_id", "calendar_step"]) {
      const post = say(r, "@bob", { Props: { [name]: "1" } });
      await node.posted(post);
      node.pushed(post, idOf("bob"));
    }
    await r.clock.pass(2000);
    expect(r.feed.length).toBe(0);
    expect(r.store.calls).toBe(0);
    expect([...r.world.calls.values()]).toEqual([]);
    await node.notifications.stop();
  });

  test("those of one post share a request", async () => {
    const r = pushing({ dora: {}, emil: {} });
    const node = await started(r);
    const post = say(r, "reply", { RootId: say(r, "root").Id });
    await node.posted(post);
    const before = r.graph.requests.length;
    for (const name of ["bob", "carol", "dora", "emil"]) node.pushed(post, idOf(name));
    await r.clock.pass(2000);
    expect(r.feed.length).toBe(4);
    expect(r.graph.requests.length - before).toBe(1);
    await node.notifications.stop();
  });
});

describe("the server's decision is not added", () => {
  const silent: Record<string, (r: Rig) => { person?: string; over?: object; text?: string }> = {
    "for somebody who is not linked": (r) => {
      r.world.users.set(idOf("zoe"), { ...r.world.users.get(idOf("bob")), Id: idOf("zoe") } as never);
      return { person: "zoe" };
    },
    "for a cleared notification": () => ({ over: { Type: "clear" } }),
    "for a badge": () => ({ over: { Type: "update_badge", PostId: "" } }),
    "for another plugin's call": () => ({ over: { SubType: "calls" } }),
    "for a post that is gone": () => ({ over: { PostId: idOf("nothing") } }),
  };
  for (const [name, change] of Object.entries(silent)) {
    test(name, async () => {
      const r = pushing();
      const node = await started(r);
      const { person = "bob", over } = change(r);
      const post = say(r, "just talking");
      await node.posted(post);
      node.pushed(post, idOf(person), over);
      await r.clock.pass(MINUTE);
      expect(r.feed).toEqual([]);
      expect(r.store.waiting).toEqual([]);
      await node.notifications.stop();
    });
  }

  for (const [name, preferences] of Object.entries({
    "who switched activities off here": { "pp_mission-collaboration/notifications": "off" },
    "who switched this reason off here": { "pp_mission-collaboration/notifications_keyword": "off" },
    "whose quiet hours it is": { "pp_mission-collaboration/notifications_quiet": "11:00-13:00" },
  })) {
    test(`for somebody ${name}`, async () => {
      const r = pushing({ dora: { preferences } });
      const node = await started(r);
      const post = say(r, "just talking");
      await node.posted(post);
      node.pushed(post, idOf("dora"));
      await r.clock.pass(2000);
      expect(r.feed).toEqual([]);
      await node.notifications.stop();
    });
  }

  test('for somebody who has since switched push off or set "do not disturb"', async () => {
    const r = pushing();
    const node = await started(r);
    const post = say(r, "just talking");
    await node.posted(post);
    node.pushed(post, idOf("bob"));
    node.pushed(post, idOf("carol"));
    profile(r, "bob", { notify: { push: "none" } });
    r.world.statuses.set(idOf("carol"), { ...r.world.statuses.get(idOf("carol")), Status: "dnd" } as never);
    await r.clock.pass(2000);
    expect(r.feed).toEqual([]);
    await node.notifications.stop();
  });
});

describe("once per post and person", () => {
  test("a mention that the server pushes too, at any time", async () => {
    const r = pushing();
    const node = await started(r);
    for (const late of [0, 50, 500, 5_000, 3 * MINUTE]) {
      const post = say(r, "@bob");
      await node.posted(post);
      await r.clock.pass(late);
      node.pushed(post, idOf("bob"));
      await r.clock.pass(MINUTE);
    }
    expect(r.feed.length).toBe(5);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("a decision before the post: the post's own record is delivered", async () => {
    const r = pushing();
    const node = await started(r);
    const post = say(r, "@bob");
    node.pushed(post, idOf("bob"));
    await node.posted(post);
    await r.clock.pass(MINUTE);
    expect(r.feed.length).toBe(1);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });

  test("an urgent post whose push is repeated, also after a restart", async () => {
    const r = pushing();
    const first = await started(r);
    const post = say(r, "reply", { RootId: say(r, "root").Id });
    await first.posted(post);
    first.pushed(post, idOf("bob"));
    await r.clock.pass(5 * MINUTE);
    first.pushed(post, idOf("bob"));
    await r.clock.pass(MINUTE);
    await first.notifications.stop();
    const second = r.node();
    await r.clock.pass(5 * MINUTE);
    second.pushed(post, idOf("bob"));
    await r.clock.pass(MINUTE);
    expect(r.feed.length).toBe(1);
    expect(r.store.waiting).toEqual([]);
    await second.notifications.stop();
  });
});

describe("durability", () => {
  test("a decision, then a kill: the next process delivers", async () => {
    const r = pushing();
    const first = await started(r);
    r.graph.script.push(...Array.from({ length: 50 }, () => new Response(null, { status: 503 })));
    const post = say(r, "reply", { RootId: say(r, "root").Id });
    await first.posted(post);
    first.pushed(post, idOf("bob"));
    await r.clock.pass(200);
    expect(r.store.waiting.length).toBe(1);
    first.loseLocks();
    await first.notifications.stop();
    r.graph.script.length = 0;
    const second = r.node();
    await r.clock.pass(MINUTE);
    expect(r.feed).toEqual(["bob: @alice replied in a thread in Town Square"]);
    expect(r.store.waiting).toEqual([]);
    await second.notifications.stop();
  });

  test("a decision on a node that does not deliver", async () => {
    const r = pushing();
    const leader = await started(r);
    const other = r.node();
    await r.clock.pass(1000);
    const post = say(r, "reply", { RootId: say(r, "root").Id });
    await other.posted(post);
    other.pushed(post, idOf("bob"));
    await r.clock.pass(2000);
    expect(r.feed.length).toBe(1);
    await Promise.all([leader.notifications.stop(), other.notifications.stop()]);
  });

  test("a failing store loses nobody while the process lives", async () => {
    const r = pushing();
    const node = await started(r);
    r.store.before = (call, key) => {
      if (call === "compareAndSet" && key.startsWith("queue_activity_")) throw new Error("store down");
    };
    const post = say(r, "reply", { RootId: say(r, "root").Id });
    await node.posted(post);
    node.pushed(post, idOf("bob"));
    await r.clock.pass(2000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });
});

describe("the server's push is never delayed or changed", () => {
  const stores: Record<string, () => void | Promise<void>> = {
    "a store that never answers": () => new Promise<void>(() => {}),
    "a store that fails": () => Promise.reject(new Error("down")),
    "a store that is well": () => undefined,
  };
  for (const [name, before] of Object.entries(stores)) {
    test(name, async () => {
      const r = pushing();
      const node = await started(r);
      const post = say(r, "just talking");
      await node.posted(post);
      r.store.before = before;
      expect(node.pushed(post, idOf("bob"))).toBeUndefined();
      r.store.before = () => undefined;
      await node.notifications.stop();
    });
  }

  test("a notification with nothing in it", async () => {
    const r = pushing();
    const node = await started(r);
    expect(node.pushed(say(r, "x"), "", { Type: "", PostId: "", ChannelId: "" })).toBeUndefined();
    await node.notifications.stop();
  });
});
