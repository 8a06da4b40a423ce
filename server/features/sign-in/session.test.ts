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

    test("under a sub-path", async () => {
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

describe("the sessions of the tab", () => {
  const HOUR = 3_600_000;
  const linkOf = async () => {
    const [link] = await Array.fromAsync(world.identity.links.store.all());
    return link ? world.identity.links.store.read(link) : null;
  };
  const again = (sessionId: string, token = world.v2()) =>
    world.post(token, { env: { SessionId: sessionId } });

  // A web socket belongs to the session it was opened with: when that session ends, the page receives nothing more.
  test("the existing session of the same person in this browser is kept", async () => {
    world.addAna();
    world.mattermost.config.ServiceSettings.ExtendSessionLengthWithActivity = false;
    const first = await world.post(world.v2());
    const session = world.sessionOf(first)!;
    world.now += HOUR;
    const second = await again(session.Id);
    expect(world.sessionOf(second)?.Id).toBe(session.Id);
    expect(cookie(second, "MMCSRF")).toBe(cookie(first, "MMCSRF"));
    expect([...world.mattermost.sessions.keys()]).toEqual([session.Id]);
    // Its remaining time is unchanged.
    const maxAge = (response: Response) =>
      Number(/Max-Age=(\d+)/.exec(response.headers.getSetCookie()[0] ?? "")?.[1]);
    expect(maxAge(first) - maxAge(second)).toBe(3600);
    expect((await linkOf())?.record.sessions).toEqual([{ id: session.Id, until: session.ExpiresAt }]);
    expect(world.audits.at(-1)).toMatchObject({ outcome: "success", sessionId: session.Id });
  });

  test("near its end a new one is created, and the old one runs until its own end", async () => {
    world.addAna();
    world.config.save({ session_hours: 1 });
    const session = world.sessionOf(await world.post(world.v2()))!;
    world.now += 50 * 60_000;
    const second = world.sessionOf(await again(session.Id))!;
    expect(second.Id).not.toBe(session.Id);
    expect(second.ExpiresAt).toBe(world.now + HOUR);
    expect(world.mattermost.sessionByToken(session.Token)).toBeDefined();
    world.now = session.ExpiresAt + 1;
    expect(world.mattermost.sessionByToken(session.Token)).toBeUndefined();
  });

  test("an admin's own length counts from the beginning, however often the session is kept", async () => {
    world.addAna();
    world.config.save({ session_hours: 2 });
    world.mattermost.config.ServiceSettings.ExtendSessionLengthWithActivity = true;
    const session = world.sessionOf(await world.post(world.v2()))!;
    // As the server extends a session that is used.
    world.mattermost.sessions.get(session.Id)!.ExpiresAt += 100 * HOUR;
    world.now += HOUR;
    const kept = await again(session.Id);
    expect(world.sessionOf(kept)?.Id).toBe(session.Id);
    expect(Number(/Max-Age=(\d+)/.exec(kept.headers.getSetCookie()[0] ?? "")?.[1])).toBe(3600);
    world.now += HOUR;
    expect(world.sessionOf(await again(session.Id))?.Id).not.toBe(session.Id);
    expect(world.mattermost.sessions.has(session.Id)).toBe(false);
  });

  test("when the server extends sessions, the cookies of a kept one last", async () => {
    world.addAna();
    world.mattermost.config.ServiceSettings.ExtendSessionLengthWithActivity = true;
    const session = world.sessionOf(await world.post(world.v2()))!;
    world.now += 24 * HOUR;
    const kept = await again(session.Id);
    expect(world.sessionOf(kept)?.Id).toBe(session.Id);
    expect(kept.headers.getSetCookie()[0]).toContain(`Max-Age=${180 * 24 * 3600};`);
    expect((await linkOf())?.record.sessions[0]?.until).toBe(world.now + 180 * 24 * HOUR);
  });

  describe("is not kept", () => {
    test("when it is another person's: that one ends", async () => {
      world.addAna();
      world.mattermost.addUser({ Username: "ben", Email: "ben@example.com" });
      const session = world.sessionOf(await world.post(world.v2()))!;
      const other = world.v2({
        oid: "55555555-5555-4555-8555-000000000001",
        preferred_username: "ben@example.com",
      });
      const second = world.sessionOf(await again(session.Id, other));
      expect(second?.UserId).not.toBe(session.UserId);
      expect(world.mattermost.sessions.has(session.Id)).toBe(false);
    });

    test("when it has no CSRF token, as if somebody else had set it", async () => {
      const ana = world.addAna();
      const planted = world.mattermost.addSession({
        UserId: ana.Id,
        ExpiresAt: world.now + 24 * HOUR,
        Props: { mission_collaboration: "tab" },
      });
      expect(world.sessionOf(await again(planted.Id))?.Id).not.toBe(planted.Id);
      expect(world.mattermost.sessions.has(planted.Id)).toBe(false);
    });

    test("when it belongs to the person's ordinary browser, even with a CSRF token", async () => {
      const ana = world.addAna();
      const browser = world.mattermost.addSession({
        UserId: ana.Id,
        ExpiresAt: world.now + 24 * HOUR,
        Props: { csrf: "c".repeat(26) },
      });
      expect(world.sessionOf(await again(browser.Id))?.Id).not.toBe(browser.Id);
      expect(world.mattermost.sessions.has(browser.Id)).toBe(true);
    });

    test("when it was ended meanwhile", async () => {
      world.addAna();
      const session = world.sessionOf(await world.post(world.v2()))!;
      world.mattermost.sessions.delete(session.Id);
      const second = await again(session.Id);
      expect(second.status).toBe(200);
      expect(world.sessionOf(second)?.Id).not.toBe(session.Id);
    });

    for (const [what, end] of [
      ["unlinked", (userId: string) => world.identity.links.unlink(userId)],
      ["deactivated", (userId: string) => world.identity.deactivated(userId)],
    ] as const) {
      test(`when the person is ${what} during the sign-in`, async () => {
        const ana = world.addAna();
        const session = world.sessionOf(await world.post(world.v2()))!;
        world.fault = async (method) => {
          if (method !== "getSession") return undefined;
          world.fault = undefined;
          // The answer is under way: the session was alive when it was read.
          const alive = structuredClone(world.mattermost.sessions.get(session.Id)!);
          await end(ana.Id);
          world.mattermost.sessions.set(alive.Id, alive);
          return undefined;
        };
        expect((await again(session.Id)).status).toBe(401);
        expect(world.mattermost.sessions.size).toBe(0);
      });
    }

    test("when the rules became stricter", async () => {
      world.addAna();
      world.identity.start();
      await world.identity.idle();
      const session = world.sessionOf(await world.post(world.v2()))!;
      world.config.save({ mfa_accounts: "never" });
      world.identity.configurationChanged();
      await world.identity.idle();
      expect(world.sessionOf(await again(session.Id))?.Id).not.toBe(session.Id);
      expect(world.mattermost.sessions.has(session.Id)).toBe(false);
    });
  });

  test("unlinking ends a kept session, and one that is about to expire", async () => {
    const ana = world.addAna();
    world.config.save({ session_hours: 1 });
    const first = world.sessionOf(await world.post(world.v2()))!;
    world.now += 30 * 60_000;
    await again(first.Id);
    world.now += 20 * 60_000;
    await again(first.Id);
    expect(world.mattermost.sessions.size).toBe(2);
    await world.identity.links.unlink(ana.Id);
    expect(world.mattermost.sessions.size).toBe(0);
  });

  describe("logging out in the tab", () => {
    const end = (env: object = {}, headers: Record<string, string | null> = {}) =>
      world.post("", { path: "/api/v1/session/end", body: "{}", env, headers });

    test("clears the partitioned cookies, which the server's own log-out leaves", async () => {
      world.addAna();
      world.config.save({}, `${SITE}/mattermost`);
      const signedIn = await world.post(world.v2());
      const response = await end();
      expect(response.status).toBe(204);
      const kind = (line: string) => line.replace(/^(\w+)=[^;]*/, "$1").replace(/Max-Age=\d+/, "Max-Age");
      expect(response.headers.getSetCookie().map(kind)).toEqual(signedIn.headers.getSetCookie().map(kind));
      for (const line of response.headers.getSetCookie()) expect(line).toMatch(/^MM[A-Z]+=; .*Max-Age=0;/);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
    });

    test("ends the session, in case the server's own log-out failed", async () => {
      const ana = world.addAna();
      const session = world.sessionOf(await world.post(world.v2()))!;
      const elsewhere = world.sessionOf(await world.post(world.v2()))!;
      await end({ SessionId: session.Id, userId: ana.Id });
      expect([...world.mattermost.sessions.keys()]).toEqual([elsewhere.Id]);
    });

    test("never ends a session of the person's ordinary browser", async () => {
      const ana = world.addAna();
      const browser = world.mattermost.addSession({ UserId: ana.Id });
      expect((await end({ SessionId: browser.Id, userId: ana.Id })).status).toBe(204);
      expect(world.mattermost.sessions.has(browser.Id)).toBe(true);
    });

    test("other sites cannot sign anybody out", async () => {
      world.addAna();
      const session = world.sessionOf(await world.post(world.v2()))!;
      for (const headers of [
        { Origin: "https://evil.example" },
        { "Sec-Fetch-Site": "cross-site" },
        { "X-Requested-With": null },
        { "Content-Type": "text/plain" },
      ]) {
        const response = await end({ SessionId: session.Id }, headers as Record<string, string | null>);
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.headers.getSetCookie()).toEqual([]);
      }
      expect(world.mattermost.sessions.has(session.Id)).toBe(true);
    });
  });

  test("but never a session of the person's ordinary browser", async () => {
    const ana = world.addAna();
    const browser = world.mattermost.addSession({ UserId: ana.Id });
    expect((await world.post(world.v2(), { env: { SessionId: browser.Id } })).status).toBe(200);
    expect(world.mattermost.sessions.has(browser.Id)).toBe(true);
  });

  test("one token creates a limited number of sessions", async () => {
    world.addAna();
    const token = world.v2();
    for (let replay = 0; replay < 60; replay++) {
      world.now += 10_000;
      await world.post(token);
    }
    expect(world.mattermost.sessions.size).toBe(10);
  });
});

describe("a refusal", () => {
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
