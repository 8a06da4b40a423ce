/** Disabled and deleted Entra accounts lose their sessions, and nobody else does. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { TENANT, TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { GraphError } from "../../microsoft/graph/index.ts";
import { createDepartures } from "./departures.ts";
import { SignInWorld } from "./testing/sign-in-world.ts";

const authority = new TestAuthority();
afterAll(() => authority.stop());
const DAY = 24 * 3_600_000;
const oid = (index: number) => `55555555-5555-4555-8555-${String(index).padStart(12, "0")}`;

let world: SignInWorld;
/** The people in the directory. */
let directory: Map<string, { accountEnabled: boolean }>;
let roles: string[];
let asked: string[];
let ended: string[];
let answer: (path: string) => unknown;
let signal: AbortController;

beforeEach(() => {
  world = new SignInWorld({ authority });
  world.config.save({ m365_client_secret: "secret" });
  directory = new Map();
  roles = ["User.Read.All"];
  asked = [];
  ended = [];
  signal = new AbortController();
  answer = (path) => {
    const ids = [...decodeURIComponent(path).matchAll(/'([^']+)'/g)].map(([, id]) => id ?? "");
    if (path.includes("$filter"))
      return { value: ids.flatMap((id) => (directory.has(id) ? [{ id, ...directory.get(id) }] : [])) };
    const id = /^\/users\/([^?]+)/.exec(path)?.[1] ?? "";
    if (!directory.has(id)) throw graphError(404);
    return { id };
  };
});

const graphError = (status: number) =>
  new GraphError({ status, code: "code", says: "says", requestId: null, retryAfterMs: null });

function look() {
  const jobs: ((signal: AbortSignal) => Promise<void>)[] = [];
  const store = new Map<string, Uint8Array>();
  const departures = createDepartures({
    config: world.config,
    roles: async () => roles,
    graph: {
      request: (async ({
        path,
        answer: shape,
      }: {
        path: string;
        answer: { parse(value: unknown): unknown };
      }) => {
        asked.push(path);
        return shape.parse(await answer(path));
      }) as never,
    },
    links: world.identity.links,
    kv: {
      get: async (key) => store.get(key) ?? null,
      set: async (key, value) => void store.set(key, Buffer.from(value)),
    },
    cluster: {
      runOnOneNode: (_name, _options, job) => {
        jobs.push(job);
        return { stop: async () => {} };
      },
    },
    audit: { sessionsEnded: ({ link, why }) => ended.push(`${link.objectId} ${why}`) },
    log: { warn: () => {} },
    clock: () => world.now,
  });
  departures.start();
  return {
    departures,
    store,
    hour: () => jobs[0]?.(signal.signal),
    async day() {
      await this.hour();
      world.now += DAY;
      await this.hour();
    },
  };
}

/** Signs people in, all of them enabled. */
async function people(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const user = world.mattermost.addUser({ Username: `user${index}`, Email: `user${index}@example.com` });
    directory.set(oid(index), { accountEnabled: true });
    world.now += 1000;
    expect((await world.post(world.v2({ oid: oid(index), preferred_username: user.Email }))).status).toBe(
      200,
    );
  }
}
const sessions = async () =>
  (
    await Promise.all(
      [...directory.keys()].map((objectId) =>
        world.identity.links.store.read({ tenantId: TENANT, objectId }),
      ),
    )
  ).filter((seen) => seen && seen.record.sessions.length > 0).length;

describe("the daily look at the directory", () => {
  test("ends the sessions of a disabled account, audits it, and keeps the link", async () => {
    await people(3);
    directory.set(oid(1), { accountEnabled: false });
    const at = look();
    await at.day();
    expect(ended).toEqual([`${oid(1)} disabled`]);
    expect(world.mattermost.sessions.size).toBe(2);
    expect(await Array.fromAsync(world.identity.links.store.all())).toHaveLength(3);
    expect(await at.departures.last()).toEqual({ at: world.now, outcome: "done", looked: 3, ended: 1 });
  });

  test("ends the sessions of a deleted account after a request for it alone", async () => {
    await people(3);
    directory.delete(oid(2));
    await look().day();
    expect(ended).toEqual([`${oid(2)} deleted`]);
    expect(world.mattermost.sessions.size).toBe(2);
    expect(asked.filter((path) => path.startsWith(`/users/${oid(2)}`))).toHaveLength(1);
  });

  test("goes on after its record was damaged", async () => {
    await people(1);
    directory.set(oid(0), { accountEnabled: false });
    const at = look();
    await at.hour();
    for (const key of at.store.keys()) at.store.set(key, Buffer.from("{"));
    expect(await at.departures.last()).toBeNull();
    await at.day();
    expect(ended).toEqual([`${oid(0)} disabled`]);
  });

  test("audits nothing for people without a session", async () => {
    await people(1);
    directory.set(oid(0), { accountEnabled: false });
    const at = look();
    await at.day();
    world.now += DAY;
    await at.hour();
    expect(ended).toEqual([`${oid(0)} disabled`]);
  });

  test("reads fifteen people at once, once a day, and not on the day of the installation", async () => {
    await people(32);
    const at = look();
    await at.hour();
    expect(asked).toEqual([]);
    world.now += DAY;
    await at.hour();
    expect(asked).toHaveLength(3);
    world.now += DAY / 2;
    await at.hour();
    expect(asked).toHaveLength(3);
  });
});

describe("nobody loses a session when", () => {
  const cases: { name: string; given: () => void; outcome: string; asks: number }[] = [
    { name: "everybody is enabled", given: () => {}, outcome: "done", asks: 1 },
    {
      name: "the app may not read users",
      given: () => {
        roles = ["TeamsActivity.Send"];
      },
      outcome: "not_permitted",
      asks: 0,
    },
    {
      name: "there is no credential",
      given: () => world.config.save({ m365_client_secret: "" }),
      outcome: "not_permitted",
      asks: 0,
    },
    {
      name: "the list leaves people out who exist",
      given: () => {
        const before = answer;
        answer = (path) => (path.includes("$filter") ? { value: [] } : before(path));
      },
      outcome: "done",
      asks: 13,
    },
    {
      name: "Graph refuses",
      given: () => {
        answer = () => Promise.reject(graphError(403));
      },
      outcome: "failed",
      asks: 1,
    },
    {
      name: "Graph fails where a person is asked for alone",
      given: () => {
        answer = (path) => (path.includes("$filter") ? { value: [] } : Promise.reject(graphError(503)));
      },
      outcome: "failed",
      asks: 2,
    },
    {
      name: "the answer does not say whether they are enabled",
      given: () => {
        answer = () => ({ value: [...directory.keys()].map((id) => ({ id })) });
      },
      outcome: "done",
      asks: 1,
    },
    { name: "it is another directory", given: () => directory.clear(), outcome: "implausible", asks: 13 },
    {
      name: "their links are from another tenant",
      given: () => {
        directory.clear();
        world.config.save({ m365_tenant_id: "99999999-9999-4999-8999-999999999999" });
      },
      outcome: "done",
      asks: 0,
    },
  ];
  for (const { name, given, outcome, asks } of cases) {
    test(name, async () => {
      await people(12);
      given();
      const at = look();
      await at.day();
      expect(ended).toEqual([]);
      expect(world.mattermost.sessions.size).toBe(12);
      expect(await at.departures.last()).toMatchObject({ outcome, ended: 0 });
      expect(asked).toHaveLength(asks);
    });
  }

  test("the plugin stops at once while Microsoft is silent, and the next node looks again", async () => {
    await people(1);
    const at = look();
    await at.hour();
    world.now += DAY;
    const reached = Promise.withResolvers<void>();
    answer = () => {
      reached.resolve();
      return new Promise(() => {});
    };
    const round = at.hour();
    await reached.promise;
    signal.abort();
    await round;
    expect(await at.departures.last()).toMatchObject({ outcome: "begun" });
    expect(await sessions()).toBe(1);
  });
});
