/** Tests who may link what, in the order of reasons, and the commands. */

import { afterEach, describe, expect, test } from "bun:test";
import type { Caller } from "../../../platform/commands/index.ts";
import { checkLinks } from "../check.ts";
import { link, show, showLinks, unlink } from "../command.ts";
import { ChannelRoutes } from "../routes.ts";
import { ChannelsWorld } from "../testing/channels-world.ts";
import { channelWords } from "../words.ts";

let w: ChannelsWorld;
const say = channelWords.in("en");
const begin = (raw: Record<string, unknown> = {}) => {
  w = new ChannelsWorld(raw);
  w.node();
  return w;
};
afterEach(() => w.stop());

const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
const caller = (userId = w.admin.user.Id, channelId = w.channel.Id): Caller => ({
  ...{ userId, channelId, teamId: w.team.Id, rootId: "", triggerId: "", language: "en" },
});
const ids = () => [w.teamsTeam.id, w.teamsChannel.id];
const admin = (userId: string, channelId = w.channel.Id) =>
  w.mattermost.putChannelMember({
    ...(w.mattermost.channelMember(channelId, userId) as NonNullable<
      ReturnType<typeof w.mattermost.channelMember>
    >),
    Roles: "channel_user channel_admin",
    SchemeAdmin: true,
  });
const asked = () => w.calls.length;

describe("a link", () => {
  test("is created, announced with names, and shown", async () => {
    begin();
    expect(await link(room(), ids(), caller())).toBe(say("link_made"));
    expect(w.notices).toHaveLength(1);
    expect(w.notices[0]).toContain("**Plans in Teams**");
    expect(await show(room(), [], caller())).toContain("**Plans in Teams** of the team **Ops**");
    expect(await showLinks(room(), [], caller())).toContain("| Operations | Plans | Ops | Plans in Teams |");
  });

  test("is announced to open pages of the channel, and of no other, without any name", async () => {
    begin();
    const told: unknown[] = [];
    const end = w.mattermost.watch(({ data, event, to }) => {
      if (event.endsWith("_channels_link")) told.push({ data, to });
    });
    await link(room(), ids(), caller());
    await unlink(room(), [], caller());
    await Bun.sleep(5);
    end();
    const one = { data: { channel_id: w.channel.Id }, to: { channelId: w.channel.Id } };
    expect(told).toMatchObject([one, one]);
  });

  test("is one to one, also when two people link at once", async () => {
    begin();
    const other = w.mattermost.addChannel({
      TeamId: w.team.Id,
      Name: "other",
      DisplayName: "Other",
      Type: "O",
    });
    w.mattermost.join(w.admin.user.Id, other.Id, { Roles: "channel_user channel_admin", SchemeAdmin: true });
    const answers = await Promise.all([
      link(room(), ids(), caller()),
      link(room(), ids(), caller(w.admin.user.Id, other.Id)),
      link(room(), ids(), caller()),
    ]);
    expect(answers.filter((one) => one === say("link_made"))).toHaveLength(1);
    await room().links.reload();
    expect(await room().links.all()).toHaveLength(1);
  });

  test("is removed and announced, and both channels are free again", async () => {
    begin();
    await link(room(), ids(), caller());
    expect(await unlink(room(), [], caller())).toBe(say("link_removed"));
    expect(w.notices).toHaveLength(2);
    expect(await unlink(room(), [], caller())).toBe(say("not_linked"));
    expect(await show(room(), [], caller())).toBe(say("not_linked"));
    expect(await showLinks(room(), [], caller())).toBe(say("no_links"));
    expect(await link(room(), ids(), caller())).toBe(say("link_made"));
  });

  test("reports how many people of the Teams channel will appear only by name, if that can be known", async () => {
    begin();
    w.teamsPerson("ben");
    w.both("dora");
    w.scopes.add("ChannelMember.Read.All");
    expect(await link(room(), ids(), caller())).toContain("without a connected account here: 1.");
  });

  test("warns when no bot account is connected", async () => {
    begin();
    w.botConnected = false;
    expect(await link(room(), ids(), caller())).toContain(say("no_bot_account"));
  });
});

describe("the first reason that fails is the answer", () => {
  const cases: Record<string, [() => Promise<string>, string, boolean]> = {
    "a channel that the person cannot read": [
      async () => link(room(), ids(), caller(w.mattermost.addUser({ Username: "eve" }).Id)),
      "no_such_channel",
      false,
    ],
    "a channel that does not exist": [
      async () => link(room(), [], caller(undefined, "x".repeat(26))),
      "no_such_channel",
      false,
    ],
    "a direct message, without arguments": [
      async () => {
        const other = w.mattermostPerson("dan");
        const direct = w.mattermost.directChannel(w.admin.user.Id, other.Id);
        w.mattermost.putChannelMember({
          ...(w.mattermost.channelMember(direct.Id, w.admin.user.Id) as never as object),
          Roles: "channel_user",
        } as never);
        return link(room(), [], caller(undefined, direct.Id));
      },
      "direct_channel",
      false,
    ],
    "a guest": [
      async () => {
        const guest = w.mattermostPerson("gus", { Roles: "system_guest" });
        admin(guest.Id);
        return link(room(), ids(), caller(guest.Id));
      },
      "guest",
      false,
    ],
    "a member who is no channel admin, with too few arguments": [
      async () => link(room(), ["x"], caller(w.both("mia").user.Id)),
      "not_channel_admin",
      false,
    ],
    "one argument": [async () => link(room(), ["x"], caller()), "usage", false],
    "three arguments": [async () => link(room(), ["x", "y", "z"], caller()), "usage", false],
    "a private channel": [
      async () => {
        w.channel.Type = "P";
        return link(room(), ids(), caller());
      },
      "private_channel",
      false,
    ],
    "a team that may not link": [
      async () => {
        w.config.save({ channels_enabled_teams: "logistics" });
        return link(room(), ids(), caller());
      },
      "team_not_enabled",
      false,
    ],
    "nobody connected": [
      async () => {
        w.connected.clear();
        return link(room(), ids(), caller());
      },
      "connect_first",
      false,
    ],
    "a Teams channel of another team": [
      async () => {
        const secret = w.channels.addChannel(w.channels.addTeam("Board"), "Secret");
        return link(room(), [secret.teamId, secret.id], caller());
      },
      "teams_not_visible",
      true,
    ],
    "a private Teams channel of the own team": [
      async () => {
        const secret = w.channels.addChannel(w.teamsTeam, "Secret", { membershipType: "private" });
        return link(room(), [secret.teamId, secret.id], caller());
      },
      "teams_not_visible",
      true,
    ],
    "a Teams channel that does not exist": [
      async () => link(room(), [w.teamsTeam.id, "19:nothing@thread.tacv2"], caller()),
      "teams_not_visible",
      true,
    ],
    "Microsoft away": [
      async () => {
        w.intercept = () => new Response("", { status: 503 });
        return link(room(), ids(), caller());
      },
      "teams_unreachable",
      true,
    ],
  };
  for (const [name, [act, word, asksGraph]] of Object.entries(cases)) {
    test(`${name}: ${word}`, async () => {
      begin();
      const before = asked();
      expect(await act()).toBe(say(word as never));
      expect(asked() > before).toBe(asksGraph);
      expect(await room().links.all()).toEqual([]);
    });
  }

  test("a system admin may link a private channel", async () => {
    begin();
    w.channel.Type = "P";
    w.mattermost.putUser({ ...w.admin.user, Roles: "system_user system_admin" });
    expect(await link(room(), ids(), caller())).toBe(say("link_made"));
  });

  test("a private Teams channel needs the bot account as a member", async () => {
    begin();
    const secret = w.channels.addChannel(w.teamsTeam, "Secret", {
      membershipType: "private",
      members: [w.admin.person],
    });
    const answer = await link(room(), [secret.teamId, secret.id], caller());
    expect(answer).toContain("cannot read the Teams channel");
    secret.members.add(w.botPerson.objectId);
    expect(await link(room(), [secret.teamId, secret.id], caller())).toBe(say("link_made"));
  });

  test("a linked Teams channel is named only to people who can read the other channel", async () => {
    begin();
    await link(room(), ids(), caller());
    const other = w.mattermost.addChannel({
      TeamId: w.team.Id,
      Name: "other",
      DisplayName: "Other",
      Type: "O",
    });
    w.mattermost.join(w.admin.user.Id, other.Id, { Roles: "channel_user channel_admin", SchemeAdmin: true });
    expect(await link(room(), ids(), caller(undefined, other.Id))).toContain("**Plans**");
    const stranger = w.both("sam");
    w.mattermost.leave(stranger.user.Id, w.channel.Id);
    w.mattermost.join(stranger.user.Id, other.Id, { Roles: "channel_user channel_admin", SchemeAdmin: true });
    expect(await link(room(), ids(), caller(stranger.user.Id, other.Id))).toBe(say("teams_taken"));
    expect(await link(room(), ids(), caller())).toBe(say("mattermost_taken"));
  });
});

describe("routes", () => {
  const routes = () => new ChannelRoutes(room());
  const json = async (response: Promise<Response>) => (await response).json();

  test("completion offers the person's own teams and channels, and nothing to others", async () => {
    begin();
    w.channels.addChannel(w.channels.addTeam("Board"), "Secret");
    w.channels.addChannel(w.teamsTeam, "Hidden", { membershipType: "private" });
    const query = (text: string) => new URLSearchParams({ user_input: text, parsed: "/msteams link" });
    const teams = await json(routes().complete("teams", w.admin.user.Id, query("")));
    expect(teams).toEqual([{ Item: w.teamsTeam.id, Hint: "Ops", HelpText: "Ops" }]);
    const channels = new URLSearchParams({ parsed: `/msteams link ${w.teamsTeam.id} `, user_input: "" });
    expect(await json(routes().complete("channels", w.admin.user.Id, channels))).toMatchObject([
      { Hint: "Plans in Teams" },
    ]);
    expect(await json(routes().complete("teams", w.mattermostPerson("ann").Id, query("")))).toEqual([]);
  });

  test("create, show and remove a link, with its state for admins", async () => {
    begin();
    const body = { channelId: w.channel.Id, teamId: w.teamsTeam.id, teamsChannelId: w.teamsChannel.id };
    const request = (content: object) =>
      new Request("http://plugin/", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(content),
      });
    const refused = await routes().create(w.mattermostPerson("ann").Id, request(body));
    expect([refused.status, ((await refused.json()) as { reason: string }).reason]).toEqual([
      403,
      "not_channel_admin",
    ]);
    expect((await routes().create(w.admin.user.Id, request(body))).status).toBe(201);
    expect((await routes().create(w.admin.user.Id, request(body))).status).toBe(409);
    await expect(routes().create(w.admin.user.Id, request({ ...body, more: 1 }))).rejects.toMatchObject({
      code: "request_invalid",
    });
    expect(await json(routes().ofChannel(w.admin.user.Id, w.channel.Id))).toMatchObject({
      linked: true,
      mayManage: true,
      channel: "Plans in Teams",
    });
    await w.post(w.admin.user, "hello");
    await w.settle();
    const { links } = (await json(routes().list())) as { links: unknown[] };
    expect(links).toMatchObject([
      { paused: null, failed: 0, waiting: 0, lastToTeams: expect.any(Number), lastToMattermost: null },
    ]);
    expect((await routes().end(w.admin.user.Id, w.channel.Id)).status).toBe(204);
    expect(await json(routes().ofChannel(w.admin.user.Id, w.channel.Id))).toMatchObject({ linked: false });
  });

  test("the state of a link is the same on every node and after a restart, including what waits", async () => {
    begin();
    await link(room(), ids(), caller());
    w.intercept = (method) => (method === "GET" ? null : new Response("", { status: 503 }));
    const since = w.clock.now();
    await w.post(w.admin.user, "one");
    await w.post(w.admin.user, "two");
    await w.settle();
    const other = w.node();
    for (const one of [room(), other.engine.room])
      expect(await json(new ChannelRoutes(one).list())).toMatchObject({
        botAccount: "bridge@example.com",
        links: [
          {
            mattermost: { channelId: w.channel.Id, channel: "Plans", team: "Operations", isPrivate: false },
            teams: { team: "Ops", channel: "Plans in Teams", membershipType: "standard" },
            createdBy: "cy",
            ...{ waiting: 2, waitingToTeams: 2, waitingToMattermost: 0, waitingSince: since, parked: 0 },
          },
        ],
      });
  });

  test("the Checks page reports paused and failing links, and a missing bot account", async () => {
    begin();
    expect(await checkLinks(room())).toBeNull();
    await link(room(), ids(), caller());
    expect(await checkLinks(room())).toEqual({
      state: "ok",
      seen: [{ code: "links", values: { count: 1 } }],
    });
    w.intercept = (method) => (method === "GET" ? null : new Response("", { status: 503 }));
    await w.post(w.admin.user, "one");
    await w.clock.pass(20 * 60_000);
    expect(await checkLinks(room())).toMatchObject({ state: "warning", cure: "links_failing" });
    w.teamsChannel.isArchived = true;
    w.botConnected = false;
    await w.clock.pass(2 * 60 * 60_000);
    const answer = await checkLinks(room());
    expect(answer?.seen.map(({ code }) => code)).toEqual(["links", "links_paused", "links_no_bot"]);
    expect(answer?.cure).toBe("links_paused");
  });

  test("comparison lists who is on one side only, if that may be known", async () => {
    begin();
    w.mattermostPerson("ann", { FirstName: "Ann", LastName: "Here" });
    w.teamsPerson("ben");
    const query = new URLSearchParams({
      channel_id: w.channel.Id,
      team_id: w.teamsTeam.id,
      teams_channel_id: w.teamsChannel.id,
    });
    expect(await json(routes().compare(w.admin.user.Id, query))).toEqual({ compared: false, mattermost: 2 });
    w.scopes.add("ChannelMember.Read.All");
    expect(await json(routes().compare(w.admin.user.Id, query))).toMatchObject({
      compared: true,
      onlyInMattermost: ["Ann Here"],
      onlyInTeams: ["Bridge", "Ben Teams"],
    });
    const stranger = await routes().compare(w.mattermostPerson("eve").Id, query);
    expect(stranger.status).toBe(403);
  });
});
