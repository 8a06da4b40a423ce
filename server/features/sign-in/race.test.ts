/** Tests two plugin processes on two nodes with one store: concurrent actions must not happen twice. */

import { describe, expect, test } from "bun:test";
import { pluginApi } from "../../../e2e/sandbox/mattermost/index.ts";
import { TENANT } from "../../microsoft/entra/testing/authority.ts";
import { accountsKey } from "../../people/link.ts";
import { expectWhole, openNodes, twoNodes } from "./testing/two-nodes.ts";

openNodes();

/** Set `RACE_ROUNDS=200` for a long run. */
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 15);

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
    const changed: string[] = [];
    two.identity.links.onLinkChange((userId) => changed.push(userId));
    await one.identity.links.unlink(ana.Id);
    expect((await two.identity.links.byMattermostUser([ana.Id])).size).toBe(0);
    expect(changed).toEqual([ana.Id]);
  });
});
