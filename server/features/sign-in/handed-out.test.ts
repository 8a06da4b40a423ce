import { beforeEach, describe, expect, test } from "bun:test";
import { pluginApi, World } from "../../../e2e/sandbox/mattermost/index.ts";
import { buildConfig } from "../../microsoft/config/index.ts";
import { mountRoutes } from "../../platform/http/testing/mount-routes.ts";
import type { RequestContext, Session, User } from "../../runtime/mattermost/index.ts";
import type { HandOver } from "./audit.ts";
import { handedOutRoutes } from "./handed-out.ts";

const SITE = "https://chat.example.com";
const FILE = "f".repeat(26);
const VERIFIER = "v".repeat(43);
const CHALLENGE = Buffer.from(new Bun.CryptoHasher("sha256").update(VERIFIER).digest()).toString("base64url");

let now = 0;
let world: World;
let ana: User;
let session: Session;
let stored: Map<string, Uint8Array>;
let ask: ReturnType<typeof routes>;
let records: HandOver[];

/** A store that does not expire anything: the code must notice expiry itself. */
const kv = {
  get: async (key: string) => stored.get(key) ?? null,
  compareAndSet: async (key: string, expected: Uint8Array | null, next: Uint8Array | null) => {
    const held = stored.get(key) ?? null;
    await Bun.sleep(0);
    if ((stored.get(key) ?? null) !== held || (expected === null) !== (held === null)) return false;
    if (next) stored.set(key, next);
    else stored.delete(key);
    return true;
  },
};

function routes(siteUrl = SITE) {
  const logged: object[] = [];
  const app = mountRoutes(
    handedOutRoutes({
      config: { current: buildConfig({}, { siteUrl }), onChange: () => () => {} },
      serverRules: { current: async () => ({ cookiesForSubdomains: false }) },
      api: pluginApi(world),
      kv,
      log: { error: (...all: unknown[]) => void logged.push(all) },
      audit: { handedOver: (record) => void records.push(record) },
      clock: () => now,
    }),
  );
  return async (path: string, body?: object, env: Partial<RequestContext> = {}, headers = {}) => {
    const init: RequestInit =
      body === undefined
        ? {}
        : {
            method: "POST",
            body: JSON.stringify(body),
            headers: {
              Origin: new URL(SITE).origin,
              "Content-Type": "application/json",
              "X-Requested-With": "XMLHttpRequest",
              ...headers,
            },
          };
    const context = { userId: ana.Id, SessionId: session.Id, IPAddress: "192.0.2.7", RequestId: "r", ...env };
    return app.fetch(new Request(`${SITE}${path}`, init), context as RequestContext);
  };
}

const nobody = { userId: null, SessionId: "" };
const ticket = async () => {
  const response = await ask("/api/v1/files/ticket", { fileId: FILE });
  expect(response.status).toBe(200);
  return ((await response.json()) as { ticket: string }).ticket;
};
const code = async () => {
  const response = await ask("/api/v1/session/window", { challenge: CHALLENGE });
  expect(response.status).toBe(200);
  return ((await response.json()) as { code: string }).code;
};
const redeem = (given: string, verifier = VERIFIER) =>
  ask("/api/v1/session/window/redeem", { code: given, verifier }, nobody);

beforeEach(() => {
  now = Date.parse("2026-11-28T12:00:00Z");
  world = new World({ now: () => now, siteUrl: SITE });
  stored = new Map();
  records = [];
  ana = world.addUser({ Username: "ana", Email: "ana@example.com" });
  session = world.addSession({ UserId: ana.Id, ExpiresAt: now + 3_600_000, Props: { csrf: "csrf1" } });
  ask = routes();
});

describe("a ticket for a file", () => {
  test("leads to this file only, with the session in a cookie for its path", async () => {
    const given = await ticket();
    const response = await ask(`/files/${given}`, undefined, nobody);
    expect(response.status).toBe(303);
    expect(response.headers.get("Location")).toBe(`/api/v4/files/${FILE}?download=1`);
    expect(response.headers.getSetCookie()).toEqual([
      `MMAUTHTOKEN=${session.Token}; Path=/api/v4/files/${FILE}; Max-Age=60; HttpOnly; Secure; SameSite=None; Partitioned`,
    ]);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
  });

  test("works under a sub-path", async () => {
    ask = routes(`${SITE}/mattermost`);
    const response = await ask(`/files/${await ticket()}`, undefined, nobody);
    expect(response.headers.get("Location")).toBe(`/mattermost/api/v4/files/${FILE}?download=1`);
    expect(response.headers.get("Set-Cookie")).toContain(`; Path=/mattermost/api/v4/files/${FILE};`);
  });

  test("works once", async () => {
    const given = await ticket();
    expect((await ask(`/files/${given}`, undefined, nobody)).status).toBe(303);
    const again = await ask(`/files/${given}`, undefined, nobody);
    expect(again.status).toBe(404);
    expect(again.headers.get("Set-Cookie")).toBeNull();
  });

  test("works once, even for twenty at the same time", async () => {
    const given = await ticket();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(`/files/${given}`, undefined, nobody)),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19);
  });

  const spoils: [string, () => void][] = [
    ["after a minute, whatever the store still holds", () => (now += 60_000)],
    ["after the session was revoked", () => world.sessions.delete(session.Id)],
    ["after the account was deactivated", () => world.setActive(ana.Id, false)],
    ["of a session that has ended", () => world.sessions.set(session.Id, { ...session, ExpiresAt: now - 1 })],
    [
      "of a session that is somebody else's now",
      () => world.sessions.set(session.Id, { ...session, UserId: "x" }),
    ],
    ["of a session without csrf", () => world.sessions.set(session.Id, { ...session, Props: {} })],
    [
      "of a session whose token is not fit for a cookie",
      () => world.sessions.set(session.Id, { ...session, Token: "a; Path=/" }),
    ],
  ];
  for (const [name, spoil] of spoils) {
    test(`opens nothing ${name}, and is used up`, async () => {
      const given = await ticket();
      spoil();
      const response = await ask(`/files/${given}`, undefined, nobody);
      expect(response.status).toBe(404);
      expect(response.headers.get("Set-Cookie")).toBeNull();
      expect(stored.size).toBe(0);
    });
  }

  test("invented ones open nothing, and reach no key of another kind", async () => {
    const own = await code();
    for (const given of ["x", "a".repeat(43), own, `${"a".repeat(42)}%2F`, "..%2Fapi%2Fv1"])
      expect((await ask(`/files/${given}`, undefined, nobody)).status).toBe(404);
  });

  test("is issued only to members, from this page", async () => {
    const path = "/api/v1/files/ticket";
    const body = { fileId: FILE };
    expect((await ask(path, body, nobody)).status).toBe(401);
    expect((await ask(path, body, { SessionId: "" })).status).toBe(401);
    expect((await ask(path, body, {}, { Origin: "https://evil.example" })).status).toBe(403);
    expect((await ask(path, body, {}, { "X-Requested-With": "" })).status).toBe(403);
    expect((await ask(path)).status).toBe(405);
    expect((await ask(path, body)).status).toBe(200);
  });

  test("is issued only for a file's id", async () => {
    for (const fileId of ["", "../users/me", FILE.toUpperCase(), `${FILE}/thumbnail`, 7, null])
      expect((await ask("/api/v1/files/ticket", { fileId })).status).toBe(400);
    expect((await ask("/api/v1/files/ticket", { fileId: FILE, path: "x".repeat(2_000) })).status).toBe(413);
  });

  test("is rate-limited", async () => {
    for (let i = 0; i < 60; i++) await ticket();
    const refused = await ask("/api/v1/files/ticket", { fileId: FILE });
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "1"]);
    now += 1_000;
    await ticket();
  });

  test("the store contains neither ticket nor token", async () => {
    const given = await ticket();
    const rows = [...stored].map(([key, value]) => key + new TextDecoder().decode(value)).join();
    expect(rows).toContain(FILE);
    for (const secret of [given, session.Token]) expect(rows).not.toContain(secret);
  });
});

describe("a code for a window", () => {
  test("is exchanged for the cookies of the tab's own session, as the server's login sets them", async () => {
    const response = await redeem(await code());
    expect(response.status).toBe(200);
    const scope = "Path=/; Max-Age=3600; Secure; SameSite=Lax";
    expect(response.headers.getSetCookie()).toEqual([
      `MMAUTHTOKEN=${session.Token}; ${scope}; HttpOnly`,
      `MMUSERID=${ana.Id}; ${scope}`,
      `MMCSRF=csrf1; ${scope}`,
    ]);
    expect(await response.json()).toEqual({ ok: true });
    // No session is created that unlinking and stricter rules would miss.
    expect(world.sessions.size).toBe(1);
  });

  test("works once, even for twenty at the same time", async () => {
    const given = await code();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(given)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(401)]);
  });

  test("is used up by a wrong verifier", async () => {
    const given = await code();
    expect((await redeem(given, "w".repeat(43))).status).toBe(401);
    expect((await redeem(given)).status).toBe(401);
  });

  test("expires after a minute, and with the session", async () => {
    const late = await code();
    now += 60_000;
    expect((await redeem(late)).status).toBe(401);
    const orphan = await code();
    world.sessions.delete(session.Id);
    const refused = await redeem(orphan);
    expect([refused.status, refused.headers.get("Set-Cookie")]).toEqual([401, null]);
  });

  test("cannot be replaced by a ticket for a file", async () => {
    expect((await redeem(await ticket())).status).toBe(401);
  });

  test("is issued only to members, from this page, and redeemed only there", async () => {
    const body = { challenge: CHALLENGE };
    expect((await ask("/api/v1/session/window", body, nobody)).status).toBe(401);
    expect((await ask("/api/v1/session/window", body, {}, { Origin: "https://evil.example" })).status).toBe(
      403,
    );
    for (const challenge of ["", "short", `${CHALLENGE}=`, null])
      expect((await ask("/api/v1/session/window", { challenge })).status).toBe(400);
    const taken = { code: await code(), verifier: VERIFIER };
    const foreign = { Origin: "https://evil.example" };
    expect((await ask("/api/v1/session/window/redeem", taken, nobody, foreign)).status).toBe(403);
    expect((await ask("/api/v1/session/window/redeem", taken, nobody)).status).toBe(200);
  });
});

test("a site without https issues nothing", async () => {
  ask = routes("http://chat.example.com");
  expect((await ask("/api/v1/files/ticket", { fileId: FILE })).status).toBe(503);
  expect((await ask(`/files/${"a".repeat(43)}`, undefined, nobody)).status).toBe(503);
});

describe("the audit record", () => {
  const brief = () => records.map(({ step, outcome, reason }) => [step, outcome, reason]);

  test("contains step, outcome, person, session, file and request, and no ticket, code or cookie", async () => {
    const given = await ticket();
    await ask(`/files/${given}`, undefined, { ...nobody, RequestId: "r2" });
    const handed = await code();
    await redeem(handed);
    expect(brief()).toEqual([
      ["file_ticket", "success", "ok"],
      ["file", "success", "ok"],
      ["window_code", "success", "ok"],
      ["window", "success", "ok"],
    ]);
    for (const record of records)
      expect(record).toMatchObject({ userId: ana.Id, sessionId: session.Id, address: "192.0.2.7" });
    expect(records.map(({ fileId }) => fileId)).toEqual([FILE, FILE, null, null]);
    expect(records.map(({ requestId }) => requestId)).toEqual(["r", "r2", "r", "r"]);
    const written = JSON.stringify(records);
    for (const secret of [given, handed, VERIFIER, CHALLENGE, session.Token, "csrf1"])
      expect(written).not.toContain(secret);
  });

  test("an unknown ticket names nobody; one of an ended session names its owner", async () => {
    await ask("/files/unknown", undefined, nobody);
    const given = await ticket();
    session.ExpiresAt = now - 1;
    await ask(`/files/${given}`, undefined, nobody);
    expect(brief()).toEqual([
      ["file", "refused", "not_found"],
      ["file_ticket", "success", "ok"],
      ["file", "refused", "not_found"],
    ]);
    expect(records.map(({ userId }) => userId)).toEqual([null, ana.Id, ana.Id]);
  });

  test("a code with another verifier is recorded as refused", async () => {
    await redeem(await code(), "x".repeat(43));
    expect(records.at(-1)).toMatchObject({ step: "window", outcome: "refused", reason: "handover_code" });
  });

  test("requests beyond the limit by address are not recorded", async () => {
    for (let i = 0; i < 700; i++) await ask("/files/unknown", undefined, nobody);
    expect(records).toHaveLength(600);
  });
});
