/** An unreadable record costs one person a new connect, or a list its content; everybody else is unaffected. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { backPath, ConnectionsWorld } from "./testing/connections-world.ts";
import { Microsoft } from "./testing/microsoft.ts";
import { outcomeOf } from "./testing/outcome.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

const HOUR = 3_600_000;
const kinds: [name: string, text: string][] = [
  ["nothing that is JSON", "\u0000\u0001garbage"],
  ["half a record", '{"v":1,"id":"abc'],
  ["a list", "[1,2]"],
  ["null", "null"],
  ["a text", '"x"'],
  ["another shape", '{"v":9,"userId":7}'],
];

async function world() {
  const w = new ConnectionsWorld({ microsoft });
  const [ana, ben] = [w.user("ana"), w.user("ben")];
  for (const user of [ana, ben]) await w.connect(user, microsoft.person(user.Username));
  await w.settle();
  const keys = () => w.mattermost.kv("mission-collaboration").keys();
  const damage = async (key: string, text: string) => {
    const before = await w.kv.get(key);
    expect(before).not.toBeNull();
    expect(await w.kv.compareAndSet(key, before, new TextEncoder().encode(text))).toBe(true);
  };
  const token = (user: User) => w.connections.credential(user.Id).token(5);
  const works = async (user: User) => {
    w.pass(2 * HOUR);
    return (await w.state(user)).connected && typeof (await token(user)) === "string";
  };
  return { w, ana, ben, keys, damage, token, works };
}

describe("a person's record", () => {
  for (const [name, text] of kinds) {
    test(`that is ${name} ends that person's connection: they get one message and connect again`, async () => {
      const { w, ana, ben, damage, token, works } = await world();
      await damage(`connection.${ana.Id}`, text);
      w.pass(HOUR);
      await expect(token(ana)).rejects.toMatchObject({ code: "not_connected" });
      await w.keepUp();
      await w.keepUp();
      expect(await w.state(ana)).toMatchObject({ connected: false, lost: true, mayConnect: true });
      expect(w.messages(ana).filter((message) => message.includes("has ended"))).toHaveLength(1);
      expect(w.events).toContainEqual(
        expect.objectContaining({ event: "connection_lost", reason: "damaged" }),
      );
      expect((await w.connect(ana, microsoft.person("ana"))).status).toBe(403);
      expect(await works(ben)).toBe(true);
    });
  }

  test("can be connected again with the same account, and removed by its owner", async () => {
    const w = new ConnectionsWorld({ microsoft });
    const [ana, there] = [w.user("ana"), microsoft.person("ana")];
    for (const attempt of [1, 2]) {
      await w.connect(ana, there);
      await w.settle();
      const key = `connection.${ana.Id}`;
      await w.kv.compareAndSet(key, await w.kv.get(key), new TextEncoder().encode("{"));
      if (attempt === 1) await w.keepUp();
      expect((await w.connect(ana, there)).status).toBe(200);
      await w.kv.compareAndSet(key, await w.kv.get(key), new TextEncoder().encode("{"));
      expect(await w.connections.disconnect(ana.Id, { userId: ana.Id, requestId: "" })).toBe(true);
      const left = [...w.stored().keys()].filter((one) => !one.startsWith("connections.once."));
      expect(left).toEqual([]);
    }
  });
});

describe("a list", () => {
  for (const [name, text] of kinds.slice(0, 5)) {
    test(`of connected people that is ${name} fills again as people are seen`, async () => {
      const { w, ana, ben, keys, damage, works } = await world();
      for (const key of keys().filter((one) => /^connections\.[0-9a-f]$/.test(one))) await damage(key, text);
      expect((await w.request("/api/v1/connection", ana)).status).toBe(200);
      expect(await works(ana)).toBe(true);
      expect(await works(ben)).toBe(true);
      await w.keepUp();
      const listed = await Array.fromAsync(w.connections.list());
      expect(listed.map(([userId]) => userId).sort()).toEqual([ana.Id, ben.Id].sort());
      expect(w.logs.join("\n")).toContain("cannot be read and begins again");
      expect(w.logs.join("\n")).not.toContain(ana.Id);
    });

    test(`of people who were once connected that is ${name} ends nobody's connection`, async () => {
      const { w, ana, keys, damage, works } = await world();
      for (const key of keys().filter((one) => one.startsWith("connections.once."))) await damage(key, text);
      expect(await works(ana)).toBe(true);
      expect((await w.request("/oauth2/connect", w.user("cy"))).status).toBe(302);
    });
  }

  for (const [name, text] of kinds) {
    test(`of people who may connect that is ${name} lets nobody connect until it is uploaded again`, async () => {
      const { w, ana, damage, works } = await world();
      const cy = w.user("cy");
      await w.connections.allowed.replace("Email\r\ncy@example.com\r\n");
      w.config.save({ connected_accounts_restricted: true });
      await damage("connections.allowed", text);
      expect((await w.request("/oauth2/connect", cy)).status).toBe(403);
      expect(await works(ana)).toBe(true);
      await w.connections.allowed.replace("Email\r\ncy@example.com\r\n");
      expect((await w.request("/oauth2/connect", cy)).status).toBe(302);
    });

    test(`of invitations that is ${name} stops nobody`, async () => {
      const { w, ana, damage, works } = await world();
      w.config.save({ pending_invitations_limit: 5 });
      const day = Temporal.Instant.fromEpochMilliseconds(w.now).toZonedDateTimeISO("UTC").dayOfWeek;
      w.pass(((10 - day) % 7) * 24 * HOUR);
      const [cy, dan] = [w.user("cy"), w.user("dan")];
      await w.connections.seen(cy.Id);
      await damage("connections.invited", text);
      await w.connections.seen(dan.Id);
      expect(w.messages(dan)).toHaveLength(1);
      expect((await w.connect(cy, microsoft.person("cy"))).status).toBe(200);
      expect(await works(ana)).toBe(true);
    });
  }
});

for (const [name, text] of kinds) {
  test(`a flow that is ${name} is refused with 400, and the next one works`, async () => {
    const { w, keys, damage } = await world();
    const [cy, there] = [w.user("cy"), microsoft.person("cy")];
    const back = backPath(microsoft.entra.signIn(await w.authorizeAddress(cy), there));
    await damage(keys().find((key) => key.startsWith("flow.")) ?? "", text);
    const page = await w.request(back, cy);
    expect([page.status, await outcomeOf(page)]).toEqual([400, "state"]);
    expect((await w.connect(cy, there)).status).toBe(200);
  });
}
