/** Tests tokens with tricks of structure, algorithm and key. */

import { createHmac, createPublicKey, createSign } from "node:crypto";
import {
  type Claims,
  firstKey,
  secondKey,
  sign,
  signingKey,
  v2Claims,
} from "../../microsoft/entra/testing/authority.ts";
import { type BadInput, refusesAll } from "./testing/refusals.ts";
import type { SignInWorld } from "./testing/sign-in-world.ts";

const base64url = (value: string | Uint8Array) => Buffer.from(value).toString("base64url");
const json = (value: unknown) => base64url(JSON.stringify(value));
const attacker = signingKey("attacker");
const weak = signingKey("weak", 1024);

const bad = (
  name: string,
  token: (world: SignInWorld) => unknown,
  reason: string,
  fetches?: number,
): BadInput => ({
  name,
  send: (world) => world.post(token(world)),
  code: "sign_in_refused",
  reason,
  ...(fetches === undefined ? {} : { fetches }),
});

/** Parts of a valid token, to be reassembled in wrong ways. */
function parts(world: SignInWorld): [head: string, body: string, signature: string] {
  const [head = "", body = "", signature = ""] = world.v2().split(".");
  return [head, body, signature];
}

const malformed = (name: string, token: (world: SignInWorld) => unknown) => bad(name, token, "malformed", 0);
const signedBody = (name: string, body: string) => malformed(name, () => sign(body));
const signedHeader = (name: string, header: string) =>
  malformed(name, (world) => sign(v2Claims(world.seconds), { header }));

refusesAll({
  group: "token structure",
  control: (world) => world.post(world.v2()),
  cases: [
    bad("no token", () => undefined, "missing", 0),
    bad("null", () => null, "missing", 0),
    bad("empty text", () => "", "missing", 0),
    malformed("a number", () => 42),
    malformed("true", () => true),
    malformed("an object", () => ({ token: "x" })),
    malformed("a list with a good token", (world) => [world.v2()]),
    malformed("one word", () => "token"),
    malformed("one segment", (world) => parts(world)[0]),
    malformed("two segments", (world) => parts(world).slice(0, 2).join(".")),
    malformed("four segments", (world) => `${world.v2()}.x`),
    malformed("five segments, as encrypted tokens have", (world) => `${world.v2()}.x.y`),
    malformed("no header", (world) => `.${parts(world).slice(1).join(".")}`),
    malformed("no payload", (world) => `${parts(world)[0]}..${parts(world)[2]}`),
    malformed("no signature", (world) => `${parts(world)[0]}.${parts(world)[1]}.`),
    malformed("only dots", () => ".."),
    malformed("a blank before", (world) => ` ${world.v2()}`),
    malformed("a line break after", (world) => `${world.v2()}\n`),
    malformed("a line break inside", (world) => world.v2().replace(".", ".\n")),
    malformed("a NUL after", (world) => `${world.v2()}\0`),
    malformed("the word Bearer before", (world) => `Bearer ${world.v2()}`),
    malformed("padding", (world) => `${parts(world)[0]}.${parts(world)[1]}.${parts(world)[2]}==`),
    malformed("letters of plain base64", (world) => `${parts(world)[0]}.${parts(world)[1]}.+/+/`),
    malformed("percent signs", (world) => world.v2().replaceAll(".", "%2E")),
    malformed("another spelling of the last letter", (world) => {
      const [head, body, signature] = parts(world);
      // 256 bytes leave two bits of the last letter unused, so one signature has four spellings.
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const last = alphabet.indexOf(signature.at(-1) ?? "");
      return `${head}.${body}.${signature.slice(0, -1)}${alphabet[last ^ 1]}`;
    }),
    malformed("a letter beyond ASCII", (world) => `${world.v2()}é`),
    signedHeader("a header that is no JSON", "{alg:RS256}"),
    signedHeader("a header that is a list", '[{"alg":"RS256"}]'),
    signedHeader("a header that is text", '"RS256"'),
    signedHeader("an empty header", "{"),
    signedBody("a payload that is no JSON", "oid=1"),
    signedBody("a payload that is a list", "[]"),
    signedBody("a payload that is null", "null"),
    signedBody("a payload that is text", '"oid"'),
    signedBody("a payload that is a number", "7"),
    signedBody("a payload that ends early", '{"oid":"x"'),
    signedBody("two payloads", "{}{}"),
    malformed("a byte order mark", (world) => sign(`\uFEFF${JSON.stringify(v2Claims(world.seconds))}`)),
    malformed("bytes that are no UTF-8", (world) => {
      const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
      return `${parts(world)[0]}.${base64url(body)}.${parts(world)[2]}`;
    }),
    bad(
      "claims hidden in a prototype",
      (world) => sign(`{"__proto__":${JSON.stringify(v2Claims(world.seconds))}}`),
      "version",
      0,
    ),
    bad("16 KB and one byte", () => `${"a".repeat(16 * 1024)}b`, "oversized", 0),
    bad("20 KB in three segments", (world) => `${parts(world)[0]}.${"A".repeat(20_000)}.x`, "oversized", 0),
    malformed("the JSON form of a signature", (world) => {
      const [head, body, signature] = parts(world);
      return JSON.stringify({ protected: head, payload: body, signature });
    }),
  ],
});

const header = (world: SignInWorld, change: Claims, key = firstKey): string =>
  sign(v2Claims(world.seconds), { header: { typ: "JWT", alg: "RS256", kid: key.kid, ...change }, key });

const algorithm = (alg: unknown): BadInput =>
  bad(`alg ${JSON.stringify(alg) ?? "left out"}`, (world) => header(world, { alg }), "algorithm", 0);

function hmac(world: SignInWorld, secret: string | Buffer, alg = "HS256", hash = "sha256"): string {
  const signed = `${json({ alg, typ: "JWT", kid: firstKey.kid })}.${json(v2Claims(world.seconds))}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

const publicKey = createPublicKey(firstKey.privateKey);
const pem = publicKey.export({ type: "spki", format: "pem" });
const der = publicKey.export({ type: "spki", format: "der" });

refusesAll({
  group: "algorithm and key tricks",
  control: (world) => world.post(header(world, {})),
  cases: [
    ...["none", "None", "nOnE", "", "HS256", "HS384", "HS512", "RS384", "RS512"].map(algorithm),
    ...["PS256", "ES256", "EdDSA", "rs256", "RS256 ", " RS256", "RSA", "dir", "RSA-OAEP"].map(algorithm),
    ...[undefined, null, 256, ["RS256"], { RS256: true }, true].map(algorithm),
    bad(
      "none, without signature but with the dot",
      (world) => `${json({ alg: "none", kid: firstKey.kid })}.${json(v2Claims(world.seconds))}.`,
      "malformed",
      0,
    ),
    bad("HMAC with the public key as PEM", (world) => hmac(world, pem), "algorithm", 0),
    bad("HMAC with the public key as DER", (world) => hmac(world, der), "algorithm", 0),
    bad("HMAC with the published key", (world) => hmac(world, JSON.stringify(firstKey.jwk)), "algorithm", 0),
    bad("HMAC with an empty secret", (world) => hmac(world, ""), "algorithm", 0),
    bad("HMAC with 512 bits", (world) => hmac(world, pem, "HS512", "sha512"), "algorithm", 0),
    bad("HMAC under the name of RS256", (world) => hmac(world, pem, "RS256"), "signature"),
    bad("no kid", (world) => header(world, { kid: undefined }), "malformed", 0),
    bad("an empty kid", (world) => header(world, { kid: "" }), "malformed", 0),
    bad("a number for kid", (world) => header(world, { kid: 1 }), "malformed", 0),
    bad("a list for kid", (world) => header(world, { kid: [firstKey.kid] }), "malformed", 0),
    bad("a kid of 300 letters", (world) => header(world, { kid: "k".repeat(300) }), "malformed", 0),
    bad(
      "a kid that climbs directories",
      (world) => header(world, { kid: "../../etc/passwd" }),
      "key_unknown",
    ),
    bad(
      "a kid that is an address",
      (world) => header(world, { kid: "https://evil.example/key" }),
      "key_unknown",
    ),
    bad("a kid every object has", (world) => header(world, { kid: "constructor" }), "key_unknown"),
    bad("a kid that is a prototype", (world) => header(world, { kid: "__proto__" }), "key_unknown"),
    bad("a kid in other case", (world) => header(world, { kid: "KEY-1" }), "key_unknown"),
    bad("a kid with a blank", (world) => header(world, { kid: "key-1 " }), "key_unknown"),
    bad("a key that is not published", (world) => header(world, {}, secondKey), "key_unknown"),
    bad(
      "a key of the sender's under a published kid",
      (world) => header(world, { kid: firstKey.kid }, attacker),
      "signature",
    ),
    bad("a key inside the token", (world) => header(world, { jwk: attacker.jwk }, attacker), "key_unknown"),
    bad(
      "a key inside the token, under a published kid",
      (world) => header(world, { jwk: attacker.jwk, kid: firstKey.kid }, attacker),
      "signature",
    ),
    bad(
      "an address of keys inside the token",
      (world) => header(world, { jku: "https://evil.example/keys" }, attacker),
      "key_unknown",
    ),
    bad(
      "an address of keys, under a published kid",
      (world) => header(world, { jku: "https://evil.example/keys", kid: firstKey.kid }, attacker),
      "signature",
    ),
    bad(
      "an address of a certificate",
      (world) => header(world, { x5u: "https://evil.example/cert", kid: firstKey.kid }, attacker),
      "signature",
    ),
    bad(
      "a certificate inside the token",
      (world) => header(world, { x5c: [der.toString("base64")], kid: firstKey.kid }, attacker),
      "signature",
    ),
    bad("a critical extension", (world) => header(world, { crit: ["exp"] }), "malformed", 0),
    bad("an empty list of critical extensions", (world) => header(world, { crit: [] }), "malformed", 0),
    bad(
      "a payload that is not encoded",
      (world) => header(world, { b64: false, crit: ["b64"] }),
      "malformed",
      0,
    ),
    bad("b64 without the list that names it", (world) => header(world, { b64: false }), "malformed", 0),
    bad("another type", (world) => header(world, { typ: "JWE" }), "malformed", 0),
    bad("a type for proofs of possession", (world) => header(world, { typ: "pop" }), "malformed", 0),
    bad("a type for signed requests", (world) => header(world, { typ: "dpop+jwt" }), "malformed", 0),
    bad("a type for log-outs", (world) => header(world, { typ: "logout+jwt" }), "malformed", 0),
    bad("a type that is a number", (world) => header(world, { typ: 1 }), "malformed", 0),
    bad(
      "a changed claim",
      (world) => {
        const [head, , signature] = parts(world);
        return `${head}.${json({ ...v2Claims(world.seconds), oid: "44444444-4444-4444-8444-444444444444" })}.${signature}`;
      },
      "signature",
    ),
    bad(
      "a changed header",
      (world) => {
        const [, body, signature] = parts(world);
        return `${json({ alg: "RS256", typ: "JWT", kid: firstKey.kid, x: 1 })}.${body}.${signature}`;
      },
      "signature",
    ),
    bad(
      "the signature of another token",
      (world) => {
        const [head, body] = parts(world);
        return `${head}.${body}.${world.v2({ sub: "other" }).split(".")[2]}`;
      },
      "signature",
    ),
    bad(
      "one bit of the signature",
      (world) => {
        const [head, body, signature] = parts(world);
        const bytes = Buffer.from(signature, "base64url");
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        return `${head}.${body}.${base64url(bytes)}`;
      },
      "signature",
    ),
    bad("a signature that is cut", (world) => world.v2().slice(0, -2), "signature"),
    bad(
      "a signature with a zero before",
      (world) => {
        const [head, body, signature] = parts(world);
        return `${head}.${body}.${base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(signature, "base64url")]))}`;
      },
      "signature",
    ),
    bad(
      "a signature of zeros",
      (world) => `${parts(world).slice(0, 2).join(".")}.${base64url(Buffer.alloc(256))}`,
      "signature",
    ),
    bad(
      "a signature of ones",
      (world) => `${parts(world).slice(0, 2).join(".")}.${base64url(Buffer.alloc(256, 255))}`,
      "signature",
    ),
    bad(
      "a signature of one letter's worth",
      (world) => `${parts(world).slice(0, 2).join(".")}.AA`,
      "signature",
    ),
    bad(
      "SHA-1 under the name of RS256",
      (world) => sign(v2Claims(world.seconds), { hash: "RSA-SHA1" }),
      "signature",
    ),
    bad(
      "SHA-512 under the name of RS256",
      (world) => sign(v2Claims(world.seconds), { hash: "RSA-SHA512" }),
      "signature",
    ),
    bad(
      "PSS under the name of RS256",
      (world) => {
        const signed = `${json({ alg: "RS256", typ: "JWT", kid: firstKey.kid })}.${json(v2Claims(world.seconds))}`;
        const signature = createSign("RSA-SHA256")
          .update(signed)
          .sign({ key: firstKey.privateKey, padding: 6, saltLength: 32 });
        return `${signed}.${base64url(signature)}`;
      },
      "signature",
    ),
    {
      ...bad("a published key of 1024 bits", (world) => header(world, {}, weak), "key_unknown"),
      given: (world) => {
        world.addAna();
        world.authority.keys = [firstKey.jwk, weak.jwk];
      },
    },
  ],
});
