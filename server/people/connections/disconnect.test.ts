/** After a disconnect nothing of the person is left. */

import { describe, expect, test } from "bun:test";
import type { ConnectionsWorld } from "./testing/connections-world.ts";
import { end, entra, HOUR, keysOf, microsoft, openConnections, world } from "./testing/one-person.ts";

openConnections();

describe("after a disconnect", () => {
  test("nothing about the person remains but the fact that they were connected before", async () => {
    const { w, ana, there } = world();
    const ben = w.user("ben");
    await w.connect(ben, microsoft.person("ben"));
    await w.settle();
    const before = w.stored();
    await w.connect(ana, there);
    w.pass(2 * HOUR);
    await w.connections.credential(ana.Id).token(5);
    expect(await end(w, ana)).toBe(true);
    await w.settle();
    const changed = [...w.stored()].filter(([key, value]) => before.get(key) !== value);
    expect(changed.map(([key]) => key.replace(/[0-9a-z]$/, "#"))).toEqual(["connections.once.#"]);
    const [[, once = ""] = []] = changed;
    expect(Object.keys(JSON.parse(once))).toContain(ana.Id);
    for (const text of [there.objectId, "ana@example.com"])
      for (const [key, value] of w.stored())
        expect([key, `${key} ${value}`.includes(text)]).toEqual([key, false]);
    expect(await w.links.store.byAccount(ana.Id)).toBeNull();
    expect(await end(w, ana)).toBe(false);
  });

  test("no invitation and no list entry remain, however the person connected", async () => {
    const { w, ana, there } = world();
    w.config.save({ pending_invitations_limit: 5, connected_accounts_restricted: true });
    await w.connections.allowed.replace("Email\r\nana@example.com\r\n");
    const day = Temporal.Instant.fromEpochMilliseconds(w.now).toZonedDateTimeISO("UTC").dayOfWeek;
    w.pass(((10 - day) % 7) * 24 * HOUR);
    await w.connections.seen(ana.Id);
    expect(keysOf(w)).toEqual(["connections.allowed", "connections.invited"]);
    await w.connect(ana, there);
    await end(w, ana);
    await w.settle();
    expect(keysOf(w).map((key) => key.replace(/[0-9a-f]$/, "#"))).toEqual(["connections.once.#"]);
  });

  test("a link that the tab uses stays", async () => {
    const { w, ana, there } = world();
    const person = { tenantId: microsoft.tenant.id, objectId: there.objectId };
    await w.links.store.claim(person, ana.Id, "directory");
    await w.connect(ana, there);
    await end(w, ana);
    expect((await w.links.store.byAccount(ana.Id))?.objectId).toBe(there.objectId);
  });

  test("a link that connecting created and the tab now uses stays, too", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    const person = { tenantId: microsoft.tenant.id, objectId: there.objectId };
    const seen = await w.links.store.read(person);
    if (seen)
      await w.links.store.addSession(person, seen as never, { id: "s".repeat(26), until: w.now + HOUR });
    await end(w, ana);
    expect(await w.links.store.byAccount(ana.Id)).not.toBeNull();
  });

  test("features remove their records first, and one that fails is called again", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    let fails = true;
    const removed: string[] = [];
    w.connections.onDisconnect(async (userId) => {
      if (fails) throw new Error("no database");
      removed.push(userId);
    });
    await expect(end(w, ana)).rejects.toThrow("no database");
    expect((await w.state(ana)).connected).toBe(false);
    await expect(w.connections.credential(ana.Id).token(5)).rejects.toMatchObject({ code: "not_connected" });
    fails = false;
    await w.keepUp();
    expect(removed).toEqual([ana.Id]);
    expect(keysOf(w).filter((key) => !key.startsWith("connections.once."))).toEqual([]);
  });

  test("subscriptions made with the person's token are deleted with that token, before features forget", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    w.pass(2 * HOUR);
    const order: string[] = [];
    w.leaving = async (userId, credential) => {
      expect(await credential.token(1)).toBeString();
      expect(userId).toBe(ana.Id);
      // By then nobody else gets a token.
      await expect(w.connections.credential(ana.Id).token(5)).rejects.toMatchObject({
        code: "not_connected",
      });
      order.push("released");
    };
    w.connections.onDisconnect(async () => void order.push("feature"));
    await end(w, ana);
    expect(order).toEqual(["released", "feature"]);
    expect(keysOf(w).filter((key) => !key.startsWith("connections.once."))).toEqual([]);
  });

  test("Microsoft's refusal, or a missing token, delays nobody", async () => {
    for (const prepare of [
      (w: ConnectionsWorld) => {
        w.leaving = () => Promise.reject(new Error("refused"));
      },
      (w: ConnectionsWorld) => {
        w.leaving = async () => {
          throw new Error("called without a token");
        };
        w.pass(2 * HOUR);
        entra.setFaults({ unreachable: true });
      },
    ]) {
      const { w, ana, there } = world();
      await w.connect(ana, there);
      prepare(w);
      expect(await end(w, ana)).toBe(true);
      entra.healthy();
      expect(keysOf(w).filter((key) => !key.startsWith("connections.once."))).toEqual([]);
    }
  });

  test("unlinking disconnects, too", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    await w.links.unlink(ana.Id);
    await w.settle();
    expect((await w.state(ana)).connected).toBe(false);
    expect(keysOf(w).filter((key) => !key.startsWith("connections.once."))).toEqual([]);
  });

  test("an unlink that this plugin missed is found by the upkeep", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    await w.links.store.unlink(ana.Id);
    await w.keepUp();
    expect(keysOf(w).filter((key) => !key.startsWith("connections.once."))).toEqual([]);
  });

  test("a new connect during the removal keeps the new connection", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    let first = true;
    w.connections.onDisconnect(async () => {
      if (!first) return;
      first = false;
      expect((await w.connect(ana, there)).status).toBe(200);
    });
    await end(w, ana);
    await w.settle();
    await w.keepUp();
    const listed = await Array.fromAsync(w.connections.list());
    const [{ connected }, linked] = [await w.state(ana), await w.links.store.byAccount(ana.Id)];
    expect([listed.length, connected, linked?.objectId]).toEqual([1, true, there.objectId]);
    expect(await w.connections.credential(ana.Id).token(5)).toBeString();
  });

  test("a deactivation leaves nothing, either", async () => {
    const { w, ana, there } = world();
    await w.connect(ana, there);
    await w.connections.deactivated(ana.Id);
    expect(keysOf(w).filter((key) => !key.startsWith("connections.once."))).toEqual([]);
  });
});
