import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { OTHER_TENANT, TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { cookie, PERSON, SITE, SignInWorld } from "./testing/sign-in-world.ts";

const authority = new TestAuthority();
afterAll(() => authority.stop());
let world: SignInWorld;
beforeEach(() => {
  world = new SignInWorld({ authority });
});

describe("a person whose account has the same address", () => {
  test("is signed in, linked and sent to the start page", async () => {
    const ana = world.addAna();
    const response = await world.post(world.v2());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ location: "/" });
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const session = world.sessionOf(response);
    expect(session).toMatchObject({ UserId: ana.Id, Roles: "system_user" });
    expect(await world.identity.links.byMattermostUser([ana.Id])).toEqual(
      new Map([[ana.Id, expect.objectContaining({ objectId: PERSON, basis: "token" })]]),
    );
    expect(world.audits).toEqual([
      expect.objectContaining({ outcome: "success", userId: ana.Id, linked: "token" }),
    ]);
  });

  test("gets a session like the server's own, with a CSRF token", async () => {
    world.addAna();
    const response = await world.post(world.v2());
    const session = world.sessionOf(response);
    expect(session?.Props).toMatchObject({
      platform: "Windows",
      os: "Windows 10",
      browser: "Edge/142.0",
      isMobile: "false",
      isSaml: "false",
      isOAuthUser: "false",
      is_guest: "false",
    });
    expect(session?.Props.csrf).toMatch(/^[a-z0-9]{26}$/);
    expect(cookie(response, "MMCSRF")).toBe(session?.Props.csrf);
  });

  test("gets cookies for the frame only", async () => {
    const ana = world.addAna();
    const cookies = (await world.post(world.v2())).headers.getSetCookie();
    expect(cookies.map((line) => line.split("=")[0])).toEqual([
      "MMAUTHTOKEN",
      "MMUSERID",
      "MMCSRF",
      "MMEMBED",
    ]);
    for (const line of cookies) {
      expect(line).toContain("; Secure; SameSite=None; Partitioned");
      expect(line).toContain("; Path=/;");
      expect(line).not.toContain("Domain");
    }
    expect(cookies.map((line) => line.includes("HttpOnly"))).toEqual([true, false, false, false]);
    expect(cookies[1]).toStartWith(`MMUSERID=${ana.Id};`);
  });

  test("is told to renew ten minutes before the cookies expire", async () => {
    world.addAna();
    const response = await world.post(world.v2());
    const { renewInSeconds } = (await response.json()) as { renewInSeconds: number };
    const [, maxAge] = /Max-Age=(\d+)/.exec(response.headers.getSetCookie()[0] ?? "") ?? [];
    expect(renewInSeconds).toBe(Number(maxAge) - 600);
  });

  test("gets the right cookies under a sub-path and for sub-domains", async () => {
    world.addAna();
    world.config.save({}, `${SITE}/mattermost`);
    world.mattermost.config.ServiceSettings.AllowCookiesForSubdomains = true;
    const response = await world.post(world.v2());
    expect(await response.json()).toMatchObject({ location: "/mattermost/" });
    for (const line of response.headers.getSetCookie()) {
      expect(line).toContain("Path=/mattermost; Domain=chat.example.com;");
    }
  });
});

describe("the location in the answer", () => {
  async function leads(subPageId: string, token = world.v2()): Promise<string> {
    world.now += 60_000;
    return ((await (await world.post(token, { subPageId })).json()) as { location: string }).location;
  }

  test("is a channel, team or person by id, elsewhere the start page", async () => {
    const ana = world.addAna();
    const team = world.mattermost.addTeam({ Name: "alpha" });
    world.mattermost.joinTeam(ana.Id, team.Id);
    const square = world.mattermost.channelByName(team.Id, "town-square")!;
    const hidden = world.mattermost.addChannel({ Name: "secret", TeamId: team.Id, Type: "P" });
    const ben = world.mattermost.addUser({ Username: "ben" });
    expect(await leads(`channel_${square.Id}`)).toBe("/alpha/channels/town-square");
    expect(await leads(`call_${square.Id}`)).toBe("/alpha/channels/town-square?join_call=true");
    expect(await leads(`team_${team.Id}`)).toBe("/alpha");
    expect(await leads(`user_${ben.Id}`)).toBe("/alpha/messages/@ben");
    world.now += 60_000;
    expect(await (await world.post(world.v2(), { subPageId: `channel_${hidden.Id}` })).json()).toMatchObject({
      location: "/",
      linkUnavailable: true,
    });
    for (const id of [
      `channel_${hidden.Id}`,
      "channel_aaaaaaaaaaaaaaaaaaaaaaaaaa",
      "https://evil.example",
      "//evil.example",
      "post_../../admin_console",
      "post_%2e%2e",
      "post_short",
      "run_short",
      "post_ABCDEFGHIJKLMNOPQRSTUVWXYZ",
      "nothing",
    ]) {
      expect(await leads(id)).toBe("/");
    }
  });

  describe("is a post, with its team, because the web app may have none chosen", () => {
    function alpha() {
      const ana = world.addAna();
      const ben = world.mattermost.addUser({ Username: "ben" });
      const team = world.mattermost.addTeam({ Name: "alpha" });
      for (const { Id } of [ana, ben]) world.mattermost.joinTeam(Id, team.Id);
      const channel = (part: { Name: string; Type?: string }) =>
        world.mattermost.addChannel({ TeamId: team.Id, Type: "O", ...part });
      const post = (ChannelId: string, part: object = {}) =>
        world.mattermost.putPost({ ChannelId, UserId: ben.Id, Message: "hello", ...part });
      return { ana, ben, team, channel, post };
    }

    test("is allowed in a channel of theirs, open or private, and for a reply in it", async () => {
      const { ana, channel, post } = alpha();
      for (const Type of ["O", "P"]) {
        const { Id } = channel({ Name: `room-${Type.toLowerCase()}`, Type });
        world.mattermost.join(ana.Id, Id);
        const root = post(Id);
        const reply = post(Id, { RootId: root.Id });
        expect(await leads(`post_${root.Id}`)).toBe(`/alpha/pl/${root.Id}`);
        expect(await leads(`thread_${root.Id}`)).toBe(`/alpha/pl/${root.Id}`);
        expect(await leads(`post_${reply.Id}`)).toBe(`/alpha/pl/${reply.Id}`);
      }
    });

    test("is allowed in an open channel of their team that they have not joined", async () => {
      const { channel, post } = alpha();
      const { Id } = post(channel({ Name: "lobby" }).Id);
      expect(await leads(`post_${Id}`)).toBe(`/alpha/pl/${Id}`);
    });

    test("is allowed in a team that is not their first", async () => {
      const { ana, post } = alpha();
      const second = world.mattermost.addTeam({ Name: "beta" });
      world.mattermost.joinTeam(ana.Id, second.Id);
      const { Id } = post(world.mattermost.channelByName(second.Id, "town-square")!.Id);
      expect(await leads(`post_${Id}`)).toBe(`/beta/pl/${Id}`);
    });

    test("is allowed in a direct message, with a team of the person", async () => {
      const { ana, ben, post } = alpha();
      const { Id } = post(world.mattermost.directChannel(ana.Id, ben.Id).Id);
      expect(await leads(`post_${Id}`)).toBe(`/alpha/pl/${Id}`);
    });

    test("works under a sub-path", async () => {
      const { ana, channel, post } = alpha();
      world.config.save({}, `${SITE}/mattermost`);
      const { Id: channelId } = channel({ Name: "room" });
      world.mattermost.join(ana.Id, channelId);
      const { Id } = post(channelId);
      expect(await leads(`post_${Id}`)).toBe(`/mattermost/alpha/pl/${Id}`);
    });

    const nowhere: Record<string, (world: ReturnType<typeof alpha>) => string> = {
      "that was deleted": ({ ana, channel, post }) => {
        const { Id } = channel({ Name: "room" });
        world.mattermost.join(ana.Id, Id);
        const gone = post(Id);
        world.mattermost.updatePost({ ...gone, DeleteAt: world.now });
        return gone.Id;
      },
      "in a private channel of others": ({ channel, post }) =>
        post(channel({ Name: "secret", Type: "P" }).Id).Id,
      "in a direct message of others": ({ ben, post }) =>
        post(world.mattermost.directChannel(ben.Id, world.mattermost.addUser({ Username: "cem" }).Id).Id).Id,
      "in an open channel of a team that they are not in": ({ post }) => {
        const other = world.mattermost.addTeam({ Name: "gamma" });
        return post(world.mattermost.channelByName(other.Id, "town-square")!.Id).Id;
      },
      "that does not exist": () => "p".repeat(26),
    };
    for (const [name, make] of Object.entries(nowhere)) {
      test(`${name}: the start page, and a message`, async () => {
        const id = make(alpha());
        const response = await world.post(world.v2(), { subPageId: `post_${id}` });
        expect(await response.json()).toMatchObject({ location: "/", linkUnavailable: true });
      });
    }

    test("a guest does not see an open channel without an invitation", async () => {
      const { ana, channel, post } = alpha();
      world.config.save({ allow_guests: true });
      world.mattermost.putUser({ ...ana, Roles: "system_guest" });
      const member = world.mattermost.teamMembersOfUser(ana.Id)[0]!;
      world.mattermost.putTeamMember({ ...member, Roles: "team_guest" });
      const { Id } = post(channel({ Name: "lobby" }).Id);
      expect(await leads(`post_${Id}`)).toBe("/");
    });

    test("follows the same rules while the tab is open", async () => {
      const { ana, channel, post } = alpha();
      const ask = (id: string) =>
        world.post("", {
          path: "/api/v1/location",
          body: JSON.stringify({ subPageId: `post_${id}` }),
          env: { userId: ana.Id },
        });
      const seen = post(channel({ Name: "lobby" }).Id);
      const hidden = post(channel({ Name: "secret", Type: "P" }).Id);
      expect(await (await ask(seen.Id)).json()).toEqual({ location: `/alpha/pl/${seen.Id}` });
      expect((await ask(hidden.Id)).status).toBe(404);
    });
  });
});

describe("the probe reports whether cookies came back", () => {
  const cases = [
    {
      name: "they did",
      cookie: "MMEMBED=1; other=x",
      userId: "ana",
      says: { signedIn: true, cookies: true },
    },
    {
      name: "the session has ended",
      cookie: "MMEMBED=1",
      userId: null,
      says: { signedIn: false, cookies: true },
    },
    { name: "they were refused", cookie: "", userId: null, says: { signedIn: false, cookies: false } },
  ];
  for (const each of cases) {
    test(each.name, async () => {
      const response = await world.probe({ Cookie: each.cookie }, { userId: each.userId });
      expect(await response.json()).toEqual(each.says);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
    });
  }
});

describe("a refused step", () => {
  test("looks the same whatever is wrong with the token, and sets nothing", async () => {
    world.addAna();
    const answers = [];
    for (const token of [world.v2({ tid: OTHER_TENANT }), world.v2({ exp: 1 }), "nonsense", ""]) {
      const response = await world.post(token);
      expect(response.status).toBe(401);
      expect(response.headers.getSetCookie()).toEqual([]);
      answers.push(await response.text());
    }
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0]!)).toEqual({
      code: "sign_in_refused",
      message: expect.any(String),
      requestId: "request-1",
    });
    expect(world.audits.map(({ reason }) => reason)).toEqual(["tenant", "expired", "malformed", "missing"]);
    expect(world.mattermost.sessions.size).toBe(0);
  });
});
