/** Tests that changes just before a request are respected, and how many calls a post costs. */

import { describe, expect, test } from "bun:test";
import { MINUTE, say } from "../testing/rig.ts";
import { profile, pushing, started } from "../testing/server-pushes.ts";
import { idOf, objectIdOf, TENANT } from "../testing/world.ts";

describe("the last check before a request is sent", () => {
  test("a member who switched push off a second ago gets nothing, the others do", async () => {
    for (const push of [true, false]) {
      const r = pushing();
      r.world.config.EmailSettings.SendPushNotifications = push;
      const node = await started(r);
      profile(r, "bob", { notify: { push: "none" } });
      await node.posted(say(r, "@channel news"));
      await r.clock.pass(2000);
      expect(r.feed).toEqual(["carol: @alice mentioned everyone in Town Square"]);
      await node.notifications.stop();
    }
  });

  test("also while the request waits for Microsoft", async () => {
    const r = pushing();
    const node = await started(r);
    r.graph.script.push(new Response(null, { status: 429, headers: { "Retry-After": "60" } }));
    await node.posted(say(r, "@bob and @carol"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual([]);
    profile(r, "bob", { notify: { push: "none" } });
    await r.clock.pass(2 * MINUTE);
    expect(r.feed).toEqual(["carol: @alice mentioned you in Town Square"]);
    await node.notifications.stop();
  });

  /** A post for bob and carol waits for Microsoft, long enough that all profiles are read again when others post. */
  async function waiting() {
    const r = pushing();
    const node = await started(r);
    await r.clock.pass(5 * MINUTE);
    r.graph.script.push(new Response(null, { status: 429, headers: { "Retry-After": "300" } }));
    await node.posted(say(r, "@bob and @carol"));
    await r.clock.pass(1000);
    expect(r.feed).toEqual([]);
    return { r, node };
  }
  const onlyCarol = ["carol: @alice mentioned you in Town Square"];

  test("also when the profile was read again while the request waited", async () => {
    const { r, node } = await waiting();
    profile(r, "bob", { notify: { push: "none" } });
    await r.clock.pass(2 * MINUTE);
    await node.posted(say(r, "just talking"));
    await r.clock.pass(6 * MINUTE);
    expect(r.feed).toEqual(onlyCarol);
    await node.notifications.stop();
  });

  test("a member who switched their notifications off while the request waited gets nothing", async () => {
    const { r, node } = await waiting();
    await node.notifications.command.run(["off"], { userId: idOf("bob") });
    await r.clock.pass(6 * MINUTE);
    expect(r.feed).toEqual(onlyCarol);
    await node.notifications.stop();
  });

  test("a member who was linked to another person while the request waited: the new person gets it", async () => {
    const { r, node } = await waiting();
    const newPerson = objectIdOf("the new person");
    r.world.links.set(idOf("bob"), { userId: idOf("bob"), tenantId: TENANT, objectId: newPerson });
    for (const listener of r.world.linkListeners) listener(idOf("bob"));
    await r.clock.pass(6 * MINUTE);
    const recipients = r.graph.sent.map(({ objectId }) => objectId);
    expect(recipients.sort()).toEqual([objectIdOf(idOf("carol")), newPerson].sort());
    await node.notifications.stop();
  });

  for (const [name, spec, change, text] of [
    ["a keyword that was removed", { notify: { mention_keys: "deploy" } }, {}, "deploy now"],
    ["a username that was changed", {}, { username: "robert" }, "hi @dora"],
  ] as const) {
    test(`${name} a second ago sends nothing`, async () => {
      const r = pushing({ dora: spec });
      const node = await started(r);
      profile(r, "dora", change);
      await node.posted(say(r, text));
      await r.clock.pass(2000);
      expect(r.feed).toEqual([]);
      await node.notifications.stop();
    });
  }

  test("when the reason has changed, the text is right", async () => {
    const r = pushing({ dora: { notify: { mention_keys: "deploy" } } });
    const node = await started(r);
    profile(r, "dora", { username: "deploy" });
    await node.posted(say(r, "@deploy deploy"));
    await r.clock.pass(2000);
    expect(r.feed).toEqual(["deploy: @alice mentioned you in Town Square"]);
    await node.notifications.stop();
  });

  test("a deactivated member gets nothing", async () => {
    const r = pushing();
    const node = await started(r);
    r.world.users.set(idOf("bob"), { ...r.world.users.get(idOf("bob")), DeleteAt: 1 } as never);
    await node.posted(say(r, "@bob"));
    await r.clock.pass(2000);
    expect(r.feed).toEqual([]);
    await node.notifications.stop();
  });

  test("while profiles cannot be read, nobody gets an activity", async () => {
    const r = pushing();
    const node = await started(r);
    const users = r.world.users;
    let down = true;
    const real = users.get.bind(users);
    users.has = (id) => {
      if (down) throw new Error("database down");
      return real(id) !== undefined;
    };
    await node.posted(say(r, "@bob"));
    await r.clock.pass(5_000);
    expect(r.feed).toEqual([]);
    down = false;
    await r.clock.pass(5_000);
    expect(r.feed.length).toBe(1);
    await node.notifications.stop();
  });

  test("a summary leaves out people who switched push off", async () => {
    const r = pushing();
    const node = await started(r);
    for (let i = 0; i < 15; i += 1) {
      r.clock.time += 1;
      await node.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(20_000);
    const before = r.feed.length;
    profile(r, "bob", { notify: { push: "none" } });
    await r.clock.pass(2 * MINUTE);
    expect(r.feed.length).toBe(before);
    expect(r.store.waiting).toEqual([]);
    await node.notifications.stop();
  });
});

describe("the calls that a post costs, warm", () => {
  const look = { getChannelMembersByIds: 1, getUserStatusesByIds: 1, getUsersByIds: 1 };
  const costs: Record<string, { text: string; reply?: true; pushed?: true; api: object; store: number }> = {
    "one mention that the server pushes too": { text: "@bob", pushed: true, api: look, store: 2 },
    "nobody concerned": { text: "just talking", api: {}, store: 0 },
    "a reply that one follower gets": { text: "reply", reply: true, pushed: true, api: look, store: 2 },
    "a reply that the server pushes to nobody": { text: "reply", reply: true, api: {}, store: 0 },
  };
  for (const [name, { text, reply, pushed, api, store }] of Object.entries(costs)) {
    test(name, async () => {
      const r = pushing();
      const node = await started(r);
      const over = reply ? { RootId: say(r, "root", { UserId: idOf("bob") }).Id } : {};
      // The thread is known, as in any conversation.
      if (reply) await node.posted(say(r, "earlier", over));
      await r.clock.pass(1000);
      r.world.calls.clear();
      r.store.calls = 0;
      const post = say(r, text, over);
      await node.posted(post);
      if (pushed) node.pushed(post, idOf("bob"));
      await r.clock.pass(2000);
      expect(Object.fromEntries(r.world.calls)).toEqual(api as never);
      expect(r.store.calls).toBe(store);
      await node.notifications.stop();
    });
  }
});
