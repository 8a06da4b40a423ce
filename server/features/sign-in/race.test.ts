/** Tests two plugin processes on two nodes with one store: concurrent actions must not happen twice. */

import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { pluginApi, World } from "../../../e2e/sandbox/mattermost/index.ts";
import { TENANT, TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { accountsKey } from "../../people/link.ts";
import { Bus, SITE, SignInWorld } from "./testing/sign-in-world.ts";

// Losers of a race wait in each round; on a busy machine that adds up.
setDefaultTimeout(60_000);

const authority = new TestAuthority();
afterAll(() => authority.stop());

function twoNodes() {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const mattermost = new World({ now: () => now, siteUrl: SITE });
  const bus = new Bus();
  const nodes = [0, 1].map(() => new SignInWorld({ authority, mattermost, bus }));
  // Every call of the API takes a random time, so that the order of events is random.
  for (const node of nodes) {
    node.fault = async () => {
      await Bun.sleep(Math.random() * 4);
      return undefined;
    };
  }
  const [one, two] = nodes as [SignInWorld, SignInWorld];
  return { mattermost, one, two };
}

/** Set `RACE_ROUNDS=200` for a long run. */
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 15);

/** Both halves of each link as stored: `account person`, with the state of an unfinished half. */
async function halves(mattermost: World) {
  const api = pluginApi(mattermost);
  const people: string[] = [];
  const accounts: string[] = [];
  const sessions: string[] = [];
  for (const key of await api.kvList(0, 1000)) {
    const value = JSON.parse(new TextDecoder().decode(await api.kvGet(key)));
    if (key.startsWith("link.")) {
      people.push([value.userId, key.split(".")[2], value.state ?? "linked"].join(" "));
      sessions.push(...value.sessions.map(({ id }: { id: string }) => id));
    }
    if (!key.startsWith("accounts.")) continue;
    for (const [userId, entry] of Object.entries<{ objectId: string; state?: string }>(value))
      accounts.push([userId, entry.objectId, entry.state ?? "linked"].join(" "));
  }
  return { people: people.sort(), accounts: accounts.sort(), sessions };
}

/** Checks that every session belongs to a link that has both halves. */
async function expectWhole(mattermost: World): Promise<void> {
  const { accounts, people, sessions } = await halves(mattermost);
  expect(people).toEqual(accounts);
  expect([...people, ...accounts].filter((half) => !half.endsWith(" linked"))).toEqual([]);
  expect([...mattermost.sessions.keys()].filter((id) => !sessions.includes(id))).toEqual([]);
}

const oid = (index: number) => `55555555-5555-4555-8555-${String(index).padStart(12, "0")}`;

describe("50 first sign-ins at once on two nodes", () => {
  test("of one person: one link, and a session for each that was accepted", async () => {
    const { mattermost, one, two } = twoNodes();
    const ana = one.addAna();
    // The rate limit is per node; addresses and time do not matter here.
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

  test("of 50 people without an account, with provisioning: one account each", async () => {
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
    for (let round = 0; round < ROUNDS; round++) {
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
      await expectWhole(mattermost);
    }
  });

  test("first sign-ins, unlinking and lists at once on both nodes: one link with both halves, or none", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { mattermost, one, two } = twoNodes();
      const ana = one.addAna();
      const other = { oid: oid(1) };
      await Promise.all([
        one.post(one.v2()),
        two.post(two.v2()),
        one.identity.links.unlink(ana.Id),
        two.post(two.v2(other)),
        Array.fromAsync(two.identity.links.store.all()),
        two.identity.links.unlink(ana.Id),
        one.post(one.v2()),
        one.identity.links.endSessions(ana.Id),
      ]);
      await Array.fromAsync(one.identity.links.store.all());
      await expectWhole(mattermost);
    }
  });

  test("a link of an earlier version that lost its account half: the unlink wins at the next sign-in", async () => {
    const { mattermost, one, two } = twoNodes();
    const ana = one.addAna();
    await one.post(one.v2());
    const [before] = mattermost.sessions.keys();
    await pluginApi(mattermost).kvDelete(accountsKey(ana.Id));
    expect((await two.post(two.v2())).status).toBe(200);
    expect(mattermost.sessions.has(before ?? "")).toBe(false);
    await expectWhole(mattermost);
  });

  test("the other node drops its cached link", async () => {
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
  test("a node that dies between claim and link: the person can sign in on the other one", async () => {
    const { one, two } = twoNodes();
    one.addAna();
    one.fault = (method, [key]) =>
      method === "kvCompareAndSet" && String(key).startsWith("link.") ? new Error("killed") : undefined;
    expect((await one.post(one.v2())).status).toBe(500);
    expect((await two.post(two.v2())).status).toBe(200);
  });

  test("an unlink between the two halves of a join: the join notices it and starts again", async () => {
    const { mattermost, one, two } = twoNodes();
    const ana = one.addAna();
    two.fault = undefined;
    let unlinked = false;
    one.fault = async (method, [key, before]) => {
      // The account's half is written, the person's is not.
      if (unlinked || method !== "kvCompareAndSet" || before || !String(key).startsWith("link."))
        return undefined;
      unlinked = true;
      await two.identity.links.unlink(ana.Id);
      return undefined;
    };
    expect((await one.post(one.v2())).status).toBe(200);
    expect(unlinked).toBe(true);
    await expectWhole(mattermost);
    expect((await halves(mattermost)).people).toHaveLength(1);
  });

  /** Kills node one before its call number 1, 2, …, until the action completes. */
  async function killedAtEveryStep(
    act: (node: SignInWorld, userId: string) => Promise<unknown>,
    then: (world: ReturnType<typeof twoNodes> & { userId: string }) => Promise<void>,
    { linked }: { linked: boolean },
  ): Promise<number> {
    for (let step = 1; ; step++) {
      const world = twoNodes();
      const { one, two } = world;
      const { Id: userId } = one.addAna();
      if (linked) await one.post(one.v2());
      let calls = 0;
      one.fault = () => (++calls >= step ? new Error("killed") : undefined);
      await act(one, userId).catch(() => undefined);
      const done = calls < step;
      one.fault = () => new Error("dead");
      two.fault = undefined;
      await then({ ...world, userId });
      if (done) return step;
    }
  }

  const cases = [
    { name: "the first sign-in", linked: false, act: (node: SignInWorld) => node.post(node.v2()), steps: 10 },
    { name: "a later sign-in", linked: true, act: (node: SignInWorld) => node.post(node.v2()), steps: 5 },
    {
      name: "unlinking",
      linked: true,
      act: (node: SignInWorld, userId: string) => node.identity.links.unlink(userId),
      steps: 5,
    },
  ];
  for (const { name, act, linked, steps } of cases) {
    test(`a node that is killed at any step of ${name}: the next sign-in finds or creates a complete link`, async () => {
      const reached = await killedAtEveryStep(
        act,
        async ({ mattermost, two, userId }) => {
          expect((await two.post(two.v2())).status).toBe(200);
          const { accounts, people } = await halves(mattermost);
          expect(people).toEqual(accounts);
          expect(people).toEqual([`${userId} ${people[0]?.split(" ")[1]} linked`]);
          expect(await two.identity.links.unlink(userId)).toBe(true);
          expect(await halves(mattermost)).toEqual({ people: [], accounts: [], sessions: [] });
        },
        { linked },
      );
      expect(reached).toBeGreaterThan(steps);
    });

    test(`a node that is killed at any step of ${name}: the next list contains only complete links`, async () => {
      await killedAtEveryStep(
        act,
        async ({ mattermost, two }) => {
          // A sign-in in progress is not touched for a minute.
          two.now += 61_000;
          const listed = await Array.fromAsync(two.identity.links.store.all());
          const { accounts, people } = await halves(mattermost);
          expect(people).toEqual(accounts);
          expect(people).toEqual(listed.map(({ objectId, userId }) => `${userId} ${objectId} linked`));
        },
        { linked },
      );
    });
  }

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
