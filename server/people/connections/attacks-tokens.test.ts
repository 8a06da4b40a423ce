/** Answers of Entra, or of somebody in its place, that must be refused. */

import { newSigningKey } from "../../../e2e/sandbox/entra/keys.ts";
import { type Case, claims, entra, microsoft, openAttacks, refused } from "./testing/attack.ts";

openAttacks();

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

refused("tokens", [...tokens, withoutIdToken]);
refused("garbage", garbage);
