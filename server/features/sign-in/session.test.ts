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

  test("the session looks like one of the server's own, and has a CSRF token", async () => {
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

  test("cookies are for the frame alone", async () => {
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

  test("says when to renew, ten minutes before the cookies end", async () => {
    world.addAna();
    const response = await world.post(world.v2());
    const { renewInSeconds } = (await response.json()) as { renewInSeconds: number };
    const [, maxAge] = /Max-Age=(\d+)/.exec(response.headers.getSetCookie()[0] ?? "") ?? [];
    expect(renewInSeconds).toBe(Number(maxAge) - 600);
  });

  test("under a sub-path and with cookies for sub-domains", async () => {
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

describe("where the answer leads", () => {
  test("to posts and channels by id, elsewhere to the start page", async () => {
    const ana = world.addAna();
    const team = world.mattermost.addTeam({ Name: "alpha" });
    world.mattermost.joinTeam(ana.Id, team.Id);
    const square = world.mattermost.channelByName(team.Id, "town-square")!;
    const hidden = world.mattermost.addChannel({ Name: "secret", TeamId: team.Id, Type: "P" });
    const ben = world.mattermost.addUser({ Username: "ben" });
    const leads = async (subPageId: string) => {
      world.now += 60_000;
      return ((await (await world.post(world.v2(), { subPageId })).json()) as { location: string }).location;
    };
    expect(await leads(`post_${square.Id}`)).toBe(`/_redirect/pl/${square.Id}`);
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
      "post_ABCDEFGHIJKLMNOPQRSTUVWXYZ",
      "nothing",
    ]) {
      expect(await leads(id)).toBe("/");
    }
  });
});

describe("the probe tells whether cookies came back", () => {
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

describe("sessions of the tab", () => {
  test("a new sign-in replaces the session that the tab had", async () => {
    world.addAna();
    const first = world.sessionOf(await world.post(world.v2()))!;
    const second = await world.post(world.v2(), { env: { SessionId: first.Id } });
    expect(world.sessionOf(second)).toBeDefined();
    expect(world.mattermost.sessions.has(first.Id)).toBe(false);
  });

  test("but never a session of the person's ordinary browser", async () => {
    const ana = world.addAna();
    const browser = world.mattermost.addSession({ UserId: ana.Id });
    expect((await world.post(world.v2(), { env: { SessionId: browser.Id } })).status).toBe(200);
    expect(world.mattermost.sessions.has(browser.Id)).toBe(true);
  });

  test("one token makes a bounded number of them", async () => {
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
