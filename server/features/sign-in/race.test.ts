/** Two plugin processes on two nodes, one store: what happens at the same time must not happen twice. */

import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { World } from "../../../e2e/sandbox/mattermost/index.ts";
import { TENANT, TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { Bus, SITE, SignInWorld } from "./testing/sign-in-world.ts";

// Losers of a race wait for a moment each round; on a busy machine that adds up.
setDefaultTimeout(60_000);

const authority = new TestAuthority();
afterAll(() => authority.stop());

function twoNodes() {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const mattermost = new World({ now: () => now, siteUrl: SITE });
  const bus = new Bus();
  const nodes = [0, 1].map(() => new SignInWorld({ authority, mattermost, bus }));
  // Every call of the API takes a moment of its own, so that the order of things is anybody's guess.
  for (const node of nodes) {
    node.fault = async () => {
      await Bun.sleep(Math.random() * 4);
      return undefined;
    };
  }
  const [one, two] = nodes as [SignInWorld, SignInWorld];
  return { mattermost, one, two };
}

const oid = (index: number) => `55555555-5555-4555-8555-${String(index).padStart(12, "0")}`;

describe("50 first sign-ins at once on two nodes", () => {
  test("of one person: one link, and a session for each that was let in", async () => {
    const { mattermost, one, two } = twoNodes();
    const ana = one.addAna();
    // The rate limit is per node; addresses and time are not what this is about.
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => (index % 2 ? one : two).post(one.v2())),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(24).fill(200));
    const links = await Array.fromAsync(one.identity.links.store.all());
    expect(links).toEqual([expect.objectContaining({ userId: ana.Id })]);
    expect(mattermost.sessions.size).toBe(10);
    const record = await two.identity.links.store.read({
      tenantId: TENANT,
      objectId: links[0]?.objectId ?? "",
    });
    expect(record?.record.sessions.map(({ id }) => id).sort()).toEqual(
      [...mattermost.sessions.keys()].sort(),
    );
    expect([...one.audits, ...two.audits].filter(({ linked }) => linked !== null)).toHaveLength(1);
  });

  test("of 50 people who all claim one account: one gets it", async () => {
    const { mattermost, one, two } = twoNodes();
    const ana = one.addAna();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? one : two).post(one.v2({ oid: oid(index) }))),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(49);
    expect(await Array.fromAsync(one.identity.links.store.all())).toHaveLength(1);
    expect([...mattermost.sessions.values()].map(({ UserId }) => UserId)).toEqual([ana.Id]);
  });

  test("of one person whom two accounts claim: one link, nothing left over", async () => {
    const { one, two } = twoNodes();
    const ana = one.addAna();
    const ben = one.mattermost.addUser({ Username: "ben", Email: "ben@example.com" });
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? one : two).post(
          one.v2({ preferred_username: index % 3 ? "ana@example.com" : "ben@example.com" }),
        ),
      ),
    );
    const links = await Array.fromAsync(one.identity.links.store.all());
    expect(links).toHaveLength(1);
    expect([ana.Id, ben.Id]).toContain(links[0]?.userId ?? "");
  });

  test("of 50 people with accounts of their own: 50 links", async () => {
    const { mattermost, one, two } = twoNodes();
    const people = Array.from({ length: 50 }, (_, index) =>
      mattermost.addUser({ Username: `user${index}`, Email: `user${index}@example.com` }),
    );
    const answers = await Promise.all(
      people.map((user, index) =>
        (index % 2 ? one : two).post(one.v2({ oid: oid(index), preferred_username: user.Email })),
      ),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const links = await Array.fromAsync(two.identity.links.store.all());
    expect(new Set(links.map(({ userId }) => userId)).size).toBe(50);
  });

  test("of 50 people without account, accounts being made: one each", async () => {
    const { mattermost, one, two } = twoNodes();
    for (const node of [one, two]) node.config.save({ provision_accounts: true });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const person = index % 25;
        const claims = { oid: oid(person), preferred_username: `same@d${person}.example.com` };
        return (index % 2 ? one : two).post(one.v2(claims));
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(mattermost.users.size).toBe(25);
    expect(new Set([...mattermost.users.values()].map(({ Username }) => Username)).size).toBe(25);
  });
});

describe("sign-in against sign-out", () => {
  test("unlinking on one node while the other signs in: never a session without a link", async () => {
    for (let round = 0; round < 15; round++) {
      const { mattermost, one, two } = twoNodes();
      const ana = one.addAna();
      await one.post(one.v2());
      await Promise.all([
        two.post(two.v2()),
        one.identity.links.unlink(ana.Id),
        one.post(one.v2()),
        two.post(two.v2()),
      ]);
      const [link] = await Array.fromAsync(one.identity.links.store.all());
      const noted = link ? await one.identity.links.store.read(link) : null;
      const ids = noted?.record.sessions.map(({ id }) => id) ?? [];
      expect([...mattermost.sessions.keys()].filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  test("the other node forgets what it remembered of a link", async () => {
    const { one, two } = twoNodes();
    const ana = one.addAna();
    await one.post(one.v2());
    expect((await two.identity.links.byMattermostUser([ana.Id])).size).toBe(1);
    const heard: string[] = [];
    two.identity.links.onLinkChange((userId) => heard.push(userId));
    await one.identity.links.unlink(ana.Id);
    expect((await two.identity.links.byMattermostUser([ana.Id])).size).toBe(0);
    expect(heard).toEqual([ana.Id]);
  });
});

describe("failover", () => {
  test("a node that dies between claim and link: the other one lets the person in", async () => {
    const { one, two } = twoNodes();
    one.addAna();
    one.fault = (method, [key]) =>
      method === "kvCompareAndSet" && String(key).startsWith("link.") ? new Error("killed") : undefined;
    expect((await one.post(one.v2())).status).toBe(500);
    expect((await two.post(two.v2())).status).toBe(200);
  });

  test("a node that dies while ending sessions: the other one finishes", async () => {
    const { mattermost, one, two } = twoNodes();
    one.addAna();
    one.identity.start();
    await one.identity.idle();
    await one.post(one.v2());
    expect(mattermost.sessions.size).toBe(1);
    one.fault = (method) => (method === "revokeSession" ? new Error("killed") : undefined);
    for (const node of [one, two]) node.config.save({ allowed_email_domains: "other.example" });
    one.identity.configurationChanged();
    await one.identity.idle();
    expect(mattermost.sessions.size).toBe(1);
    two.identity.start();
    await two.identity.idle();
    for (const job of two.bus.jobs) await job().catch(() => undefined);
    expect(mattermost.sessions.size).toBe(0);
  });
});
