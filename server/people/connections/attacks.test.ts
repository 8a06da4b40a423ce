/**
 * Attacks on the code flow. Each is refused and leaves nothing behind, and a regular flow of the same people works.
 */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { newSigningKey } from "../../../e2e/sandbox/entra/keys.ts";
import type { Person } from "../../../e2e/sandbox/tenant.ts";
import type { RequestContext, User } from "../../runtime/mattermost/index.ts";
import { backPath, ConnectionsWorld, Microsoft, outcomeOf, REDIRECT } from "./testing/connections-world.ts";

const microsoft = new Microsoft();
const { entra } = microsoft;
afterAll(() => microsoft.close());
beforeEach(() => {
  entra.healthy();
  microsoft.graph.healthy();
});

const MINUTE = 60_000;

class Attack {
  readonly w = new ConnectionsWorld({ microsoft });
  readonly ana = this.w.user("ana");
  readonly ben = this.w.user("ben");
  readonly there = microsoft.person("ana");
  readonly benThere = microsoft.person("ben");

  /**
   * Returns the address to which Entra sends the person back, with changes of the query; null removes a parameter.
   */
  async back(
    change: Record<string, string | null> = {},
    by = this.ana,
    person = this.there,
  ): Promise<string> {
    const url = new URL(`http://plugin${await this.w.signIn(by, person)}`);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.pathname + url.search;
  }

  /** Follows the authorize address with changes, as a victim of a phishing link would. */
  async lured(change: Record<string, string | null>, person: Person = this.there): Promise<string> {
    const url = new URL(await this.w.authorizeAddress(this.ana));
    for (const [name, value] of Object.entries(change)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return entra.signIn(url.href, person);
  }

  come(path: string, by: User | null = this.ana, env: Partial<RequestContext> = {}): Promise<Response> {
    return this.w.request(path, by, {}, env);
  }
}

const state = (path: string) => new URL(`http://plugin${path}`).searchParams.get("state") ?? "";
const code = (path: string) => new URL(`http://plugin${path}`).searchParams.get("code") ?? "";
const complete = (query: Record<string, string>) => `/oauth2/complete?${new URLSearchParams(query)}`;
const claims = (change: Record<string, unknown>) => {
  entra.idClaims = (all) => ({ ...all, ...change });
};

type Case = [
  name: string,
  run: (a: Attack) => Promise<Response>,
  expected: [status: number, outcome: string],
];

const states: Case[] = [
  ["no state", async (a) => a.come(await a.back({ state: null })), [400, "state"]],
  ["an empty state", async (a) => a.come(await a.back({ state: "" })), [400, "state"]],
  ["a state nobody drew", async (a) => a.come(await a.back({ state: "A".repeat(43) })), [400, "state"]],
  [
    "a state with one letter changed",
    async (a) => {
      const path = await a.back();
      const text = state(path);
      return a.come(
        path.replace(text, `${text.slice(0, -2)}${text.at(-2) === "A" ? "B" : "A"}${text.at(-1)}`),
      );
    },
    [400, "state"],
  ],
  [
    "a state in lower case",
    async (a) => {
      const path = await a.back();
      return a.come(path.replace(state(path), state(path).toLowerCase()));
    },
    [400, "state"],
  ],
  [
    "a state with a blank",
    async (a) => {
      const path = await a.back();
      return a.come(path.replace(state(path), `${state(path)}%20`));
    },
    [400, "state"],
  ],
  ["a state of 1 MB", async (a) => a.come(await a.back({ state: "A".repeat(1_000_000) })), [400, "state"]],
  [
    "a state that is a key of the store",
    async (a) => a.come(await a.back({ state: "connections.allowed" })),
    [400, "state"],
  ],
  [
    "a state with a path in it",
    async (a) => a.come(await a.back({ state: `../${"A".repeat(40)}` })),
    [400, "state"],
  ],
  [
    "a state with null bytes",
    async (a) => a.come(await a.back({ state: `${"A".repeat(42)}\0` })),
    [400, "state"],
  ],
  [
    "two states, the right one first",
    async (a) => a.come(`${await a.back()}&state=${"A".repeat(43)}`),
    [400, "state"],
  ],
  [
    "two states, the right one last",
    async (a) => {
      const path = await a.back();
      return a.come(path.replace("?", `?state=${"A".repeat(43)}&`));
    },
    [400, "state"],
  ],
  [
    "the state as state[]",
    async (a) => a.come((await a.back()).replace("state=", "state[]=")),
    [400, "state"],
  ],
  [
    "the hash of a state, as the store has it",
    async (a) => {
      await a.back();
      const key =
        a.w.mattermost
          .kv("mission-collaboration")
          .keys()
          .find((one) => one.startsWith("flow.")) ?? "";
      return a.come(await a.back({ state: key.slice("flow.".length) }));
    },
    [400, "state"],
  ],
  [
    "a state that is ten minutes old",
    async (a) => {
      const path = await a.back();
      a.w.pass(10 * MINUTE);
      return a.come(path);
    },
    [400, "state"],
  ],
  ["a state of another user", async (a) => a.come(await a.back(), a.ben), [400, "state"]],
  [
    "a state of another user under the same session id",
    async (a) => a.come(await a.back(), a.ben, { SessionId: "session-of-ana" }),
    [400, "state"],
  ],
  [
    "a state that is ten minutes old, and still in the store",
    async (a) => {
      const path = await a.back();
      const store = a.w.mattermost.kv("mission-collaboration");
      const key = store.keys().find((one) => one.startsWith("flow.")) ?? "";
      const record = store.get(key);
      a.w.pass(10 * MINUTE);
      if (record) await a.w.kv.compareAndSet(key, null, record);
      return a.come(path);
    },
    [400, "state"],
  ],
  [
    "a state of another user with their own code",
    async (a) => {
      const [mine, theirs] = [await a.back(), await a.back({}, a.ben, a.benThere)];
      return a.come(complete({ state: state(theirs), code: code(mine) }));
    },
    [400, "state"],
  ],
  [
    "a state of another session of the same user",
    async (a) => a.come(await a.back(), a.ana, { SessionId: "another-session" }),
    [400, "state"],
  ],
  [
    "a state without any session",
    async (a) => a.come(await a.back(), a.ana, { SessionId: "" }),
    [400, "state"],
  ],
  [
    "a state after the client was changed",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ m365_client_id: "aaaaaaaa-2222-3333-4444-555555555555" });
      const response = await a.come(path);
      a.w.config.save({ m365_client_id: microsoft.registered.app.appId });
      return response;
    },
    [400, "state"],
  ],
  [
    "a state after the tenant was changed",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ m365_tenant_id: "aaaaaaaa-2222-3333-4444-555555555555" });
      const response = await a.come(path);
      a.w.config.save({ m365_tenant_id: microsoft.tenant.id });
      return response;
    },
    [400, "state"],
  ],
  [
    "a state after the site moved",
    async (a) => {
      const path = await a.back();
      a.w.config.save({}, "https://new.example.com");
      const response = await a.come(path);
      a.w.config.save({}, "https://chat.example.com/mattermost");
      return response;
    },
    [400, "state"],
  ],
  [
    "a state after the encryption key was changed",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ encryption_key: Buffer.alloc(32, 7).toString("base64") });
      const response = await a.come(path);
      a.w.config.save({ encryption_key: a.w.keyText });
      return response;
    },
    [400, "state"],
  ],
  [
    "a state that was spent on an error",
    async (a) => {
      const path = await a.back();
      expect((await a.come(complete({ state: state(path), error: "access_denied" }))).status).toBe(403);
      return a.come(path);
    },
    [400, "state"],
  ],
];

const codes: Case[] = [
  ["no code", async (a) => a.come(await a.back({ code: null })), [400, "state"]],
  ["an empty code", async (a) => a.come(await a.back({ code: "" })), [400, "state"]],
  ["a code of 10 KB", async (a) => a.come(await a.back({ code: "x".repeat(10_000) })), [400, "state"]],
  ["two codes", async (a) => a.come(`${await a.back()}&code=x`), [400, "state"]],
  ["a code nobody issued", async (a) => a.come(await a.back({ code: "1.AX0Ainvented" })), [403, "refused"]],
  [
    "a code of another flow of the same person",
    async (a) => {
      const [one, other] = [await a.back(), await a.back()];
      return a.come(complete({ state: state(one), code: code(other) }));
    },
    [403, "refused"],
  ],
  [
    "a code of somebody else, injected",
    async (a) => {
      const [mine, theirs] = [await a.back(), await a.back({}, a.ben, a.benThere)];
      return a.come(complete({ state: state(mine), code: code(theirs) }));
    },
    [403, "refused"],
  ],
  [
    "a code that is eleven minutes old in a fresh flow",
    async (a) => {
      const old = await a.back();
      const now = entra.now;
      entra.now = () => Date.now() + 11 * MINUTE;
      const response = await a.come(old);
      entra.now = now;
      return response;
    },
    [403, "refused"],
  ],
  [
    "a code of a flow without PKCE",
    async (a) => {
      const back = backPath(await a.lured({ code_challenge: null, code_challenge_method: null }));
      return a.come(back);
    },
    [403, "refused"],
  ],
  [
    "a code of a flow with a challenge of the attacker",
    async (a) => a.come(backPath(await a.lured({ code_challenge: "A".repeat(43) }))),
    [403, "refused"],
  ],
  [
    "PKCE plain",
    async (a) => a.come(backPath(await a.lured({ code_challenge_method: "plain" }))),
    [403, "refused"],
  ],
  [
    "a challenge that is too short",
    async (a) => a.come(backPath(await a.lured({ code_challenge: "abc" }))),
    [403, "refused"],
  ],
  [
    "a code of a flow with another nonce",
    async (a) => a.come(backPath(await a.lured({ nonce: "n".repeat(43) }))),
    [502, "token_invalid"],
  ],
  [
    "a code of a flow without a nonce",
    async (a) => a.come(backPath(await a.lured({ nonce: null }))),
    [502, "token_invalid"],
  ],
  [
    "a flow without offline_access",
    async (a) => {
      const url = new URL(await a.w.authorizeAddress(a.ana));
      const scope = (url.searchParams.get("scope") ?? "").replace("offline_access ", "");
      url.searchParams.set("scope", scope);
      return a.come(backPath(entra.signIn(url.href, a.there)));
    },
    [403, "no_offline"],
  ],
];

const tokens: Case[] = [
  [
    "an ID token of another tenant",
    async (a) => {
      claims({ tid: "99999999-9999-4999-8999-999999999999" });
      return a.come(await a.back());
    },
    [403, "other_tenant"],
  ],
  [
    "an ID token of another issuer",
    async (a) => {
      claims({ iss: "https://login.evil.example/v2.0" });
      return a.come(await a.back());
    },
    [403, "other_tenant"],
  ],
  [
    "an ID token for another client",
    async (a) => {
      claims({ aud: "aaaaaaaa-2222-3333-4444-555555555555" });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token for several audiences",
    async (a) => {
      claims({ aud: [microsoft.registered.app.appId, "x"] });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token of another key",
    async (a) => {
      entra.idKey = newSigningKey("attacker");
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token of another key under a known id",
    async (a) => {
      entra.rotateKeys();
      const known = JSON.parse(
        Buffer.from(
          entra.tabToken(microsoft.registered.app, a.there).split(".")[0] ?? "",
          "base64url",
        ).toString(),
      );
      entra.idKey = { ...newSigningKey("attacker"), kid: known.kid };
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an expired ID token",
    async (a) => {
      const at = Math.floor(Date.now() / 1000);
      claims({ iat: at - 7200, nbf: at - 7200, exp: at - 3600 });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token of tomorrow",
    async (a) => {
      const at = Math.floor(Date.now() / 1000) + 86_400;
      claims({ iat: at, nbf: at, exp: at + 3600 });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token without times",
    async (a) => {
      claims({ exp: undefined, nbf: undefined });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an access token as ID token",
    async (a) => {
      claims({ scp: "access_as_user" });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "a version 1 ID token",
    async (a) => {
      claims({ ver: "1.0", iss: entra.issuerV1 });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token without oid",
    async (a) => {
      claims({ oid: undefined });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token with an oid that is no GUID",
    async (a) => {
      claims({ oid: "admin" });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token with the nonce of another flow",
    async (a) => {
      claims({ nonce: "n".repeat(43) });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token with a list of nonces",
    async (a) => {
      entra.idClaims = (all) => ({ ...all, nonce: [all.nonce] });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token of one person with an access token of another",
    async (a) => {
      claims({ oid: a.benThere.objectId });
      return a.come(await a.back());
    },
    [502, "token_invalid"],
  ],
  [
    "an ID token of a guest",
    async (a) => a.come(await a.back({}, a.ana, microsoft.person("ana", { guest: true }))),
    [403, "microsoft_guest"],
  ],
];

const withoutIdToken: Case = [
  "no ID token at all",
  async (a) => {
    const path = await a.back();
    a.w.answered = async (response) => {
      const { id_token: _, ...answer } = (await response.json()) as Record<string, unknown>;
      return Response.json(answer);
    };
    return a.come(path);
  },
  [502, "token_invalid"],
];

const accounts: Case[] = [
  [
    "the account of somebody else, by address",
    async (a) => a.come(await a.back({}, a.ana, a.benThere)),
    [403, "other_address"],
  ],
  [
    "an address that differs in a letter that folds to ASCII",
    async (a) =>
      a.come(
        await a.back(
          {},
          a.ana,
          microsoft.person("x", { userPrincipalName: "an\u0430@example.com", mail: null }),
        ),
      ),
    [403, "other_address"],
  ],
  [
    "an account without any address",
    async (a) =>
      a.come(await a.back({}, a.ana, microsoft.person("x", { userPrincipalName: "x", mail: null }))),
    [403, "other_address"],
  ],
  [
    "an account that is connected here already",
    async (a) => {
      a.w.config.save({ connect_different_email: true });
      expect((await a.w.connect(a.ben, a.there)).status).toBe(200);
      return a.come(await a.back());
    },
    [403, "account_taken"],
  ],
  [
    "an account that belongs to a deactivated account here",
    async (a) => {
      await a.w.links.store.claim(personOf(a), a.ben.Id, "token");
      a.w.mattermost.users.set(a.ben.Id, { ...a.ben, DeleteAt: 1 });
      return a.come(await a.back());
    },
    [403, "holder_left"],
  ],
  [
    "an account that belongs to nobody whom the server knows",
    async (a) => {
      await a.w.links.store.claim(personOf(a), "deleteddeleteddeleteddelet", "token");
      return a.come(await a.back());
    },
    [403, "holder_gone"],
  ],
  [
    "another account than the linked one",
    async (a) => {
      await a.w.links.store.claim(
        { tenantId: microsoft.tenant.id, objectId: a.benThere.objectId },
        a.ana.Id,
        "token",
      );
      return a.come(await a.back());
    },
    [403, "linked_elsewhere"],
  ],
  ["by a bot", async (a) => a.come(await withUser(a, { IsBot: true })), [403, "bot"]],
  [
    "by a guest of Mattermost",
    async (a) => a.come(await withUser(a, { Roles: "system_guest" })),
    [403, "guest"],
  ],
  [
    "by a person of another server",
    async (a) => a.come(await withUser(a, { RemoteId: "remote" })),
    [403, "bot"],
  ],
  [
    "by somebody who was deactivated meanwhile",
    async (a) => a.come(await withUser(a, { DeleteAt: 1 })),
    [403, "inactive"],
  ],
  [
    "after the last seat was taken meanwhile",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ connected_accounts_limit: 0 });
      return a.come(path);
    },
    [403, "no_seat"],
  ],
  [
    "after the list was switched on meanwhile",
    async (a) => {
      const path = await a.back();
      a.w.config.save({ connected_accounts_restricted: true });
      return a.come(path);
    },
    [403, "not_listed"],
  ],
];

const personOf = (a: Attack) => ({ tenantId: microsoft.tenant.id, objectId: a.there.objectId });

/** The account changes while its owner is at Microsoft. */
async function withUser(a: Attack, part: Partial<User>): Promise<string> {
  const path = await a.back();
  a.w.mattermost.users.set(a.ana.Id, { ...a.ana, ...part });
  return path;
}

const error = (
  fields: Record<string, string>,
  outcome: string,
  status = 403,
): [(a: Attack) => Promise<Response>, [number, string]] => [
  async (a) => a.come(complete({ ...fields, state: state(await a.back()) })),
  [status, outcome],
];

const errors: Case[] = [
  [
    "cancelled",
    ...error({ error: "access_denied", error_description: "AADSTS65004: declined" }, "cancelled"),
  ],
  [
    "needs an admin",
    ...error({ error: "access_denied", error_description: "AADSTS90094: admin" }, "needs_admin"),
  ],
  ["consent_required", ...error({ error: "consent_required" }, "needs_admin")],
  ["a policy", ...error({ error: "interaction_required", error_description: "AADSTS53003: no" }, "policy")],
  [
    "an account of another tenant",
    ...error({ error: "invalid_request", error_description: "AADSTS50020: x" }, "other_tenant"),
  ],
  ["Entra's own trouble", ...error({ error: "server_error" }, "unreachable", 503)],
  ["temporarily unavailable", ...error({ error: "temporarily_unavailable" }, "unreachable", 503)],
  ["an error that nobody knows", ...error({ error: "whatever" }, "refused")],
  [
    "an error beside a good code",
    async (a) => a.come(`${await a.back()}&error=access_denied`),
    [403, "cancelled"],
  ],
  ["script in the error", ...error({ error: "<script>alert(1)</script>" }, "refused")],
  [
    "script in the description",
    ...error({ error: "x", error_description: "<img src=x onerror=alert(1)>" }, "refused"),
  ],
  ["a line break in the error", ...error({ error: "access_denied\r\nSet-Cookie: a=b" }, "refused")],
  ["a description of 1 MB", ...error({ error: "x", error_description: "x".repeat(1_000_000) }, "refused")],
  ["an error without a state", async (a) => a.come(complete({ error: "access_denied" })), [400, "state"]],
  [
    "an error with the state of somebody else",
    async (a) => a.come(complete({ error: "access_denied", state: state(await a.back()) }), a.ben),
    [400, "state"],
  ],
];

/** Entra answers 200 with something that is not a token. */
const nonsense: [string, () => Response | Promise<Response>, number, string][] = [
  [
    "a page of a proxy",
    () => new Response("<html>Sign in</html>", { headers: { "Content-Type": "text/html" } }),
    503,
    "unreachable",
  ],
  ["nothing", () => new Response(""), 503, "unreachable"],
  ["null", () => Response.json(null), 502, "token_invalid"],
  ["a list", () => Response.json([]), 502, "token_invalid"],
  ["no tokens", () => Response.json({ token_type: "Bearer", expires_in: 3600 }), 502, "token_invalid"],
  [
    "numbers for tokens",
    () =>
      Response.json({
        token_type: "Bearer",
        expires_in: 3600,
        access_token: 1,
        refresh_token: 2,
        id_token: 3,
      }),
    502,
    "token_invalid",
  ],
  [
    "an ID token of three dots",
    () =>
      Response.json({
        token_type: "Bearer",
        expires_in: 3600,
        access_token: "a",
        refresh_token: "b",
        id_token: "...",
      }),
    502,
    "token_invalid",
  ],
  ["2 MB of blanks", () => new Response(" ".repeat(2_000_000)), 503, "unreachable"],
  [
    "a redirect to somewhere else",
    () => Response.redirect("https://evil.example/token", 307),
    503,
    "unreachable",
  ],
  ["418", () => new Response("I am a teapot", { status: 418 }), 503, "unreachable"],
];
const garbage: Case[] = nonsense.map(([name, make, status, outcome]) => [
  name,
  async (a) => {
    const path = await a.back();
    a.w.answered = async () => make();
    return a.come(path);
  },
  [status, outcome],
]);

const all = { states, codes, tokens: [...tokens, withoutIdToken], accounts, garbage, errors };

test("there are at least 60 attacks", () => {
  expect(Object.values(all).flat().length).toBeGreaterThanOrEqual(60);
});

for (const [family, cases] of Object.entries(all)) {
  describe(family, () => {
    for (const [name, run, [status, outcome]] of cases) {
      test(`${name}: ${status} ${outcome}`, async () => {
        const a = new Attack();
        const response = await run(a);
        expect([response.status, await outcomeOf(response)]).toEqual([status, outcome]);
        await expectHarmless(response);
        await a.w.settle();
        expect(await a.w.connections.isConnected(a.ana.Id)).toBe(false);
        expect((await a.w.state(a.ana)).connected).toBe(false);
        expect(a.w.messages(a.ana)).toEqual([]);
        expect([...a.w.stored().keys()].filter((key) => key.includes(a.ana.Id))).toEqual([]);
      });
    }
  });
}

/** Checks that the page contains nothing of the request, and that no script could run on it. */
async function expectHarmless(response: Response): Promise<void> {
  const html = await response.text();
  for (const part of ["<script", "onerror", "Set-Cookie", "evil", "AADSTS"]) expect(html).not.toContain(part);
  expect(html.length).toBeLessThan(4000);
  expect(response.headers.get("Content-Security-Policy")).toStartWith(
    "default-src 'none'; style-src 'sha256-",
  );
  expect(response.headers.get("Set-Cookie")).toBeNull();
  expect(response.headers.get("Location")).toBeNull();
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
}

test("a malformed state is not looked up in the store", async () => {
  const a = new Attack();
  let reads = 0;
  a.w.fault = (method) => {
    if (method === "kvGet") reads += 1;
    return undefined;
  };
  for (const wrong of ["", "x", "A".repeat(44), "A".repeat(1_000_000), `${"A".repeat(42)}/`])
    expect((await a.come(complete({ code: "x", state: wrong }))).status).toBe(400);
  expect(reads).toBe(0);
  await a.come(complete({ code: "x", state: "A".repeat(43) }));
  expect(reads).toBe(1);
});

describe("legitimate flows during attacks", () => {
  test("a plain flow works after each kind of refusal", async () => {
    const a = new Attack();
    for (const [, run] of [states[0], states[15], codes[4], errors[0], errors[9]] as Case[]) await run(a);
    expect((await a.come(await a.back())).status).toBe(200);
  });

  test("another user's attempt does not use up the state of its owner", async () => {
    const a = new Attack();
    const path = await a.back();
    expect((await a.come(path, a.ben)).status).toBe(400);
    expect((await a.come(path, null)).status).toBe(401);
    expect((await a.come(path)).status).toBe(200);
  });

  test("a state works once: of twenty simultaneous requests one connects, and the code is redeemed once", async () => {
    const a = new Attack();
    const path = await a.back();
    const before = entra.fetched.tokens;
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await a.come(path)).status));
    expect(statuses.sort()).toEqual([200, ...Array(19).fill(400)]);
    expect(entra.fetched.tokens - before).toBe(1);
    expect((await a.come(path)).status).toBe(400);
  });

  test("two flows in two windows do not affect each other", async () => {
    const a = new Attack();
    const [one, other] = [await a.back(), await a.back()];
    expect((await a.come(other)).status).toBe(200);
    expect((await a.come(one)).status).toBe(200);
  });

  test("of two people who connect one Microsoft account at the same moment, one gets it", async () => {
    const a = new Attack();
    a.w.config.save({ connect_different_email: true });
    const [one, other] = [await a.back(), await a.back({}, a.ben, a.there)];
    const ends = await Promise.all([a.come(one), a.come(other, a.ben)]);
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 403]);
    const held = await Promise.all([a.ana, a.ben].map(({ Id }) => a.w.connections.isConnected(Id)));
    expect(held.filter(Boolean)).toHaveLength(1);
  });

  test("of two people who want the last seat, on two nodes at the same moment, one gets it", async () => {
    const a = new Attack();
    const second = new ConnectionsWorld({ microsoft, beside: a.w });
    for (const node of [a.w, second]) node.config.save({ connected_accounts_limit: 1 });
    const [one, other] = [await a.back(), await a.back({}, a.ben, a.benThere)];
    const ends = await Promise.all([a.come(one), second.request(other, a.ben)]);
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await a.w.connections.countOnce()).toBe(1);
  });

  test("a person who was connected before can connect again without a free seat or the list", async () => {
    const a = new Attack();
    await a.w.connect(a.ana, a.there);
    await a.w.connections.disconnect(a.ana.Id, { userId: a.ana.Id, requestId: "" });
    a.w.config.save({ connected_accounts_limit: 0, connected_accounts_restricted: true });
    expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
    expect((await a.w.request("/oauth2/connect", a.ben)).status).toBe(403);
  });

  const addresses: [string, Partial<Person>, Partial<User>, boolean][] = [
    ["the case does not matter", { mail: "Ana@Example.COM" }, {}, true],
    ["the principal name counts without mail", { mail: null }, {}, true],
    ["another mail, the same principal name", { mail: "a.b@example.com" }, {}, true],
    [
      "a dotless i is no i",
      { userPrincipalName: "ina@example.com", mail: null },
      { Email: "\u0131na@example.com" },
      false,
    ],
  ];
  for (const [name, person, user, fits] of addresses) {
    test(`${name}: ${fits ? "the same address" : "another address"}`, async () => {
      const w = new ConnectionsWorld({ microsoft });
      const ana = w.user("ana", user);
      expect((await w.connect(ana, microsoft.person("ana", person))).status).toBe(fits ? 200 : 403);
    });
  }

  test("another address is accepted when the admin allows it", async () => {
    const a = new Attack();
    a.w.config.save({ connect_different_email: true });
    expect((await a.w.connect(a.ana, a.benThere)).status).toBe(200);
    expect((await a.w.links.store.byAccount(a.ana.Id))?.basis).toBe("connected");
  });

  test("a person who owns both accounts learns which one to disconnect", async () => {
    const a = new Attack();
    a.w.config.save({ connect_different_email: true });
    await a.w.connect(a.ben, a.there);
    expect(await (await a.come(await a.back())).text()).toContain("the Mattermost account @ben.");
    await a.w.connections.disconnect(a.ben.Id, { userId: a.ben.Id, requestId: "" });
    expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
  });

  test("the refusal of another address shows both addresses, escaped, to that person only", async () => {
    const a = new Attack();
    const odd = microsoft.person("x", { userPrincipalName: `"<b>"@example.com`, mail: null });
    const html = await (await a.come(await a.back({}, a.ana, odd))).text();
    expect(html).toContain("ana@example.com");
    expect(html).toContain("&quot;&lt;b&gt;&quot;@example.com");
    expect(html).not.toContain("<b>");
  });
});

describe("the start of a flow", () => {
  test("redirects to the tenant's Entra as specified, with nothing from the request", async () => {
    const a = new Attack();
    const evil =
      "return=https://evil.example&redirect_uri=https://evil.example&scope=x&prompt=consent&state=y";
    const response = await a.w.request(`/oauth2/connect?${evil}`, a.ana);
    const url = new URL(response.headers.get("Location") ?? "");
    expect(response.status).toBe(302);
    expect(url.origin + url.pathname).toBe(`${entra.url}/${microsoft.tenant.id}/oauth2/v2.0/authorize`);
    const query = Object.fromEntries(url.searchParams);
    expect(query).toEqual({
      client_id: microsoft.registered.app.appId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: REDIRECT,
      scope: [
        "openid",
        "profile",
        "offline_access",
        ...["User.Read", "Chat.Read", "ChatMessage.Read", "Files.Read.All"].map(
          (name) => `${microsoft.graph.url}/${name}`,
        ),
      ].join(" "),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
      prompt: "select_account",
      login_hint: "ana@example.com",
    });
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
  });

  test("uses new random values for each flow", async () => {
    const a = new Attack();
    const seen = new Set<string>();
    for (let flow = 0; flow < 5; flow += 1) {
      const { searchParams } = new URL(await a.w.authorizeAddress(a.ana));
      for (const name of ["state", "nonce", "code_challenge"]) seen.add(searchParams.get(name) ?? "");
    }
    expect(seen.size).toBe(15);
  });

  const refusals: [string, (a: Attack) => void, number, string][] = [
    ["a guest", (a) => a.w.mattermost.users.set(a.ana.Id, { ...a.ana, Roles: "system_guest" }), 403, "guest"],
    ["a bot", (a) => a.w.mattermost.users.set(a.ana.Id, { ...a.ana, IsBot: true }), 403, "bot"],
    ["no seat", (a) => a.w.config.save({ connected_accounts_limit: 0 }), 403, "no_seat"],
    ["not on the list", (a) => a.w.config.save({ connected_accounts_restricted: true }), 403, "not_listed"],
    ["no client secret", (a) => a.w.config.save({ m365_client_secret: "" }), 503, "not_configured"],
    ["no tenant", (a) => a.w.config.save({ m365_tenant_id: "" }), 503, "not_configured"],
    ["no encryption key", (a) => a.w.config.save({ encryption_key: "" }), 503, "not_configured"],
    [
      "an encryption key that is a password",
      (a) => a.w.config.save({ encryption_key: "password" }),
      503,
      "not_configured",
    ],
    ["no feature that needs it", (a) => a.w.config.save({ chats_enabled: false }), 503, "not_configured"],
  ];
  for (const [name, change, status, outcome] of refusals) {
    test(`${name}: ${status} ${outcome}, and no state is stored`, async () => {
      const a = new Attack();
      change(a);
      const response = await a.w.request("/oauth2/connect", a.ana);
      expect([response.status, await outcomeOf(response)]).toEqual([status, outcome]);
      expect([...a.w.stored().keys()].filter((key) => key.startsWith("flow."))).toEqual([]);
    });
  }

  test("stores no state for somebody who is connected", async () => {
    const a = new Attack();
    await a.w.connect(a.ana, a.there);
    const response = await a.w.request("/oauth2/connect", a.ana);
    expect([response.status, await outcomeOf(response)]).toEqual([200, "already_connected"]);
    expect([...a.w.stored().keys()].filter((key) => key.startsWith("flow."))).toEqual([]);
  });

  test("asks again for a feature that is switched on later, with the account as hint", async () => {
    const a = new Attack();
    await a.w.connect(a.ana, a.there);
    a.w.config.save({ calendar_enabled: true });
    expect((await a.w.state(a.ana)).missing).toEqual(["Calendars.ReadWrite", "MailboxSettings.Read"]);
    expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
    expect((await a.w.state(a.ana)).missing).toEqual([]);
  });
});

describe("Microsoft is unreachable", () => {
  const faults: [string, () => void][] = [
    ["the token endpoint answers 503", () => entra.setFaults({ tokens: "error" })],
    ["nothing listens there", () => entra.setFaults({ unreachable: true })],
    ["the token endpoint throttles", () => entra.setFaults({ tokens: "throttled" })],
    ["Graph answers 503", () => microsoft.graph.setFaults({ status: 503 })],
  ];
  for (const [name, break_] of faults) {
    test(`${name}: 503, nothing is stored, and the next attempt works`, async () => {
      const a = new Attack();
      const path = await a.back();
      break_();
      const response = await a.come(path);
      expect([response.status, await outcomeOf(response)]).toEqual([503, "unreachable"]);
      entra.healthy();
      microsoft.graph.healthy();
      expect([...a.w.stored().keys()].filter((key) => key.includes(a.ana.Id))).toEqual([]);
      expect((await a.w.connect(a.ana, a.there)).status).toBe(200);
    });
  }
});
