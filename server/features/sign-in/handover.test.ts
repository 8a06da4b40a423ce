import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { createHandover } from "./handover.ts";
import { SignInWorld } from "./testing/sign-in-world.ts";

const authority = new TestAuthority();
afterAll(() => authority.stop());
let world: SignInWorld;
beforeEach(() => {
  world = new SignInWorld({ authority });
});

const verifier = "v".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");

const handOver = (userId: string | null, body: unknown = { challenge }) =>
  world.post(undefined, { path: "/api/v1/session/handover", body: JSON.stringify(body), env: { userId } });
const redeem = (body: unknown) =>
  world.post(undefined, { path: "/api/v1/session/redeem", body: JSON.stringify(body) });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe("the way from the pop-up into the tab", () => {
  test("a code is exchanged for a session of the same person", async () => {
    const ana = world.addAna({ MfaActive: true, Roles: "system_user system_admin" });
    const code = await codeOf(await handOver(ana.Id));
    const response = await redeem({ code, verifier });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ location: "/" });
    expect(world.sessionOf(response)).toMatchObject({ UserId: ana.Id });
    expect(response.headers.getSetCookie()).toHaveLength(4);
    expect(world.audits).toEqual([
      expect.objectContaining({ outcome: "success", userId: ana.Id, person: null }),
    ]);
  });

  test("works once, even when two try at the same time", async () => {
    const ana = world.addAna();
    const code = await codeOf(await handOver(ana.Id));
    const answers = await Promise.all([redeem({ code, verifier }), redeem({ code, verifier })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test("a wrong verifier uses up the code", async () => {
    const ana = world.addAna();
    const code = await codeOf(await handOver(ana.Id));
    expect((await redeem({ code, verifier: "w".repeat(43) })).status).toBe(401);
    expect((await redeem({ code, verifier })).status).toBe(401);
  });

  test("expires after a minute", async () => {
    const ana = world.addAna();
    const code = await codeOf(await handOver(ana.Id));
    world.now += 60_000;
    expect((await redeem({ code, verifier })).status).toBe(401);
  });

  test("expires after a minute, whatever the store does", async () => {
    const rows = new Map<string, Uint8Array>();
    const forgetsNothing = {
      get: async (key: string) => rows.get(key) ?? null,
      compareAndSet: async (key: string, _: Uint8Array | null, next: Uint8Array | null) =>
        next ? Boolean(rows.set(key, next)) : rows.delete(key),
    };
    let now = 0;
    const own = createHandover(forgetsNothing, () => now);
    const code = await own.issue("ana", challenge);
    now = 60_000;
    expect(await own.redeem(code, verifier)).toBeNull();
  });

  test("is refused for somebody who was deactivated meanwhile", async () => {
    const ana = world.addAna();
    const code = await codeOf(await handOver(ana.Id));
    world.mattermost.setActive(ana.Id, false);
    expect((await redeem({ code, verifier })).status).toBe(403);
  });

  test("the store never contains the code itself", async () => {
    const ana = world.addAna();
    const code = await codeOf(await handOver(ana.Id));
    const keys = await world.api.kvList(0, 100);
    expect(keys.some((key) => key.startsWith("handover."))).toBe(true);
    expect(keys.join()).not.toContain(code);
  });
});

describe("no code is issued", () => {
  test("without a session of the server", async () => {
    expect((await handOver(null)).status).toBe(401);
    expect((await world.api.kvList(0, 10)).length).toBe(0);
  });
  for (const bad of [
    {},
    { challenge: "" },
    { challenge: "short" },
    { challenge: "v".repeat(44) },
    { challenge: 7 },
  ]) {
    test(`for ${JSON.stringify(bad)}`, async () =>
      expect((await handOver("a".repeat(26), bad)).status).toBe(400));
  }
  test("from another site", async () => {
    const response = await world.post(undefined, {
      path: "/api/v1/session/handover",
      body: JSON.stringify({ challenge }),
      env: { userId: "a".repeat(26) },
      headers: { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" },
    });
    expect(response.status).toBe(403);
  });
});

describe("the location of a sub-page, for somebody signed in", () => {
  const ask = (userId: string | null, subPageId: unknown) =>
    world.post(undefined, { path: "/api/v1/location", body: JSON.stringify({ subPageId }), env: { userId } });
  test("is a path", async () => {
    const ana = world.addAna();
    const team = world.mattermost.addTeam({ Name: "alpha" });
    world.mattermost.joinTeam(ana.Id, team.Id);
    const { Id: ChannelId } = world.mattermost.channelByName(team.Id, "town-square")!;
    const { Id } = world.mattermost.putPost({ ChannelId, UserId: ana.Id });
    expect(await (await ask(ana.Id, `post_${Id}`)).json()).toMatchObject({ location: `/alpha/pl/${Id}` });
  });
  test("is refused to anybody else", async () => {
    expect((await ask(null, `post_${"p".repeat(26)}`)).status).toBe(401);
    expect((await ask("a".repeat(26), 7)).status).toBe(400);
  });
  test("is not found for what they may not see", async () => {
    const ana = world.addAna();
    const team = world.mattermost.addTeam({ Name: "alpha" });
    const hidden = world.mattermost.addChannel({ Name: "secret", TeamId: team.Id, Type: "P" });
    for (const id of [`channel_${hidden.Id}`, `channel_${"x".repeat(26)}`, "//evil.example"])
      expect((await ask(ana.Id, id)).status).toBe(404);
  });
});
