/** Tests faults between us and the authority's keys. Nobody may sign in because of one, and requests are limited. */

import { createPublicKey, generateKeyPairSync } from "node:crypto";
import {
  firstKey,
  secondKey,
  sign,
  TENANT,
  V2_ISSUER,
  v2Claims,
} from "../../microsoft/entra/testing/authority.ts";
import { type BadInput, refusesAll } from "./testing/refusals.ts";
import type { SignInWorld } from "./testing/sign-in-world.ts";

const METADATA = `/${TENANT}/v2.0/.well-known/openid-configuration`;
const KEYS = `/${TENANT}/discovery/v2.0/keys`;

/** The authority answers one of its documents differently. */
const answers = (name: string, path: string, response: () => Response | Promise<Response>): BadInput => ({
  name,
  given: (world) => {
    world.addAna();
    world.authority.respond = (asked) => (asked === path ? response() : undefined);
  },
  send: (world) => world.post(world.v2()),
  code: "sign_in_unavailable",
  reason: "keys_unavailable",
});

const network = (name: string, error: () => Promise<Response>): BadInput => ({
  name,
  given: (world) => {
    world.addAna();
    world.outgoing = error;
  },
  send: (world) => world.post(world.v2()),
  code: "sign_in_unavailable",
  reason: "keys_unavailable",
});

/** The authority publishes these keys; the token is signed with the first one. */
const publishes = (
  name: string,
  keys: Record<string, unknown>[],
  expected: Pick<BadInput, "code" | "reason"> = { code: "sign_in_unavailable", reason: "keys_unavailable" },
): BadInput => ({
  name,
  given: (world) => {
    world.addAna();
    world.authority.keys = keys;
  },
  send: (world) => world.post(world.v2()),
  ...expected,
});

const unknown = { code: "sign_in_refused", reason: "key_unknown" } as const;
const metadata = (change: Record<string, unknown>) => () =>
  Response.json({ issuer: V2_ISSUER, jwks_uri: `https://login.test${KEYS}`, ...change });
const big = (bytes: number) => `{"issuer":"${V2_ISSUER}","keys":[],"x":"${"x".repeat(bytes)}"}`;
const streamed = (text: string) =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    }),
  );
const bodies: [string, () => Response][] = [
  ["500", () => new Response("sorry", { status: 500 })],
  ["403 of a proxy", () => new Response("<h1>Forbidden</h1>", { status: 403 })],
  ["404", () => new Response("not here", { status: 404 })],
  ["204", () => new Response(null, { status: 204 })],
  ["a redirect to another host", () => Response.redirect("https://evil.example/keys", 302)],
  ["a redirect to the same host", () => Response.redirect("https://login.test/other", 307)],
  ["a permanent redirect", () => Response.redirect("https://login.test/other", 308)],
  ["the page of a captive portal", () => new Response("<html>Please sign in</html>")],
  ["nothing", () => new Response("")],
  ["half of a document", () => new Response('{"issuer":"https://login')],
  ["a list", () => Response.json([])],
  ["null", () => Response.json(null)],
  ["text", () => Response.json("keys")],
  ["an empty object", () => Response.json({})],
  ["bytes that are not UTF-8", () => new Response(new Uint8Array([0x7b, 0xff, 0x7d]))],
  ["300 KB", () => new Response(big(300_000))],
  ["300 KB without length", () => streamed(big(300_000))],
  [
    "300 KB of blanks, packed",
    () =>
      new Response(Bun.gzipSync(Buffer.from(`{"keys":[]}${" ".repeat(300_000)}`)), {
        headers: { "Content-Encoding": "gzip" },
      }),
  ],
];

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
const threes = createPublicKey(
  generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).privateKey,
).export({ format: "jwk" });
const kid = firstKey.kid;

refusesAll({
  group: "the way to the keys",
  control: (world) => world.post(world.v2()),
  cases: [
    ...bodies.map(([name, response]) => answers(`metadata: ${name}`, METADATA, response)),
    ...bodies.map(([name, response]) => answers(`keys: ${name}`, KEYS, response)),
    ...[METADATA, KEYS].map(
      (path): BadInput => ({
        name: `a redirect that leads to good ${path === KEYS ? "keys" : "metadata"}`,
        given: (world) => {
          world.addAna();
          world.authority.respond = (asked) =>
            asked === path
              ? Response.redirect(`${world.authority.realUrl}${path.replace("v2.0/", "v2.0//")}`, 302)
              : asked === path.replace("v2.0/", "v2.0//")
                ? Response.json({
                    issuer: V2_ISSUER,
                    jwks_uri: `https://login.test${KEYS}`,
                    keys: [firstKey.jwk],
                  })
                : undefined;
        },
        send: (world) => world.post(world.v2()),
        code: "sign_in_unavailable",
        reason: "keys_unavailable",
      }),
    ),
    ...([400, 404] as const).map((status) => ({
      ...answers(`metadata: ${status}, no such tenant`, METADATA, () =>
        Response.json({ error: "invalid_tenant", error_description: "AADSTS90002: x" }, { status }),
      ),
      code: "tenant_unknown" as const,
      reason: "tenant_unknown",
    })),
    answers("metadata without issuer", METADATA, metadata({ issuer: undefined })),
    answers("metadata with an issuer that is no address", METADATA, metadata({ issuer: TENANT })),
    answers(
      "metadata with the issuer of everybody",
      METADATA,
      metadata({ issuer: "https://login.test/{tenantid}/v2.0" }),
    ),
    answers(
      "metadata with the issuer of another tenant",
      METADATA,
      metadata({ issuer: "https://login.test/99999999-9999-4999-8999-999999999999/v2.0" }),
    ),
    answers(
      "metadata with our tenant in the query of a foreign issuer",
      METADATA,
      metadata({ issuer: `https://evil.example/x?${TENANT}` }),
    ),
    answers("metadata without address of keys", METADATA, metadata({ jwks_uri: undefined })),
    answers("keys over http", METADATA, metadata({ jwks_uri: `http://login.test${KEYS}` })),
    answers("keys on another host", METADATA, metadata({ jwks_uri: "https://evil.example/keys" })),
    answers(
      "keys on a host that begins like ours",
      METADATA,
      metadata({ jwks_uri: "https://login.test.evil.example/keys" }),
    ),
    answers(
      "keys on a host behind ours as user",
      METADATA,
      metadata({ jwks_uri: "https://login.test@evil.example/keys" }),
    ),
    answers("keys on another port", METADATA, metadata({ jwks_uri: `https://login.test:8443${KEYS}` })),
    answers("keys in a file", METADATA, metadata({ jwks_uri: "file:///etc/passwd" })),
    answers("keys inside their address", METADATA, metadata({ jwks_uri: "data:application/json,{}" })),
    network("no connection", () => Promise.reject(new Error("connect ECONNREFUSED"))),
    network("no such host", () => Promise.reject(new Error("getaddrinfo ENOTFOUND"))),
    network("a certificate nobody trusts", () => Promise.reject(new Error("self signed certificate"))),
    network("no answer in time", () =>
      Promise.reject(new DOMException("The operation timed out", "TimeoutError")),
    ),
    network(
      "an answer that breaks off",
      async () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.error(new Error("ECONNRESET")),
          }),
        ),
    ),
    network("something thrown that is no error", () => Promise.reject("nothing")),
  ],
});

refusesAll({
  group: "keys that must not be used",
  control: (world: SignInWorld) => world.post(world.v2()),
  given: (world) => {
    world.authority.keys = [secondKey.jwk, firstKey.jwk];
  },
  cases: [
    publishes("none", []),
    publishes("only another one", [secondKey.jwk], unknown),
    publishes(
      "a hundred and one",
      Array.from({ length: 101 }, (_, index) => ({ ...firstKey.jwk, kid: index ? `k${index}` : kid })),
    ),
    publishes("without kid", [{ ...firstKey.jwk, kid: undefined }]),
    publishes("with a number for kid", [{ ...firstKey.jwk, kid: 1 }, secondKey.jwk], unknown),
    publishes("for encryption", [{ ...firstKey.jwk, use: "enc" }, secondKey.jwk], unknown),
    publishes("for another algorithm", [{ ...firstKey.jwk, alg: "RS512" }, secondKey.jwk], unknown),
    publishes("for PSS", [{ ...firstKey.jwk, alg: "PS256" }, secondKey.jwk], unknown),
    publishes("of another kind under the kid", [{ ...ec, kid }, secondKey.jwk], unknown),
    publishes("a secret under the kid", [{ kty: "oct", kid, k: "c2VjcmV0" }, secondKey.jwk], unknown),
    publishes("without modulus", [{ ...firstKey.jwk, n: undefined }, secondKey.jwk], unknown),
    publishes("with a modulus of rubbish", [{ ...firstKey.jwk, n: "!!!!" }, secondKey.jwk], unknown),
    publishes("with a modulus of zeros", [{ ...firstKey.jwk, n: "A".repeat(342) }, secondKey.jwk], unknown),
    publishes("with exponent 3", [{ ...threes, kid }, secondKey.jwk], unknown),
    publishes("with exponent 1", [{ ...firstKey.jwk, e: "AQ" }, secondKey.jwk], unknown),
    publishes(
      "with 16384 bits",
      [{ ...firstKey.jwk, n: `${firstKey.jwk.n}`.padEnd(2731, "A") }, secondKey.jwk],
      unknown,
    ),
    publishes("with its private half", [{ ...firstKey.jwk, d: "AQAB" }, secondKey.jwk], unknown),
    publishes("two under one kid", [firstKey.jwk, { ...secondKey.jwk, kid }]),
    publishes(
      "of the tenant of personal accounts",
      [
        { ...firstKey.jwk, issuer: "https://login.test/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0" },
        secondKey.jwk,
      ],
      unknown,
    ),
    publishes("of an issuer that is no text", [{ ...firstKey.jwk, issuer: 1 }, secondKey.jwk], unknown),
    {
      name: "an unknown kid again and again: one request per half minute",
      given: async (world) => {
        world.addAna();
        const foreign = sign(v2Claims(world.seconds), { key: { ...secondKey, kid: "unheard-of" } });
        for (let attempt = 0; attempt < 25; attempt++) await world.post(foreign);
      },
      send: (world) => world.post(sign(v2Claims(world.seconds), { key: { ...secondKey, kid: "another" } })),
      ...unknown,
      fetches: 0,
    },
    {
      name: "an outage: one request per five seconds",
      given: async (world) => {
        world.addAna();
        world.authority.respond = () => new Response("", { status: 503 });
        await world.post(world.v2());
      },
      send: (world) => world.post(world.v2()),
      code: "sign_in_unavailable",
      reason: "keys_unavailable",
      fetches: 0,
    },
    {
      name: "keys that were kept through an outage for too long",
      given: async (world) => {
        world.addAna();
        await world.post(world.v2());
        world.authority.respond = () => new Response("", { status: 503 });
        world.now += 49 * 3_600_000;
      },
      send: (world) => world.post(world.v2()),
      code: "sign_in_unavailable",
      reason: "keys_unavailable",
    },
    {
      name: "a key that Microsoft has withdrawn, after six hours",
      given: async (world) => {
        world.addAna();
        await world.post(world.v2());
        world.authority.keys = [secondKey.jwk];
        world.now += 7 * 3_600_000;
        // The old keys remain valid until the new ones have been read.
        for (let wait = 0; wait < 10 && (await world.post(world.v2())).status === 200; wait++)
          await Bun.sleep(20 * 2 ** wait);
        world.now += 60_000;
      },
      send: (world) => world.post(world.v2()),
      ...unknown,
    },
  ],
});
