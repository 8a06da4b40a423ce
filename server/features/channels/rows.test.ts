/**
 * Rows of the requirements that no other test of linked channels covers: refusals, reactions, rate limits, foreign
 * text.
 */

import { afterEach, describe, expect, test } from "bun:test";
import type { Caller } from "../../platform/commands/index.ts";
import { showLinks } from "./command.ts";
import { makeLink } from "./links/linking.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";

let w: ChannelsWorld;
const begin = async (raw: Record<string, unknown> = {}) => {
  w = new ChannelsWorld(raw);
  w.node();
  return w.link();
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
const patches = () => w.calls.filter((call) => call.startsWith("PATCH")).length;
const htmlOf = (index: number) => w.messages[index]?.body.content ?? "";
const lastLine = (index: number) => w.posts[index]?.Message.split("\n").at(-1);
const namesOn = (index: number) =>
  (w.mattermost.reactions.get(w.posts[index]?.Id ?? "") ?? []).map(({ EmojiName }) => EmojiName).sort();

describe("edits", () => {
  for (const status of [412, 409])
    test(`${status}, because somebody reacted in between: the message is read again and changed once`, async () => {
      await begin();
      const post = await w.post(w.admin.user, "one");
      await w.settle();
      let refusals = 1;
      w.intercept = (method) => {
        if (method !== "PATCH" || refusals === 0) return null;
        refusals -= 1;
        w.channels.react(w.teamsChannel, w.messages[0]?.id ?? "", w.teamsPerson("ben"), "👍");
        return Response.json({ error: { code: "PreconditionFailed" } }, { status });
      };
      w.edit(post, "two");
      await w.settle();
      expect(htmlOf(0)).toContain("two");
      expect(patches()).toBe(2);
      expect(w.messages[0]?.reactions).toHaveLength(1);
      expect(namesOn(0)).toEqual(["+1"]);
      expect(w.notes(w.admin.user)).toEqual([]);
    });

  test("402 of the evaluation model: the edit was made, and its author gets no message", async () => {
    await begin();
    const post = await w.post(w.admin.user, "one");
    await w.settle();
    w.intercept = (method) =>
      method === "PATCH" ? Response.json({ error: { code: "PaymentRequired" } }, { status: 402 }) : null;
    w.edit(post, "two");
    await w.settle();
    expect(patches()).toBe(1);
    expect(w.notes(w.admin.user)).toEqual([]);
  });

  test("of white space only, pins and saved posts cause no call", async () => {
    await begin();
    const post = await w.post(w.admin.user, "one two");
    await w.settle();
    w.calls.splice(0);
    w.edit(post, "one two  ");
    await w.settle();
    const before = w.posts[0];
    if (!before) throw new Error("no post");
    const pinned = { ...before, IsPinned: true };
    w.mattermost.updatePost(pinned);
    w.mattermost.fire("messageHasBeenUpdated", structuredClone(pinned), structuredClone(before));
    await w.settle();
    expect(w.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
  });

  test("keep mentions, files and reactions of the message", async () => {
    await begin();
    const dora = w.both("dora");
    const post = await w.post(w.admin.user, "hello @dora");
    await w.settle();
    w.channels.react(w.teamsChannel, w.messages[0]?.id ?? "", w.teamsPerson("ben"), "👍");
    await w.settle();
    w.edit(post, "good day @dora");
    await w.settle();
    expect(w.messages[0]?.mentions).toMatchObject([{ mentioned: { user: { id: dora.person.objectId } } }]);
    expect(w.messages[0]?.reactions).toHaveLength(1);
  });
});

describe("reactions from Teams", () => {
  test("a custom one becomes the emoji of the same name, if there is one here; otherwise nothing, without an error", async () => {
    await begin();
    w.mattermost.customEmojis.add("shipit");
    const ben = w.teamsPerson("ben");
    const message = w.channels.say(w.teamsChannel, ben, { html: "<p>x</p>" });
    await w.settle();
    const custom = (displayName: string) => ({
      ...{ reactionType: "custom", displayName, createdDateTime: "" },
      user: { user: { id: ben.objectId } },
    });
    const live = w.teamsChannel.messages.get(message.id);
    if (!live) throw new Error("no message");
    live.reactions = [custom("shipit"), custom("party_parrot"), custom("../x"), custom("tada")] as never;
    w.channels.react(w.teamsChannel, message.id, ben, "👍🏽");
    await w.settle();
    expect(namesOn(0)).toEqual(["+1", "shipit", "tada"]);
    expect(w.messages[0]?.reactions).toHaveLength(5);
    expect(w.warnings).toEqual([]);
  });

  test("one without a person is ignored; old names are recognised", async () => {
    await begin();
    const message = w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>x</p>" });
    await w.settle();
    w.channels.react(w.teamsChannel, message.id, null, "👍");
    await w.settle();
    expect(namesOn(0)).toEqual([]);
    w.channels.react(w.teamsChannel, message.id, w.teamsPerson("eve"), "heart");
    await w.settle();
    expect(namesOn(0)).toEqual(["heart"]);
  });
});

describe("rate limits", () => {
  test("429 with Retry-After: waits that long, keeps the order, and does not delay other channels", async () => {
    await begin();
    const other = w.mattermost.addChannel({
      TeamId: w.team.Id,
      Name: "other",
      DisplayName: "Other",
      Type: "O",
    });
    w.mattermost.join(w.admin.user.Id, other.Id, { Roles: "channel_user channel_admin", SchemeAdmin: true });
    const there = w.channels.addChannel(w.teamsTeam, "Other in Teams");
    const made = await makeLink(room(), {
      ...{ userId: w.admin.user.Id, channelId: other.Id, teamId: there.teamId, teamsChannelId: there.id },
    });
    expect(made.ok).toBe(true);
    const until = w.clock.now() + 20_000;
    w.intercept = (method, path) =>
      method === "POST" && path.includes(encodeURIComponent(w.teamsChannel.id)) && w.clock.now() < until
        ? Response.json(
            { error: { code: "TooManyRequests" } },
            { status: 429, headers: { "Retry-After": "20" } },
          )
        : null;
    for (const text of ["one", "two", "three"]) await w.post(w.admin.user, text);
    await w.post(w.admin.user, "elsewhere", { ChannelId: other.Id });
    await w.settle(6);
    expect(w.messages).toEqual([]);
    expect(w.channels.visible(there)).toHaveLength(1);
    const asked = w.calls.filter(
      (call) => call.startsWith("POST") && call.includes(w.teamsChannel.id.slice(3, 20)),
    );
    expect(asked.length).toBeLessThanOrEqual(2);
    await w.settle(60);
    expect(w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""))).toEqual([
      "one",
      "two",
      "three",
    ]);
    expect(w.notes(w.admin.user)).toEqual([]);
  });
});

describe("threads", () => {
  test("a reply in Teams to a root from before the link copies the root along, at its own time", async () => {
    w = new ChannelsWorld();
    const ben = w.teamsPerson("ben");
    const root = w.channels.say(w.teamsChannel, ben, { html: "<p>old root</p>" });
    w.pending.splice(0);
    await w.clock.pass(MINUTE);
    w.node();
    await w.link();
    w.channels.say(w.teamsChannel, ben, { html: "<p>reply</p>", replyTo: root.id });
    await w.settle();
    expect([lastLine(0), lastLine(1)]).toEqual(["old root", "reply"]);
    expect(w.posts[1]?.RootId).toBe(w.posts[0]?.Id ?? "");
    await w.post(w.admin.user, "answer", { RootId: w.posts[0]?.Id ?? "" });
    await w.settle();
    expect(w.messages.at(-1)?.replyToId).toBe(root.id);
  });
});

describe("text from outside", () => {
  test("names, mentions and links of strangers neither mention nor format", async () => {
    await begin();
    const eve = w.teamsPerson("eve", { displayName: "@all **[Eve](https://evil.example)**\n# x" });
    w.channels.say(w.teamsChannel, eve, {
      html: '<p>@channel @here @all @cy <a href="javascript:alert(1)">x</a> <at id="0">Everybody</at></p>',
      mentions: [
        { id: 0, mentionText: "Everybody", mentioned: { conversation: { id: "other", displayName: "x" } } },
      ],
    });
    await w.settle();
    const text = w.posts[0]?.Message ?? "";
    expect(text).not.toMatch(/@(all|channel|here|cy)\b/);
    expect(text).not.toContain("javascript:");
    expect(text.split("\n")[0]).not.toMatch(/^# |\]\(/);
  });

  test("@all of somebody who may not use it here is plain text there", async () => {
    await begin();
    const guest = w.mattermostPerson("gus", { Roles: "system_guest" });
    w.mattermost.putChannelMember({
      ...(w.mattermost.channelMember(w.channel.Id, guest.Id) as never as object),
      ...{ Roles: "channel_custom", SchemeUser: false, SchemeGuest: false },
    } as never);
    await w.post(guest, "@all wake up");
    await w.settle();
    expect(htmlOf(0)).toContain("@all");
    expect(w.messages[0]?.mentions).toEqual([]);
  });

  test("urgent is urgent there; an edit of it in Teams adds no line here, and nothing is copied back", async () => {
    await begin();
    await w.post(w.admin.user, "now", { Metadata: { Priority: { Priority: "urgent" } } as never });
    await w.settle();
    expect(w.messages[0]?.importance).toBe("urgent");
    w.channels.edit(w.teamsChannel, w.messages[0]?.id ?? "", { html: "<p>now!</p>" });
    await w.settle();
    expect(w.posts.map(({ Message }) => Message)).toEqual(["now!"]);
    expect(patches()).toBe(0);
    expect(w.messages).toHaveLength(1);
  });
});

describe("links", () => {
  test("a channel that moves to another team keeps its link, and gets one post about it", async () => {
    await begin();
    const other = w.mattermost.addTeam({ Name: "logistics", DisplayName: "Logistics" });
    w.channel.TeamId = other.Id;
    await w.clock.pass(5 * MINUTE);
    expect(w.notices.filter((one) => one.includes("another team of Mattermost"))).toHaveLength(1);
    await w.post(w.admin.user, "still here");
    await w.settle();
    expect(w.messages).toHaveLength(1);
  });

  test("300 links are shown in tables that fit, completely, and only to the admin", async () => {
    await begin();
    for (let number = 0; number < 299; number += 1) {
      const name = `channel-with-a-long-name-${number}`;
      const channel = w.mattermost.addChannel({
        TeamId: w.team.Id,
        Name: name,
        DisplayName: name,
        Type: "O",
      });
      const { id } = w.channels.addChannel(w.teamsTeam, `${name}-in-teams`);
      await room().links.create({
        ...{ v: 1, id: `l${number}`, channelId: channel.Id, teamId: w.teamsTeam.id, teamsChannelId: id },
        ...{ membershipType: "standard", teamName: "Ops", teamsChannelName: `${name}-in-teams` },
        ...{ tenantId: w.tenant.id, createdBy: "", createdAt: 0, paused: null, pausedAt: null },
        ...{ isPrivate: false, copySince: null },
      });
    }
    const sent: string[] = [];
    w.mattermost.watch(({ event, data }) => {
      if (event === "ephemeral_message") sent.push(String((data.post as { Message?: string }).Message));
    });
    const caller: Caller = {
      ...{ userId: w.admin.user.Id, channelId: w.channel.Id, teamId: w.team.Id },
      ...{ rootId: "", triggerId: "", language: "en" },
    };
    const all = [...sent, await showLinks(room(), [], caller)];
    const tables = [...sent, all.at(-1) ?? ""];
    expect(tables.length).toBeGreaterThan(1);
    for (const table of tables) expect([...table].length).toBeLessThan(16_384);
    const rows = tables.flatMap((table) => table.split("\n").slice(2));
    expect(rows).toHaveLength(300);
    expect(w.notices).toHaveLength(1);
  }, 60_000);
});
