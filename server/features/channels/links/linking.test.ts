/** Tests who may link what, in the order of reasons, and the commands. */

import { describe, expect, test } from "bun:test";
import { link, show, showLinks, unlink } from "../command.ts";
import { ChannelRoutes } from "../routes.ts";
import { begin, caller, ids, openLinking, room, w } from "../testing/linking-world.ts";
import { channelWords } from "../words.ts";

openLinking();

const say = channelWords.in("en");
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

  test("is announced to open pages of this channel alone, without any name", async () => {
    begin();
    const sent: unknown[] = [];
    const end = w.mattermost.watch(({ data, event, to }) => {
      if (event.endsWith("_channels_link")) sent.push({ data, to });
    });
    await link(room(), ids(), caller());
    await unlink(room(), [], caller());
    await Bun.sleep(5);
    end();
    const one = { data: { channel_id: w.channel.Id }, to: { channelId: w.channel.Id } };
    expect(sent).toMatchObject([one, one]);
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
    "a member who is not a channel admin, with too few arguments": [
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
    "a Teams channel that the person sees but may not read": [
      async () => {
        w.intercept = (_, path) => (path.includes("/messages") ? new Response("{}", { status: 403 }) : null);
        return link(room(), ids(), caller());
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

  test("a link is removed only by people who might make it", async () => {
    begin();
    await link(room(), ids(), caller());
    const mia = w.both("mia");
    const stranger = w.mattermost.addUser({ Username: "eve" });
    expect(await unlink(room(), [], caller(mia.user.Id))).toBe(say("not_channel_admin"));
    expect(await unlink(room(), [], caller(stranger.Id))).toBe(say("no_such_channel"));
    const over = await new ChannelRoutes(room()).end(mia.user.Id, w.channel.Id);
    expect(over.status).toBe(403);
    await room().links.reload();
    expect(await room().links.all()).toHaveLength(1);
    admin(mia.user.Id);
    expect(await unlink(room(), [], caller(mia.user.Id))).toBe(say("link_removed"));
  });

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
