/** A connection that Microsoft ended is marked lost once, and idle ones are kept alive. */

import { describe, expect, test } from "bun:test";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import {
  asked,
  connected,
  DAY,
  entra,
  HOUR,
  lostMessages,
  MINUTE,
  microsoft,
  openTokens,
} from "./testing/held-tokens.ts";

openTokens();

describe("a loss", () => {
  for (const code of ["AADSTS50173", "AADSTS700082", "AADSTS70043"]) {
    test(`by ${code} is marked once, causes one message, and ends when the person connects again`, async () => {
      const { w, ana, there, token, record } = await connected();
      w.pass(2 * HOUR);
      entra.delegated.revoke(there.objectId, code);
      await expect(token()).rejects.toMatchObject({ code: "connection_lost", detail: code });
      const before = asked();
      for (let again = 0; again < 5; again += 1)
        await expect(token()).rejects.toMatchObject({ code: "connection_lost" });
      expect(asked()).toBe(before);
      await w.settle();
      await w.keepUp();
      expect(lostMessages(w, ana)).toHaveLength(1);
      expect(lostMessages(w, ana)[0]).toContain("/plugins/mission-collaboration/oauth2/connect?return=dm");
      expect(record()).toMatchObject({ sealed: "", lost: { code } });
      expect(await w.state(ana)).toMatchObject({ connected: false, lost: true, mayConnect: true });
      expect(await w.connections.isConnected(ana.Id)).toBe(false);
      expect((await w.connect(ana, there)).status).toBe(200);
      expect(await token()).toBeString();
      expect(await w.state(ana)).toMatchObject({ connected: true });
      expect(w.events.map(({ event }) => event)).toEqual(["connected", "connection_lost", "connected"]);
    });
  }

  test("by a second factor or by withdrawn consent is a loss, too", async () => {
    for (const [consent, code] of [
      ["interaction needed", "AADSTS50076"],
      ["missing", "AADSTS65001"],
    ] as const) {
      const { w, token } = await connected();
      w.pass(2 * HOUR);
      entra.setFaults({ consent });
      await expect(token()).rejects.toMatchObject({ code: "connection_lost", detail: code });
      entra.healthy();
    }
  });

  test("on three nodes at the same moment leads to one message", async () => {
    const { w, ana, there, token } = await connected();
    const nodes = [
      w,
      new ConnectionsWorld({ microsoft, beside: w }),
      new ConnectionsWorld({ microsoft, beside: w }),
    ];
    for (const node of nodes) node.pass(2 * HOUR);
    entra.delegated.revoke(there.objectId);
    const ends = await Promise.allSettled(nodes.map((node) => token(node)));
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    for (const node of nodes) await node.settle();
    expect(lostMessages(w, ana)).toHaveLength(1);
  });

  test("within a day of another causes no message; after a day it does", async () => {
    const { w, ana, there, token } = await connected();
    const lose = async () => {
      w.pass(2 * HOUR);
      entra.delegated.revoke(there.objectId);
      await expect(token()).rejects.toMatchObject({ code: "connection_lost" });
      await w.settle();
      await w.connect(ana, there);
      await w.settle();
    };
    await lose();
    await lose();
    expect(lostMessages(w, ana)).toHaveLength(1);
    w.pass(DAY);
    await lose();
    expect(lostMessages(w, ana)).toHaveLength(2);
  });

  test("whose message could not be sent is reported in the next round", async () => {
    const { w, ana, there, token } = await connected();
    w.pass(2 * HOUR);
    entra.delegated.revoke(there.objectId);
    w.fault = (method) => (method === "createPost" ? new Error("database") : undefined);
    await expect(token()).rejects.toMatchObject({ code: "connection_lost" });
    await w.settle();
    w.fault = undefined;
    w.pass(10 * MINUTE);
    await w.keepUp();
    await w.keepUp();
    expect(lostMessages(w, ana)).toHaveLength(1);
  });
});

describe("idle people", () => {
  test("are refreshed before a week is over, and only then", async () => {
    const { w, record } = await connected();
    const before = record().takenAt;
    w.pass(5 * DAY);
    await w.keepUp();
    expect(record().takenAt).toBe(before);
    w.pass(DAY);
    await w.keepUp();
    expect(record().takenAt).toBeGreaterThan(before);
  });

  test("stay connected for a year", async () => {
    const { w, there, token } = await connected();
    for (let day = 0; day < 365; day += 6) {
      w.pass(6 * DAY);
      await w.keepUp();
    }
    const refreshed = await token();
    expect(Buffer.from(refreshed.split(".")[1] ?? "", "base64url").toString()).toContain(there.objectId);
  });

  test("are not counted as active", async () => {
    const { w } = await connected();
    const boss = w.user("boss", { Roles: "system_user system_admin" });
    w.pass(8 * DAY);
    await w.keepUp();
    const stats = await (await w.request("/api/v1/admin/connections/stats", boss)).json();
    expect(stats).toEqual({ connected: 1, pendingInvitations: 0, allowed: 0, activeSevenDays: 0 });
  });
});
