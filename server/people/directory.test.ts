/**
 * Tests reading the directory on the person's behalf: msal-node and our Graph client against an authority on
 * loopback.
 */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FixedConfig, SITE, settings } from "../features/sign-in/testing/sign-in-world.ts";
import { createOnBehalfOf } from "../microsoft/entra/on-behalf-of.ts";
import { CLIENT, PERSON, TENANT } from "../microsoft/entra/testing/authority.ts";
import { createGraph } from "../microsoft/graph/index.ts";
import { createDirectory } from "./directory.ts";

interface Seen {
  readonly host: string;
  readonly path: string;
  readonly body: URLSearchParams;
  readonly authorization: string | null;
}

let seen: Seen[];
let server: ReturnType<typeof Bun.serve>;
let token: () => Response;
let me: () => Response;
const person = {
  id: PERSON,
  mail: "ana.maria@example.com",
  userPrincipalName: "ana@example.com",
  userType: "Member",
};

beforeEach(() => {
  seen = [];
  token = () => Response.json({ token_type: "Bearer", expires_in: 3600, access_token: "graph-token" });
  me = () => Response.json(person);
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const host = request.headers.get("X-Test-Host") ?? "";
      const body = new URLSearchParams(await request.text());
      seen.push({ host, path: pathname, body, authorization: request.headers.get("Authorization") });
      if (host === "graph.test") return me();
      if (pathname.endsWith("/token")) return token();
      const at = (path: string) => `https://login.test/${TENANT}/${path}`;
      return Response.json({
        issuer: at("v2.0"),
        authorization_endpoint: at("oauth2/v2.0/authorize"),
        token_endpoint: at("oauth2/v2.0/token"),
        jwks_uri: at("discovery/v2.0/keys"),
      });
    },
  });
});
afterEach(() => server.stop(true));

function directory(secret: string | null = "s3cret") {
  const config = new FixedConfig({ ...settings, m365_client_secret: secret ?? "" }, SITE);
  const fetch = (url: string | URL, init?: RequestInit) => {
    const { host, pathname, search } = new URL(url);
    const headers = new Headers(init?.headers);
    headers.set("X-Test-Host", host);
    return globalThis.fetch(`http://127.0.0.1:${server.port}${pathname}${search}`, { ...init, headers });
  };
  const tokens = { token: () => Promise.reject(new Error("not the app's token")), forget: () => {} };
  return createDirectory({
    onBehalfOf: createOnBehalfOf({ config, fetch }),
    graph: createGraph({ config, tokens, fetch }),
    clock: () => 1000,
  });
}

describe("the directory is read on the person's behalf", () => {
  test("with User.Read, and only at the configured hosts", async () => {
    const reader = directory();
    expect(await reader.read("tab-token")).toEqual({
      ok: true,
      facts: { objectId: PERSON, addresses: ["ana.maria@example.com", "ana@example.com"], guest: false },
    });
    expect(new Set(seen.map(({ host }) => host))).toEqual(new Set(["login.test", "graph.test"]));
    const asked = seen.find(({ path }) => path.endsWith("/token"))?.body;
    expect(asked?.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
    expect(asked?.get("requested_token_use")).toBe("on_behalf_of");
    expect(asked?.get("assertion")).toBe("tab-token");
    expect(asked?.get("client_id")).toBe(CLIENT);
    expect(asked?.get("scope")).toContain("https://graph.test/User.Read");
    expect(seen.at(-1)).toMatchObject({ path: "/v1.0/me", authorization: "Bearer graph-token" });
    expect(reader.last).toEqual({ at: 1000, ok: true, why: "" });
  });

  const people: [name: string, answer: object, facts: object][] = [
    ["without mail", { mail: null }, { addresses: ["ana@example.com"] }],
    ["mail and name alike", { mail: "ana@example.com" }, { addresses: ["ana@example.com"] }],
    ["no address at all", { mail: null, userPrincipalName: "ana" }, { addresses: [] }],
    ["a guest by type", { userType: "Guest" }, { guest: true }],
    ["a guest by name", { userPrincipalName: "ana_home.example#EXT#@example.com" }, { guest: true }],
    [
      "an id in capitals",
      { id: PERSON.replace("3333-", "ABCD-") },
      { objectId: PERSON.replace("3333-", "abcd-") },
    ],
  ];
  for (const [name, answer, facts] of people) {
    test(name, async () => {
      me = () => Response.json({ ...person, ...answer });
      expect(await directory().read("t")).toMatchObject({ ok: true, facts });
    });
  }
});

describe("the reason why the directory cannot be read contains no names", () => {
  const entra = (error: string, code: number) => () =>
    Response.json(
      { error, error_description: `AADSTS${code}: ana@example.com did something`, error_codes: [code] },
      { status: 400 },
    );
  const cases: { name: string; given: () => void; why: string }[] = [
    {
      name: "nobody consented",
      given: () => (token = entra("invalid_grant", 65001)),
      why: "no_consent AADSTS65001",
    },
    {
      name: "Conditional Access wants more",
      given: () => (token = entra("interaction_required", 50076)),
      why: "refused AADSTS50076",
    },
    {
      name: "the secret has expired",
      given: () => (token = entra("invalid_client", 7000222)),
      why: "refused AADSTS7000222",
    },
    {
      name: "Entra is down",
      given: () => (token = () => new Response("", { status: 503 })),
      why: "unreachable",
    },
    {
      name: "Graph refuses",
      given: () =>
        (me = () =>
          Response.json({ error: { code: "Forbidden", message: "ana@example.com" } }, { status: 403 })),
      why: "graph 403 Forbidden",
    },
    { name: "Graph is down", given: () => (me = () => new Response("", { status: 503 })), why: "graph 503" },
    {
      name: "Graph answers something else",
      given: () => (me = () => Response.json({ value: [] })),
      why: "graph unreachable",
    },
  ];
  for (const { name, given, why } of cases) {
    test(name, async () => {
      given();
      const reader = directory();
      const answer = await reader.read("tab-token");
      expect(answer).toMatchObject({ ok: false, why: expect.stringContaining(why) });
      expect(JSON.stringify([answer, reader.last])).not.toContain("ana@");
      expect(JSON.stringify([answer, reader.last])).not.toContain("tab-token");
    });
  }

  test("the Checks page shows Entra's code until a read succeeds", async () => {
    const reader = directory();
    token = entra("invalid_grant", 65001);
    await reader.read("t");
    expect(reader.consentTrouble()).toBe("AADSTS65001");
    token = entra("interaction_required", 53003);
    await reader.read("t");
    expect(reader.consentTrouble()).toBe("AADSTS53003");
    token = () => Response.json({ token_type: "Bearer", expires_in: 3600, access_token: "graph-token" });
    await reader.read("t");
    expect(reader.consentTrouble()).toBeNull();
  });

  test("without a secret no request is sent", async () => {
    expect(await directory(null).read("t")).toEqual({ ok: false, why: "no_secret", final: true });
    expect(seen).toEqual([]);
  });
});
