/** Tests how long a session of the tab lasts, and what ends it. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { cookie, SITE, SignInWorld } from "./testing/sign-in-world.ts";

const authority = new TestAuthority();
afterAll(() => authority.stop());
let world: SignInWorld;
beforeEach(() => {
  world = new SignInWorld({ authority });
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
