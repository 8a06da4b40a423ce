import { describe, expect, test } from "bun:test";
import { newKeyText } from "../../platform/store/sealed.ts";
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

describe("a token", () => {
  test("is kept in memory until it has too little time left", async () => {
    const { w, token } = await connected();
    const before = asked();
    const first = await token();
    w.pass(50 * MINUTE);
    expect(await token()).toBe(first);
    expect(asked()).toBe(before);
    w.pass(16 * MINUTE);
    expect(await token()).not.toBe(first);
    expect(asked()).toBe(before + 1);
  });

  test("is requested once for a hundred callers", async () => {
    const { w, token } = await connected();
    w.pass(2 * HOUR);
    const before = asked();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => token()));
    expect(new Set(tokens).size).toBe(1);
    expect(asked()).toBe(before + 1);
  });

  test("is renewed when Graph has refused it", async () => {
    const { w, ana, token } = await connected();
    const first = await token();
    w.connections.credential(ana.Id).forget?.();
    expect(await token()).not.toBe(first);
  });

  test("belongs to the person: nobody else gets one", async () => {
    const { w, ana } = await connected();
    await expect(w.connections.credential(w.user("ben").Id).token(5)).rejects.toMatchObject({
      code: "not_connected",
    });
    await expect(w.connections.credential("").token(5)).rejects.toMatchObject({ code: "not_connected" });
    expect(await w.connections.credential(ana.Id).token(5)).toBeString();
  });

  test("ends on another node within half a minute of a disconnect, even when its event got lost", async () => {
    const { w, ana, token } = await connected();
    const other = new ConnectionsWorld({ microsoft, beside: w });
    await token(other);
    // The event is lost: only the record shows it.
    await w.kv.compareAndSet(`connection.${ana.Id}`, await w.kv.get(`connection.${ana.Id}`), null);
    other.pass(31_000);
    await expect(token(other)).rejects.toMatchObject({ code: "not_connected" });
  });
});

describe("a refresh", () => {
  test("stores the newest refresh token", async () => {
    const { w, token, record } = await connected();
    const before = record();
    w.pass(2 * HOUR);
    await token();
    expect(record()).toMatchObject({ id: before.id, since: before.since, account: before.account });
    expect(record().sealed).not.toBe(before.sealed);
    expect(record().takenAt).toBeGreaterThan(before.takenAt);
  });

  test("on two nodes at once leaves both with a token and the newest in the store", async () => {
    const { w, token, record } = await connected();
    const other = new ConnectionsWorld({ microsoft, beside: w });
    for (const node of [w, other]) node.pass(2 * HOUR);
    const tokens = await Promise.all([token(w), token(other)]);
    expect(tokens.every((one) => entra.readGraphToken(one) !== null)).toBe(true);
    for (const node of [w, other]) node.pass(2 * HOUR);
    await token(other);
    expect(record().lost).toBeUndefined();
  });

  test("with single-use refresh tokens: the node that lost the race reads the winner's token", async () => {
    const { w, token, record } = await connected();
    entra.delegated.oneUseRefreshTokens = true;
    const other = new ConnectionsWorld({ microsoft, beside: w });
    for (const node of [w, other]) node.pass(2 * HOUR);
    // The other node has sent its request; meanwhile this one wins.
    let first = true;
    other.outgoing = async (url) => {
      if (!first || !url.includes("/token")) return;
      first = false;
      await token(w);
    };
    expect(await token(other)).toBeString();
    expect(record().lost).toBeUndefined();
  });

  test("on a node whose clock is behind is stored as well, because the token that it used may be spent", async () => {
    const { w, ana, token, record } = await connected();
    w.pass(10 * MINUTE);
    const ahead = new ConnectionsWorld({ microsoft, beside: w });
    ahead.pass(3 * HOUR);
    await token(ahead);
    const { sealed } = record();
    const behind = new ConnectionsWorld({ microsoft, beside: w });
    await behind.connections.credential(ana.Id).token(5);
    expect(record().sealed).not.toBe(sealed);
  });

  test("is checked against the store again after the clock was set back", async () => {
    const { w, ana, token } = await connected();
    w.pass(HOUR);
    await token();
    w.pass(-HOUR);
    // As a disconnect on another node whose event got lost.
    await w.kv.compareAndSet(`connection.${ana.Id}`, await w.kv.get(`connection.${ana.Id}`), null);
    await expect(token()).rejects.toMatchObject({ code: "not_connected" });
  });

  test("of a connection that was removed meanwhile is not stored", async () => {
    const { w, ana, token, record } = await connected();
    w.pass(2 * HOUR);
    w.outgoing = async (url) => {
      if (!url.includes("/token")) return;
      w.outgoing = () => {};
      await w.connections.disconnect(ana.Id, { userId: ana.Id, requestId: "" });
    };
    await expect(token()).rejects.toMatchObject({ code: "not_connected" });
    expect(record()).toBeNull();
  });

  test("of a connection that was replaced meanwhile does not affect the new one", async () => {
    const { w, ana, there, token, record } = await connected();
    w.pass(2 * HOUR);
    w.outgoing = async (url) => {
      if (!url.includes("/token")) return;
      w.outgoing = () => {};
      await w.connections.disconnect(ana.Id, { userId: ana.Id, requestId: "" });
      expect((await w.connect(ana, there)).status).toBe(200);
    };
    await expect(token()).rejects.toMatchObject({ code: "not_connected" });
    const { id, sealed } = record();
    expect(await token()).toBeString();
    expect([record().id, record().sealed]).toEqual([id, sealed]);
  });

  for (const [name, break_, code] of [
    ["503", () => entra.setFaults({ tokens: "error" }), "microsoft_unreachable"],
    ["no answer at all", () => entra.setFaults({ unreachable: true }), "microsoft_unreachable"],
    ["429", () => entra.setFaults({ tokens: "throttled" }), "microsoft_unreachable"],
  ] as const) {
    test(`that ends with ${name} loses nothing`, async () => {
      const { w, ana, token, record } = await connected();
      w.pass(2 * HOUR);
      break_();
      await expect(token()).rejects.toMatchObject({ code });
      entra.healthy();
      expect(record().lost).toBeUndefined();
      expect(await token()).toBeString();
      expect(lostMessages(w, ana)).toEqual([]);
    });
  }

  test("that was refused under settings that were corrected meanwhile is tried again", async () => {
    const { w, token, record } = await connected();
    w.pass(2 * HOUR);
    w.answered = async () => {
      w.answered = null;
      w.config.save({ connected_accounts_limit: 7 });
      const answer = { error: "invalid_grant", error_description: "AADSTS700082: expired" };
      return Response.json(answer, { status: 400 });
    };
    expect(await token()).toBeString();
    expect(record().lost).toBeUndefined();
  });

  test("with a client secret that Entra refuses is the admin's problem and loses nothing", async () => {
    const { w, token, record } = await connected();
    w.pass(2 * HOUR);
    w.config.save({ m365_client_secret: "wrong" });
    await expect(token()).rejects.toMatchObject({ code: "credential_refused" });
    expect(record().lost).toBeUndefined();
  });
});

describe("the encryption key", () => {
  test("can be changed without disconnecting anybody: records are re-encrypted in the background", async () => {
    const { w, token, record } = await connected();
    const [old, next] = [w.keyText, newKeyText()];
    const before = record().sealed;
    w.config.save({ encryption_key: next, encryption_key_previous: old });
    await w.keepUp();
    expect(record().sealed).not.toBe(before);
    w.config.save({ encryption_key_previous: "" });
    w.pass(2 * HOUR);
    expect(await token()).toBeString();
  });

  test("that is wrong loses nobody: with the right one restored everything works", async () => {
    const { w, ana, token, record } = await connected();
    w.pass(2 * HOUR);
    w.config.save({ encryption_key: newKeyText() });
    await expect(token()).rejects.toMatchObject({ code: "encryption_unavailable" });
    w.pass(7 * DAY);
    await w.keepUp();
    expect(record().lost).toBeUndefined();
    w.config.save({ encryption_key: w.keyText });
    expect(await token()).toBeString();
    expect(lostMessages(w, ana)).toEqual([]);
  });

  test("a damaged record is a loss of one person and of nobody else", async () => {
    const { w, ana, record, token } = await connected();
    const ben = w.user("ben");
    await w.connect(ben, microsoft.person("ben"));
    const key = `connection.${ana.Id}`;
    const damaged = { ...record(), sealed: `${record().sealed.slice(0, -6)}AAAAAA` };
    await w.kv.compareAndSet(key, await w.kv.get(key), new TextEncoder().encode(JSON.stringify(damaged)));
    w.pass(2 * HOUR);
    await expect(token()).rejects.toMatchObject({ code: "connection_lost", detail: "damaged" });
    expect(await w.connections.credential(ben.Id).token(5)).toBeString();
  });

  test("a token that is moved to another person's record counts as damaged there", async () => {
    const { w, ana, record } = await connected();
    const ben = w.user("ben");
    await w.connect(ben, microsoft.person("ben"));
    const key = `connection.${ben.Id}`;
    const stolen = { ...JSON.parse(w.stored().get(key) ?? ""), sealed: record().sealed };
    await w.kv.compareAndSet(key, await w.kv.get(key), new TextEncoder().encode(JSON.stringify(stolen)));
    w.pass(2 * HOUR);
    await expect(w.connections.credential(ben.Id).token(5)).rejects.toMatchObject({ detail: "damaged" });
    expect(await w.connections.credential(ana.Id).token(5)).toBeString();
  });
});
