/** Tests the list of links, unlinking, and the audit records. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { type LinkRow, linkRoutes } from "../../people/link-routes.ts";
import { unlinkCommand } from "../../people/unlink-command.ts";
import { mountRoutes } from "../../platform/http/testing/mount-routes.ts";
import type { RequestContext, User } from "../../runtime/mattermost/index.ts";
import { createAudit } from "./audit.ts";
import { PERSON, SignInWorld } from "./testing/sign-in-world.ts";

const ADMIN = "a".repeat(26);
const authority = new TestAuthority();
afterAll(() => authority.stop());
let world: SignInWorld;
let removals: unknown[];
let people: User[];

beforeEach(async () => {
  world = new SignInWorld({ authority });
  removals = [];
  people = [];
  for (const name of ["carol", "ana", "ben"]) {
    const user = world.mattermost.addUser({ Username: name });
    people.push(user);
    const oid = PERSON.replace(/^3/, String(people.length));
    await world.post(world.v2({ oid, preferred_username: user.Email }));
  }
});

const ask = (method: string, path: string, userId: string | null = ADMIN) => {
  const routes = linkRoutes({
    links: world.identity.links,
    api: world.api,
    audit: { unlinked: (removal) => removals.push(removal) },
  });
  const app = mountRoutes(routes, { isSystemAdmin: async (id) => id === ADMIN });
  const env = { userId, RequestId: "r1", IPAddress: "192.0.2.1" } as RequestContext;
  return Promise.resolve(app.fetch(new Request(`https://chat.example.com${path}`, { method }), env));
};
const rows = async (query = "") =>
  (await (await ask("GET", `/api/v1/admin/links${query}`)).json()) as { links: LinkRow[]; total: number };

describe("the list of links", () => {
  test("is sorted by name and paged", async () => {
    const { links, total } = await rows();
    expect(links.map(({ username }) => username)).toEqual(["ana", "ben", "carol"]);
    expect(total).toBe(3);
    expect(links[0]).toMatchObject({ email: "ana@example.com", active: true, basis: "token" });
    const second = await rows("?page=1&per_page=2");
    expect(second.links.map(({ username }) => username)).toEqual(["carol"]);
    expect(second.total).toBe(3);
  });

  const searches: [search: string, finds: string[]][] = [
    ["an", ["ana"]],
    ["BEN@", ["ben"]],
    ["33333333", []],
    ["", ["ana", "ben", "carol"]],
    [PERSON.replace(/^3/, "2"), ["ana"]],
    ["nobody", []],
    ["%", []],
  ];
  for (const [search, finds] of searches) {
    test(`search ${search}`, async () => {
      const { links } = await rows(`?search=${encodeURIComponent(search)}`);
      expect(links.map(({ username }) => username)).toEqual(finds);
    });
  }

  test("the file contains no formulas", async () => {
    const [carol] = people;
    if (carol) world.mattermost.putUser({ ...carol, Email: '=cmd|"x"!a1@example.com' });
    const response = await ask("GET", "/api/v1/admin/links.csv");
    expect(response.headers.get("Content-Type")).toStartWith("text/csv");
    const lines = (await response.text()).split("\r\n");
    expect(lines[0]).toStartWith("username,email,active");
    expect(lines[3]).toContain(`"'=cmd|""x""!a1@example.com"`);
  });

  test("an account that is gone is still listed, and can be unlinked", async () => {
    world.mattermost.users.delete(people[0]?.Id ?? "");
    const { links } = await rows();
    expect(links[0]).toMatchObject({ username: "", active: false });
    expect((await ask("DELETE", `/api/v1/admin/links/${links[0]?.userId}`)).status).toBe(204);
  });
});

describe("unlinking", () => {
  test("by an admin removes the link and its sessions and is audited", async () => {
    const id = people[1]?.Id ?? "";
    expect(world.mattermost.sessions.size).toBe(3);
    expect((await ask("DELETE", `/api/v1/admin/links/${id}`)).status).toBe(204);
    expect(world.mattermost.sessions.size).toBe(2);
    expect((await rows()).total).toBe(2);
    expect(removals).toEqual([{ by: ADMIN, userId: id, address: "192.0.2.1", requestId: "r1" }]);
    expect((await ask("DELETE", `/api/v1/admin/links/${id}`)).status).toBe(404);
  });

  test("by the person, with a command", async () => {
    const id = people[1]?.Id ?? "";
    const command = unlinkCommand(world.identity.links, { unlinked: (removal) => removals.push(removal) });
    const caller = { userId: id };
    expect(await command.run([], caller)).toContain("is disconnected");
    expect(await command.run([], caller)).toContain("No Microsoft account");
    expect(removals).toEqual([{ by: id, userId: id, requestId: "", address: "" }]);
  });
});

describe("is only for system admins", () => {
  for (const [method, path] of [
    ["GET", "/api/v1/admin/links"],
    ["GET", "/api/v1/admin/links.csv"],
    ["DELETE", "/api/v1/admin/links/x"],
  ] as const) {
    test(`${method} ${path}`, async () => {
      expect((await ask(method, path, null)).status).toBe(401);
      expect((await ask(method, path, people[0]?.Id)).status).toBe(403);
      expect(removals).toEqual([]);
    });
  }
});

describe("the audit record of a sign-in", () => {
  const record = async (supported: boolean, token: string) => {
    const audit = createAudit({
      api: world.api,
      supports: async () => supported,
      log: { info: (message, fields) => logs.push({ message, fields }), warn: () => {} },
      metrics: { counter: () => ({ add: (labels) => counted.push(labels) }) },
    });
    const logs: { message: string; fields: unknown }[] = [];
    const counted: unknown[] = [];
    world.mattermost.audit.length = 0;
    world.audits.length = 0;
    world.now += 60_000;
    await world.post(token);
    for (const attempt of world.audits) audit.signIn(attempt);
    await Bun.sleep(5);
    return { counted, logs, written: world.mattermost.audit.map((entry) => entry.record) };
  };

  test("contains person, account, client, address and request", async () => {
    const { written } = await record(
      true,
      world.v2({ oid: PERSON.replace(/^3/, "2"), preferred_username: "ana@example.com" }),
    );
    expect(written).toEqual([
      expect.objectContaining({
        EventName: "microsoft365SignIn",
        Status: "success",
        Actor: expect.objectContaining({ UserId: people[1]?.Id, IpAddress: "192.0.2.7" }),
        EventData: expect.objectContaining({
          Parameters: expect.objectContaining({
            reason: "signed_in",
            object_id: PERSON.replace(/^3/, "2"),
            client_app: "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
            request_id: "request-1",
          }),
        }),
      }),
    ]);
  });

  test("of a refused token has a reason and nothing of the token", async () => {
    const token = world.v2({
      tid: "99999999-9999-4999-8999-999999999999",
      preferred_username: "eve@evil.example",
    });
    const { written, counted } = await record(true, token);
    expect(written).toEqual([
      expect.objectContaining({ Status: "fail", Error: expect.objectContaining({ Description: "tenant" }) }),
    ]);
    const text = JSON.stringify(written);
    for (const part of [...token.split("."), "eve@evil.example", PERSON]) expect(text).not.toContain(part);
    expect(counted).toEqual([{ outcome: "refused", reason: "tenant" }]);
  });

  test("never contains the address of somebody without an account", async () => {
    const { written } = await record(
      true,
      world.v2({ oid: PERSON.replace(/^3/, "7"), preferred_username: "stranger@example.com" }),
    );
    expect(JSON.stringify(written)).toContain("no_account");
    expect(JSON.stringify(written)).not.toContain("stranger");
  });

  test("is a line of the log on servers without an audit log for plugins", async () => {
    const { written, logs } = await record(false, "nonsense");
    expect(written).toEqual([]);
    expect(logs).toEqual([
      {
        message: "microsoft365SignIn refused",
        fields: expect.objectContaining({ reason: "malformed", request_id: "request-1" }),
      },
    ]);
  });

  test("no session, cookie or token value appears in logs or records", async () => {
    const before = [...world.mattermost.sessions.values()];
    const token = world.v2({ oid: PERSON.replace(/^3/, "2") });
    await world.post(token);
    world.fault = () => new Error(`database said no to ${token}`);
    await world.post(world.v2({ oid: PERSON.replace(/^3/, "1") }));
    world.fault = undefined;
    const text = JSON.stringify([world.logs, world.audits, world.mattermost.logs, world.mattermost.audit]);
    for (const { Token, Props } of [...before, ...world.mattermost.sessions.values()]) {
      expect(text).not.toContain(Token);
      expect(text).not.toContain(Props.csrf ?? "?");
    }
    expect(text).not.toContain(token.split(".")[1] ?? "?");
    expect(text).toContain("[token]");
  });
});
