/** From connect to disconnect: what is stored, what remains, what a crash may leave, and what is never written. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { ConnectionsWorld, Microsoft } from "./testing/connections-world.ts";

const microsoft = new Microsoft();
const { entra } = microsoft;
afterAll(() => microsoft.close());
beforeEach(() => {
  entra.healthy();
  microsoft.graph.healthy();
});

const HOUR = 3_600_000;
const keysOf = (w: ConnectionsWorld) => [...w.stored().keys()].sort();
const end = (w: ConnectionsWorld, user: User) =>
  w.connections.disconnect(user.Id, { userId: user.Id, requestId: "" });

function world() {
  const w = new ConnectionsWorld({ microsoft });
  return { w, ana: w.user("ana"), there: microsoft.person("ana") };
}

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

  test("subscriptions made with the person's token are deleted with that token, before features remove their records", async () => {
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

  test("the upkeep finds an unlink that this plugin missed", async () => {
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

/** Makes the n-th write to the store fail, before or after it is done, and every later one: the node is dead. */
function die(w: ConnectionsWorld, at: number, done: boolean): { writes: () => number } {
  let writes = 0;
  const isWrite = (method: string) => /^kv(Set|Compare|Delete)/.test(method);
  w.fault = (method) => {
    if (!isWrite(method)) return undefined;
    writes += 1;
    return writes > at || (writes === at && !done) ? new Error("killed") : undefined;
  };
  return { writes: () => writes };
}

async function writesOf(
  run: (w: ConnectionsWorld, ana: User) => Promise<unknown>,
  prepare = async (_: ConnectionsWorld, __: User, ___: ReturnType<typeof world>["there"]) => {},
) {
  const { w, ana, there } = world();
  await prepare(w, ana, there);
  const { writes } = die(w, Number.POSITIVE_INFINITY, true);
  await run(w, ana);
  return writes();
}

describe("a node that dies at any write", () => {
  test("of connecting: another node connects the person, and there is one link and one connection", async () => {
    const total = await (async () => {
      const { w, ana, there } = world();
      const path = await w.signIn(ana, there);
      const { writes } = die(w, Number.POSITIVE_INFINITY, true);
      expect((await w.request(path, ana)).status).toBe(200);
      return writes();
    })();
    expect(total).toBeGreaterThanOrEqual(8);
    for (let at = 1; at <= total; at += 1) {
      for (const done of [false, true]) {
        const { w, ana, there } = world();
        const path = await w.signIn(ana, there);
        die(w, at, done);
        await w.request(path, ana).catch(() => {});
        await w.settle();
        const other = new ConnectionsWorld({ microsoft, beside: w });
        other.pass(61_000);
        // The last writes come after the connection: then there is nothing to repeat.
        if (!(await other.state(ana)).connected)
          expect([at, done, (await other.connect(ana, there)).status]).toEqual([at, done, 200]);
        expect(await other.connections.credential(ana.Id).token(5)).toBeString();
        const listed = await Array.fromAsync(other.connections.list());
        expect(listed.map(([userId]) => userId)).toEqual([ana.Id]);
        expect(await other.connections.countOnce()).toBe(1);
        await other.settle();
        other.pass(11 * 60_000);
        await other.keepUp();
        const welcomed = other.messages(ana).filter((text) => text.includes("is connected"));
        // If the node died after the welcome was sent and before that was recorded, it is sent twice.
        expect([at, done, welcomed.length]).toEqual([
          at,
          done,
          welcomed.length > 1 && at > total - 2 ? 2 : 1,
        ]);
        expect(await end(other, ana)).toBe(true);
        await other.settle();
        expect(keysOf(other).filter((key) => !/^(connections\.once\.|flow\.)/.test(key))).toEqual([]);
      }
    }
  }, 120_000);

  test("of connecting, and nobody tries again: the upkeep removes what is left", async () => {
    for (let at = 1; at <= 12; at += 1) {
      const { w, ana, there } = world();
      const path = await w.signIn(ana, there);
      die(w, at, true);
      await w.request(path, ana).catch(() => {});
      await w.settle();
      const other = new ConnectionsWorld({ microsoft, beside: w });
      other.pass(11 * 60_000);
      const { connected } = await other.state(ana);
      await other.keepUp();
      if (connected) continue;
      const left = keysOf(other).filter((key) => !/^(connections\.once\.|flow\.)/.test(key));
      expect([at, left]).toEqual([at, []]);
    }
  });

  test("of a refresh: the next one works, and nothing is lost", async () => {
    const refresh = (w: ConnectionsWorld, ana: User) => w.connections.credential(ana.Id).token(5);
    const prepare = async (w: ConnectionsWorld, ana: User, there: ReturnType<typeof world>["there"]) => {
      await w.connect(ana, there);
      await w.settle();
      w.pass(2 * HOUR);
    };
    const total = await writesOf(refresh, prepare);
    expect(total).toBeGreaterThanOrEqual(2);
    for (let at = 1; at <= total; at += 1) {
      for (const done of [false, true]) {
        const { w, ana, there } = world();
        await prepare(w, ana, there);
        die(w, at, done);
        await refresh(w, ana).catch(() => {});
        const other = new ConnectionsWorld({ microsoft, beside: w });
        other.pass(2 * HOUR);
        expect(await refresh(other, ana)).toBeString();
        expect((await other.state(ana)).lost).toBeUndefined();
      }
    }
  });

  test("of marking a loss: another node sends the message", async () => {
    for (let at = 1; at <= 4; at += 1) {
      const { w, ana, there } = world();
      await w.connect(ana, there);
      await w.settle();
      w.pass(2 * HOUR);
      entra.delegated.revoke(there.objectId);
      die(w, at, true);
      await w.connections
        .credential(ana.Id)
        .token(5)
        .catch(() => {});
      await w.settle();
      const other = new ConnectionsWorld({ microsoft, beside: w });
      other.pass(3 * HOUR);
      await other.connections
        .credential(ana.Id)
        .token(5)
        .catch(() => {});
      await other.settle();
      await other.keepUp();
      const told = other.messages(ana).filter((text) => text.includes("has ended"));
      // If the node died after the message was sent and before that was recorded, it may be sent twice.
      expect([at, told.length]).toEqual([at, at === 3 ? 2 : 1]);
      expect(await other.state(ana)).toMatchObject({ connected: false, lost: true });
    }
  });

  test("of a disconnect: the upkeep of another node finishes it", async () => {
    const total = await writesOf(
      (w, ana) => end(w, ana),
      async (w, ana, there) => {
        await w.connect(ana, there);
        await w.settle();
      },
    );
    for (let at = 1; at <= total; at += 1) {
      const { w, ana, there } = world();
      await w.connect(ana, there);
      await w.settle();
      die(w, at, true);
      await end(w, ana).catch(() => {});
      const other = new ConnectionsWorld({ microsoft, beside: w });
      other.pass(11 * 60_000);
      await other.keepUp();
      const left = keysOf(other).filter((key) => !/^connections\.once\./.test(key));
      expect([at, left]).toEqual([at, []]);
    }
  });
});

describe("connecting from the tab", () => {
  const post = (w: ConnectionsWorld, by: User, token: unknown) =>
    w.request("/api/v1/connection/from-tab", by, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
  const scopes = "User.Read Chat.Read ChatMessage.Read Files.Read.All openid profile offline_access";
  const agree = (objectId: string) =>
    microsoft.tenant.agree(microsoft.registered.app.appId, objectId, scopes.split(" "));
  const tokenOf = (
    person: ReturnType<typeof world>["there"],
    kind?: "guest" | "unknown key" | "other tenant" | "expired",
  ) => entra.tabToken(microsoft.registered.app, person, kind ? { kind } : {});

  test("works without a pop-up when the person has consented before", async () => {
    const { w, ana, there } = world();
    agree(there.objectId);
    expect((await post(w, ana, tokenOf(there))).status).toBe(204);
    expect(await w.state(ana)).toMatchObject({ connected: true, account: "ana@example.com" });
    w.pass(2 * HOUR);
    expect(await w.connections.credential(ana.Id).token(5)).toBeString();
  });

  test("without consent: 409 consent_required, nothing is stored, and the pop-up works", async () => {
    const { w, ana, there } = world();
    const response = await post(w, ana, tokenOf(there));
    expect([response.status, await response.json()]).toMatchObject([409, { code: "consent_required" }]);
    expect(keysOf(w)).toEqual([]);
    expect((await w.connect(ana, there)).status).toBe(200);
  });

  for (const [name, status, run] of [
    [
      "a token of somebody else",
      403,
      (w: ConnectionsWorld, ana: User) => {
        const ben = microsoft.person("ben");
        agree(ben.objectId);
        return post(w, ana, tokenOf(ben));
      },
    ],
    [
      "a forged token",
      401,
      (w: ConnectionsWorld, ana: User, there) => post(w, ana, tokenOf(there, "unknown key")),
    ],
    [
      "a token of another tenant",
      401,
      (w: ConnectionsWorld, ana: User, there) => post(w, ana, tokenOf(there, "other tenant")),
    ],
    [
      "an expired token",
      401,
      (w: ConnectionsWorld, ana: User, there) => post(w, ana, tokenOf(there, "expired")),
    ],
    [
      "a guest's token",
      403,
      (w: ConnectionsWorld, ana: User, there) => {
        agree(there.objectId);
        return post(w, ana, tokenOf(there, "guest"));
      },
    ],
    ["an empty token", 400, (w: ConnectionsWorld, ana: User) => post(w, ana, "")],
    ["a token that is no text", 400, (w: ConnectionsWorld, ana: User) => post(w, ana, { a: 1 })],
    ["a token of 20 KB", 400, (w: ConnectionsWorld, ana: User) => post(w, ana, "x".repeat(20_000))],
    [
      "while no feature needs it",
      503,
      (w: ConnectionsWorld, ana: User, there) => {
        w.config.save({ chats_enabled: false });
        return post(w, ana, tokenOf(there));
      },
    ],
    [
      "without a free seat",
      403,
      (w: ConnectionsWorld, ana: User, there) => {
        w.config.save({ connected_accounts_limit: 0 });
        return post(w, ana, tokenOf(there));
      },
    ],
    [
      "while Entra is down",
      503,
      (w: ConnectionsWorld, ana: User, there) => {
        agree(there.objectId);
        const token = tokenOf(there);
        w.outgoing = (url) => {
          if (url.includes("/token")) throw new Error("no route");
        };
        return post(w, ana, token);
      },
    ],
  ] as [
    string,
    number,
    (w: ConnectionsWorld, ana: User, there: ReturnType<typeof world>["there"]) => Promise<Response>,
  ][]) {
    test(`${name}: ${status}, nothing is stored`, async () => {
      const { w, ana, there } = world();
      const response = await run(w, ana, there);
      expect(response.status).toBe(status);
      expect(keysOf(w)).toEqual([]);
      expect(await response.text()).not.toContain("eyJ");
    });
  }
});

test("no token, code, verifier or state is ever in clear text in the store, a log, an error, an audit record, a post or a page", async () => {
  const { w, ana, there } = world();
  const pages: string[] = [];
  const visited: string[] = [];
  const visit = async (path: string) => {
    visited.push(path);
    const response = await w.request(path, ana);
    pages.push(await response.text(), JSON.stringify([...response.headers]));
  };
  const written: string[] = [];
  const look = () => written.push(...[...w.stored()].map((row) => row.join(" ")));
  entra.setFaults({ tokens: "error" });
  await visit(await w.signIn(ana, there));
  look();
  entra.healthy();
  entra.idClaims = (claims) => ({ ...claims, nonce: "x" });
  await visit(await w.signIn(ana, there));
  entra.healthy();
  const path = await w.signIn(ana, there);
  look();
  await visit(path);
  await visit(path);
  look();
  w.pass(2 * HOUR);
  const access = await w.connections.credential(ana.Id).token(5);
  look();
  w.pass(2 * HOUR);
  entra.delegated.revoke(there.objectId);
  const refusal = await w.connections
    .credential(ana.Id)
    .token(5)
    .catch((error: unknown) => error);
  await w.settle();
  await w.keepUp();
  look();
  const everything = [
    ...written,
    ...pages,
    ...w.logs,
    ...w.events.map((event) => JSON.stringify(event)),
    ...w.messages(ana),
    Bun.inspect(refusal),
    Bun.inspect(w.config.current),
  ].join("\n");
  const query = (name: string) =>
    visited.map((one) => new URL(`http://x${one}`).searchParams.get(name) ?? "");
  const secrets = [...entra.delegated.issued, ...query("code"), ...query("state"), access, w.keyText];
  expect(secrets.length).toBeGreaterThan(10);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20);
    expect(everything.includes(secret)).toBe(false);
  }
  expect(everything).not.toMatch(/eyJ[\w-]{20}/);
  expect(w.mattermost.kv("mission-collaboration").keys().length).toBeGreaterThan(0);
});
