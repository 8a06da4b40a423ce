/** From connect to disconnect: what is stored, what remains, what a crash may leave, and what is never written. */

import { describe, expect, test } from "bun:test";
import type { User } from "../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "./testing/connections-world.ts";
import { end, entra, HOUR, keysOf, microsoft, openConnections, world } from "./testing/one-person.ts";

openConnections();

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
      const notices = other.messages(ana).filter((text) => text.includes("has ended"));
      // If the node died after the message was sent and before that was recorded, it may be sent twice.
      expect([at, notices.length]).toEqual([at, at === 3 ? 2 : 1]);
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
