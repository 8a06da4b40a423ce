/** Tests what happens to a link when its channels, its people or Microsoft change. */

import { afterEach, describe, expect, test } from "bun:test";
import { ChannelsWorld } from "../testing/channels-world.ts";
import { wishOf } from "../to-mattermost/changes.ts";
import type { ChannelLink } from "./link-store.ts";

let w: ChannelsWorld;
let link: ChannelLink;
const begin = async (raw: Record<string, unknown> = {}, days?: number) => {
  w = new ChannelsWorld(raw);
  w.node();
  link = await w.link(days === undefined ? {} : { days });
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
const paused = async () => (await room().links.fresh(link.id))?.paused ?? null;
const fill = async (from: number) => {
  const work = { signal: new AbortController().signal, turn: async () => true };
  await w.nodes[0]?.engine.listener.fillGap(wishOf(link), { from, to: w.clock.now() }, work);
};
const say = (html: string, more: object = {}) =>
  w.channels.say(w.teamsChannel, w.tenant.person("ben@example.com") ?? w.teamsPerson("ben"), {
    html,
    ...more,
  });
const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));

describe("when an admin retries", () => {
  test("a link checks both channels at once", async () => {
    await begin();
    w.channel.DeleteAt = w.clock.now();
    await w.clock.pass(2 * MINUTE);
    expect(await paused()).toBe("mattermost_archived");
    expect(await w.nodes[0]?.engine.retry(link.id)).toMatchObject({ paused: "mattermost_archived" });
    w.channel.DeleteAt = 0;
    expect(await w.nodes[0]?.engine.retry(link.id)).toMatchObject({ paused: null });
    expect(await paused()).toBeNull();
  });

  test("what was given up is retried on the node that works the queue, also from another node", async () => {
    await begin();
    const other = w.node();
    let tried = 0;
    const [first] = w.nodes;
    if (first) first.engine.queue.retryParked = async () => (tried += 1);
    await other.engine.retry(link.id);
    await w.settle();
    expect(tried).toBe(1);
  });

  test("a removed link is reported as such", async () => {
    await begin();
    expect(await w.nodes[0]?.engine.retry("nothing")).toBeNull();
  });
});

describe("a channel in Mattermost", () => {
  test("that is archived pauses the link; when restored, it gets what Teams said meanwhile", async () => {
    await begin();
    w.channel.DeleteAt = w.clock.now();
    await w.clock.pass(2 * MINUTE);
    expect(await paused()).toBe("mattermost_archived");
    say("<p>one</p>");
    say("<p>two</p>");
    await w.settle();
    expect(w.posts).toEqual([]);
    w.channel.DeleteAt = 0;
    await w.clock.pass(2 * MINUTE);
    expect(await paused()).toBeNull();
    await w.settle(90);
    expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["one", "two"]);
    expect(w.notices.at(-1)).toContain("copied between");
  });

  test("that becomes private keeps its link, and its members are notified once", async () => {
    await begin();
    w.channel.Type = "P";
    await w.clock.pass(5 * MINUTE);
    expect(w.notices.filter((one) => one.includes("private now"))).toHaveLength(1);
  });
});

describe("a channel in Teams", () => {
  test("that is archived pauses the link with one notice, and continues afterwards in order", async () => {
    await begin();
    w.teamsChannel.isArchived = true;
    await w.clock.pass(2 * HOUR);
    expect(await paused()).toBe("teams_archived");
    expect(w.notices.filter((one) => one.includes("archived in Teams"))).toHaveLength(1);
    await w.post(w.admin.user, "one");
    const two = await w.post(w.admin.user, "two");
    const three = await w.post(w.admin.user, "three");
    w.edit(two, "two and a half");
    w.remove(three);
    await w.settle();
    expect(w.messages).toEqual([]);
    w.teamsChannel.isArchived = false;
    await w.clock.pass(5 * MINUTE);
    expect(await paused()).toBeNull();
    expect(texts()).toEqual(["one", "two and a half"]);
  });

  test("that is deleted pauses the link with one notice; it is not queried any more", async () => {
    await begin();
    w.channels.deleteChannel(w.teamsChannel);
    await w.clock.pass(3 * HOUR);
    expect(await paused()).toBe("teams_gone");
    expect(w.notices.filter((one) => one.includes("does not exist in Teams"))).toHaveLength(1);
    expect(await w.nodes[0]?.engine.listener.wishes()).toEqual([]);
  });

  test("that is renamed is shown under its new name as soon as Teams reports it", async () => {
    await begin();
    w.teamsChannel.displayName = "Plans 2027";
    w.channels.say(w.teamsChannel, null, {
      html: "<systemEventMessage/>",
      eventDetail: { "@odata.type": "#microsoft.graph.channelRenamedEventMessageDetail" },
    });
    await w.settle();
    expect((await room().links.fresh(link.id))?.teamsChannelName).toBe("Plans 2027");
    expect(w.posts).toEqual([]);
  });
});

describe("people and rights", () => {
  test("a person who loses the connection is written for by the bot account", async () => {
    await begin();
    await w.post(w.admin.user, "with");
    await w.settle();
    w.connected.delete(w.admin.user.Id);
    await w.post(w.admin.user, "without");
    await w.settle();
    expect(w.messages.map(({ from }) => (from as { user: { id: string } }).user.id)).toEqual([
      w.admin.person.objectId,
      w.botPerson.objectId,
    ]);
  });

  test("when the app's permission is revoked, Mattermost → Teams continues, and the other direction waits", async () => {
    await begin();
    w.roles.delete("ChannelMessage.Read.All");
    const before = w.clock.now();
    say("<p>unheard</p>");
    w.pending.splice(0);
    await w.post(w.admin.user, "heard");
    await w.settle();
    expect(texts()).toContain("heard");
    await expect(fill(before - MINUTE)).rejects.toThrow("403");
    w.roles.add("ChannelMessage.Read.All");
    await fill(before - MINUTE);
    await w.settle();
    expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["heard", "unheard"]);
  });

  test("another tenant pauses the link with one notice", async () => {
    await begin();
    w.config.save({ m365_tenant_id: "11111111-2222-4333-8444-555555555555" });
    await w.clock.pass(5 * MINUTE);
    expect(await paused()).toBe("tenant_changed");
    expect(w.notices.filter((one) => one.includes("another Microsoft 365 organisation"))).toHaveLength(1);
  });
});

describe("an outage", () => {
  test("of Microsoft for six hours is caught up in order; edits and deletions meanwhile are included", async () => {
    await begin();
    let away = true;
    w.intercept = (method) => (away && method !== "GET" ? new Response("", { status: 503 }) : null);
    const posts = [];
    for (const text of ["one", "two", "three", "four"]) posts.push(await w.post(w.admin.user, text));
    const [, two, three] = posts;
    if (!two || !three) throw new Error("no posts");
    await w.clock.pass(6 * HOUR);
    w.edit(two, "second");
    w.remove(three);
    away = false;
    await w.clock.pass(10 * MINUTE);
    expect(texts()).toEqual(["one", "second", "four"]);
    expect(w.posts.map(({ Message }) => Message)).toEqual(["one", "second", "four"]);
    expect(w.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
  });

  test("of our notifications: gap filling copies twelve messages with replies, edits and deletions, once and in order", async () => {
    await begin();
    const from = w.clock.now();
    const root = say("<p>root</p>");
    for (let number = 0; number < 9; number += 1) say(`<p>reply ${number}</p>`, { replyTo: root.id });
    const gone = say("<p>gone</p>");
    const changed = say("<p>before</p>");
    w.channels.edit(w.teamsChannel, changed.id, { html: "<p>after</p>" });
    w.channels.remove(w.teamsChannel, gone.id);
    w.pending.splice(0);
    await fill(from - MINUTE);
    await w.settle();
    await fill(from - MINUTE);
    await w.settle();
    const shown = w.posts.map(({ Message }) => Message.split("\n").at(-1));
    expect(shown).toEqual(["root", ...Array.from({ length: 9 }, (_, number) => `reply ${number}`), "after"]);
    expect(new Set(w.posts.slice(1, 10).map(({ RootId }) => RootId))).toEqual(
      new Set([w.posts[0]?.Id ?? ""]),
    );
  });

  for (const cloud of ["without getAllMessages", "without getAllMessages and delta"]) {
    test(`gaps are read in another way ${cloud}`, async () => {
      await begin();
      w.channels.getAllMessages = false;
      if (cloud.includes("delta"))
        w.intercept = (_, path) =>
          path.includes("/delta") ? Response.json({ error: { code: "x" } }, { status: 400 }) : null;
      const from = w.clock.now();
      const root = say("<p>root</p>");
      say("<p>reply</p>", { replyTo: root.id });
      w.pending.splice(0);
      await fill(from - MINUTE);
      await w.settle();
      expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["root", "reply"]);
    });
  }

  test("of this server: posts that no hook reported are copied when it is back", async () => {
    await begin();
    const before = await w.post(w.admin.user, "before");
    await w.settle();
    w.unhook("node-1");
    await w.post(w.admin.user, "unseen");
    w.edit(before, "edited unseen");
    const node = w.nodes[0];
    void node?.engine.stop();
    await w.clock.pass(1_000);
    w.nodes.splice(0);
    w.node();
    await w.clock.pass(2 * MINUTE);
    expect(texts()).toEqual(["edited unseen", "unseen"]);
  });
});

describe("switched off and on", () => {
  test("what waited continues, and what was written meanwhile follows", async () => {
    await begin();
    let away = true;
    w.intercept = (method) => (away && method === "POST" ? new Response("", { status: 503 }) : null);
    await w.post(w.admin.user, "waiting");
    await w.settle();
    const [node] = w.nodes;
    const stopped = node?.engine.stop();
    await w.clock.pass(1_000);
    await stopped;
    w.unhook("node-1");
    await w.post(w.admin.user, "meanwhile");
    away = false;
    await w.clock.pass(HOUR);
    node?.engine.start();
    await w.clock.pass(12 * MINUTE);
    expect(texts()).toEqual(["waiting", "meanwhile"]);
  });
});

describe("national clouds", () => {
  const begun = async (cloud: string) => {
    await begin();
    w.config.save({ national_cloud: cloud });
    w.redirectGraph();
    w.channels.edits = false;
    w.channels.softDeletes = cloud === "china";
  };
  for (const cloud of ["gcchigh", "dod", "china"]) {
    test(`${cloud}: an edit is a line below, once`, async () => {
      await begun(cloud);
      const post = await w.post(w.admin.user, "typo");
      await w.settle();
      w.edit(post, "no typo");
      await w.settle();
      expect(texts()).toEqual(["typo", "Edited in Mattermost:no typo"]);
      expect(w.messages[1]?.replyToId).toBe(w.messages[0]?.id ?? "");
      expect(w.calls.filter((call) => call.startsWith("PATCH"))).toEqual([]);
      expect(w.posts).toHaveLength(1);
    });
  }
  for (const [cloud, deletes] of [
    ["gcchigh", false],
    ["dod", false],
    ["china", true],
  ] as const) {
    test(`${cloud}: a deletion is ${deletes ? "a deletion" : "a line below"}`, async () => {
      await begun(cloud);
      const post = await w.post(w.admin.user, "oops");
      await w.settle();
      w.remove(post);
      await w.settle();
      expect(texts()).toEqual(deletes ? [] : ["oops", "The author deleted this message in Mattermost."]);
    });
  }
  test("a private cloud without these calls is handled in the same way", async () => {
    await begin();
    w.channels.edits = false;
    w.channels.softDeletes = false;
    const post = await w.post(w.admin.user, "typo");
    await w.settle();
    w.edit(post, "no typo");
    await w.settle();
    w.remove(post);
    await w.settle();
    expect(texts()).toEqual([
      "typo",
      "Edited in Mattermost:no typo",
      "The author deleted this message in Mattermost.",
    ]);
  });
});

describe("the days before the link", () => {
  test("are copied with threads, at their own time, and mention nobody", async () => {
    w = new ChannelsWorld();
    const ben = w.teamsPerson("ben");
    const old = w.channels.say(w.teamsChannel, ben, { html: "<p>too old</p>" });
    await w.clock.pass(3 * 24 * HOUR);
    const root = w.channels.say(w.teamsChannel, ben, {
      html: '<p>root for <at id="0">Cy</at></p>',
      mentions: [{ id: 0, mentionText: "Cy", mentioned: { user: { id: w.admin.person.objectId } } }],
    });
    w.channels.say(w.teamsChannel, ben, { html: "<p>reply</p>", replyTo: root.id });
    w.pending.splice(0);
    await w.clock.pass(HOUR);
    w.node();
    link = await w.link({ days: 2 });
    await w.clock.pass(MINUTE);
    await w.settle();
    expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["root for @\u200bCy", "reply"]);
    expect(w.posts[0]?.CreateAt).toBe(Number(root.id));
    expect(w.posts[1]?.RootId).toBe(w.posts[0]?.Id ?? "");
    expect(old.id).toBeString();
    expect((await room().links.fresh(link.id))?.copySince).toBeNull();
  });
});

describe("hundreds of links", () => {
  test("are checked in Teams a few at a time after a start, and all of them within the hour", async () => {
    await begin();
    const { links } = room();
    for (let index = 0; index < 60; index += 1) {
      const team = w.channels.addTeam(`Team ${index}`, []);
      const there = w.channels.addChannel(team, "Channel");
      const here = w.mattermost.addChannel({ TeamId: w.team.Id, Name: `channel-${index}`, Type: "O" });
      await links.create({
        ...{ ...link, id: `l${index}`, channelId: here.Id, teamId: team.id, teamsChannelId: there.id },
        ...{ teamName: `Team ${index}`, teamsChannelName: "Channel" },
      });
    }
    await w.clock.pass(0);
    const looks = () => new Set(w.calls.filter((call) => /^GET \S*\/teams\/[^/?]+(\?|$)/.test(call))).size;
    expect(looks()).toBeGreaterThan(0);
    expect(looks()).toBeLessThanOrEqual(12);
    await w.clock.pass(HOUR);
    expect(looks()).toBeGreaterThanOrEqual(60);
  });
});
