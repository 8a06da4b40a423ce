/** Tests nodes that die in the middle of an action: the other node continues. */

import { describe, expect, test } from "bun:test";
import type { SignInWorld } from "./testing/sign-in-world.ts";
import { expectWhole, halves, openNodes, twoNodes } from "./testing/two-nodes.ts";

openNodes();

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
