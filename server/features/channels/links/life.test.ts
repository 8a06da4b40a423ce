/** Tests what happens to a link when its channels, its people or Microsoft change. */

import { describe, expect, test } from "bun:test";
import { ChannelsWorld } from "../testing/channels-world.ts";
import { begin, fill, HOUR, link, MINUTE, openLink, say, texts, use, w } from "../testing/one-link.ts";

openLink();

const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
const paused = async () => (await room().links.fresh(link.id))?.paused ?? null;
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

  test("changes that were given up are retried on the node that works the queue, also when another node gets the request", async () => {
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
  test("that is archived pauses the link; when it is restored it gets the messages of Teams that came meanwhile", async () => {
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

  test("that is restored while the Teams channel is archived says that, and not that messages are copied again", async () => {
    await begin();
    w.channel.DeleteAt = w.clock.now();
    await w.clock.pass(2 * MINUTE);
    w.teamsChannel.isArchived = true;
    w.channel.DeleteAt = 0;
    await w.clock.pass(2 * MINUTE);
    expect(await paused()).toBe("teams_archived");
    expect(w.notices.slice(1)).toEqual([expect.stringContaining("archived in Teams")]);
    w.teamsChannel.isArchived = false;
    await w.clock.pass(2 * MINUTE);
    expect(await paused()).toBeNull();
    expect(w.notices).toHaveLength(3);
  });

  test("that is restored goes on, although the app may not look at the Teams channel", async () => {
    await begin();
    w.channel.DeleteAt = w.clock.now();
    await w.clock.pass(2 * MINUTE);
    w.roles.delete("Channel.ReadBasic.All");
    w.roles.delete("Team.ReadBasic.All");
    w.channel.DeleteAt = 0;
    await w.clock.pass(2 * MINUTE);
    expect(await paused()).toBeNull();
  });

  test("that becomes private keeps its link, and gets one post about it", async () => {
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
  test("the bot account writes for a member who loses the connection", async () => {
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
    say("<p>while away</p>");
    w.pending.splice(0);
    await w.post(w.admin.user, "while back");
    await w.settle();
    expect(texts()).toContain("while back");
    await expect(fill(before - MINUTE)).rejects.toThrow("403");
    w.roles.add("ChannelMessage.Read.All");
    await fill(before - MINUTE);
    await w.settle();
    expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["while back", "while away"]);
  });

  test("another tenant pauses the link with one notice", async () => {
    await begin();
    w.config.save({ m365_tenant_id: "11111111-2222-4333-8444-555555555555" });
    await w.clock.pass(5 * MINUTE);
    expect(await paused()).toBe("tenant_changed");
    expect(w.notices.filter((one) => one.includes("another Microsoft 365 organisation"))).toHaveLength(1);
  });
});

describe("switched off and on", () => {
  test("waiting messages continue, and messages written meanwhile follow", async () => {
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

describe("the days before the link", () => {
  test("are copied with threads, at their own time, and mention nobody", async () => {
    use(new ChannelsWorld());
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
    const link = await w.link({ days: 2 });
    await w.clock.pass(MINUTE);
    await w.settle();
    expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["root for @\u200bCy", "reply"]);
    expect(w.posts[0]?.CreateAt).toBe(Number(root.id));
    expect(w.posts[1]?.RootId).toBe(w.posts[0]?.Id ?? "");
    expect(old.id).toBeString();
    expect((await room().links.fresh(link.id))?.copySince).toBeNull();
  });
});

describe("a message from before the link", () => {
  test("whose post was made without an answer is not posted twice", async () => {
    use(new ChannelsWorld());
    w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>old</p>" });
    w.pending.splice(0);
    await w.clock.pass(3 * HOUR);
    let lost = 0;
    w.node("node-1", {}, (ports) => ({
      ...ports,
      api: {
        ...ports.api,
        async createPost(part) {
          const made = await ports.api.createPost(part);
          if (part?.Props?.teams_message_id && lost === 0) {
            lost += 1;
            throw new Error("the answer was lost");
          }
          return made;
        },
      },
    }));
    await w.link({ days: 1 });
    await w.clock.pass(10 * MINUTE);
    await w.settle();
    expect(lost).toBe(1);
    expect(w.posts.map(({ Message }) => Message.split("\n").at(-1))).toEqual(["old"]);
  });
});

describe("hundreds of links", () => {
  const teamReads = () => w.calls.filter((call) => /^GET \S*\/teams\/[^/?]+(\?|$)/.test(call));

  async function addLinks(
    count: number,
    teamOf: (index: number) => ReturnType<typeof w.channels.addTeam>,
  ): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const team = teamOf(index);
      const there = w.channels.addChannel(team, `Channel ${index}`);
      const here = w.mattermost.addChannel({ TeamId: w.team.Id, Name: `channel-${index}`, Type: "O" });
      await room().links.create({
        ...{ ...link, id: `l${index}`, channelId: here.Id, teamId: team.id, teamsChannelId: there.id },
        ...{ teamName: team.displayName, teamsChannelName: `Channel ${index}` },
      });
    }
  }

  test("are checked in Teams a few at a time after a start, and all of them within the hour", async () => {
    await begin();
    await addLinks(60, (index) => w.channels.addTeam(`Team ${index}`, []));
    await w.clock.pass(0);
    const teams = () => new Set(teamReads()).size;
    expect(teams()).toBeGreaterThan(0);
    expect(teams()).toBeLessThanOrEqual(12);
    await w.clock.pass(HOUR);
    expect(teams()).toBeGreaterThanOrEqual(60);
  });

  test("of one team are checked one after another: Teams allows four requests a second on a team", async () => {
    await begin();
    const team = w.channels.addTeam("Harbor", []);
    await addLinks(20, () => team);
    const ofTeam = () => w.calls.filter((call) => call.includes(`/teams/${team.id}`));
    await w.clock.pass(0);
    expect(ofTeam().length).toBeGreaterThan(0);
    for (let minute = 0; minute < 30; minute += 1) {
      const before = ofTeam().length;
      await w.clock.pass(60_000);
      expect(ofTeam().length - before).toBeLessThanOrEqual(4);
    }
    expect(teamReads().filter((call) => call.includes(team.id)).length).toBeGreaterThanOrEqual(20);
  });
});
