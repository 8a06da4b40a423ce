/** Tests linking over HTTP: permissions and responses. */

import { describe, expect, test } from "bun:test";
import { checkLinks } from "../check.ts";
import { link, show } from "../command.ts";
import { ChannelRoutes } from "../routes.ts";
import { begin, caller, ids, openLinking, room, w } from "../testing/linking-world.ts";
import { channelWords } from "../words.ts";

openLinking();

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

  test("a link is shown only to people who can read the channel", async () => {
    begin();
    w.channel.Type = "P";
    w.mattermost.putUser({ ...w.admin.user, Roles: "system_user system_admin" });
    expect(await link(room(), ids(), caller())).toBe(channelWords.in("en")("link_made"));
    const stranger = w.mattermost.addUser({ Username: "eve" });
    await expect(routes().ofChannel(stranger.Id, w.channel.Id)).rejects.toMatchObject({ code: "not_found" });
    expect(await show(room(), [], caller(stranger.Id))).toBe(channelWords.in("en")("no_such_channel"));
    expect(await json(routes().ofChannel(w.admin.user.Id, w.channel.Id))).toMatchObject({ linked: true });
    expect(await show(room(), [], caller())).toContain("Plans in Teams");
  });

  test("comparison reveals nothing of a Teams channel that the person cannot read", async () => {
    begin();
    w.scopes.add("ChannelMember.Read.All");
    const secret = w.channels.addChannel(w.channels.addTeam("Board"), "Secret");
    const query = new URLSearchParams({
      channel_id: w.channel.Id,
      team_id: secret.teamId,
      teams_channel_id: secret.id,
    });
    await expect(routes().compare(w.admin.user.Id, query)).rejects.toMatchObject({
      code: "teams_channel_unavailable",
    });
  });

  test("the state of a link, with its waiting changes, is the same on every node and after a restart", async () => {
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

  test("comparison lists people who are on one side only, if the members of both may be listed", async () => {
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
