/**
 * Two nodes and two people who want the same Microsoft account: whatever happens concurrently, the records stay
 * consistent.
 */

import { afterAll, beforeEach, expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

/** A seeded random generator, so that a failure can be repeated (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const ROUNDS = Number(process.env.RACES ?? 30);

for (let seed = 1; seed <= ROUNDS; seed += 1) {
  test(`concurrent actions in order ${seed} leave consistent records`, async () => {
    const draw = generator(seed);
    const first = new ConnectionsWorld({ microsoft });
    const second = new ConnectionsWorld({ microsoft, beside: first });
    const nodes = [first, second];
    for (const node of nodes) node.config.save({ connect_different_email: true });
    const people = [first.user("ana"), first.user("ben")];
    const accounts = [microsoft.person("ana"), microsoft.person("ben")];
    const of = <T>(all: readonly T[]): T => all[draw(all.length)] as T;
    const acts: ((node: ConnectionsWorld, user: User) => Promise<unknown>)[] = [
      (node, user) => node.connect(user, of(accounts)),
      (node, user) => node.connect(user, of(accounts)),
      (node, user) => node.connections.disconnect(user.Id, { userId: user.Id, requestId: "" }),
      (node, user) => node.links.unlink(user.Id),
      (node, user) => node.connections.deactivated(user.Id),
      (node, user) => node.connections.credential(user.Id).token(5),
      (node) => node.keepUp(),
    ];
    for (let burst = 0; burst < 4; burst += 1) {
      if (draw(2) === 0) for (const node of nodes) node.pass(2 * 3_600_000);
      await Promise.allSettled(Array.from({ length: 5 }, () => of(acts)(of(nodes), of(people))));
    }
    await Promise.all(nodes.map((node) => node.settle()));
    for (const node of nodes) node.pass(11 * 60_000);
    await first.keepUp();
    await second.settle();

    const listed = new Map(await Array.fromAsync(first.connections.list()));
    const held: string[] = [];
    for (const user of people) {
      const { connected } = await second.state(user);
      const link = await first.links.store.byAccount(user.Id);
      expect([user.Username, connected]).toEqual([user.Username, listed.get(user.Id) !== undefined]);
      if (!connected) continue;
      expect(await second.connections.credential(user.Id).token(5)).toBeString();
      expect(link?.objectId).toBe(listed.get(user.Id)?.objectId);
      held.push(link?.objectId ?? "");
    }
    expect(new Set(held).size).toBe(held.length);
    // People who are not connected have no record.
    const records = [...first.stored().keys()].filter((key) => key.startsWith("connection."));
    expect(records).toHaveLength(held.length);
  });
}
