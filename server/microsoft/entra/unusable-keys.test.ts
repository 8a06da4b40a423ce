/** Published keys that are left out, with the reason for the Checks page. */

import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { firstKey, secondKey, TENANT, V2_ISSUER } from "./testing/authority.ts";
import { authority, find, keys, openKeys, pass, unusable } from "./testing/kept-keys.ts";

openKeys();

describe("jwks-rsa silently drops unusable keys; we report them", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const published: { name: string; jwk: Record<string, unknown>; why: string }[] = [
    { name: "encryption", jwk: { ...secondKey.jwk, use: "enc" }, why: "is not for signatures" },
    { name: "another kind", jwk: { ...ec, kid: "key-2" }, why: "is not an RSA key" },
    { name: "another algorithm", jwk: { ...secondKey.jwk, alg: "RS512" }, why: "is for another algorithm" },
    { name: "no modulus", jwk: { ...secondKey.jwk, n: undefined }, why: "lacks modulus or exponent" },
    { name: "rubbish", jwk: { ...secondKey.jwk, n: "@@@@" }, why: "has a modulus that is not base64url" },
    { name: "zeros", jwk: { ...secondKey.jwk, n: "AAAA" }, why: "has 0 bits" },
    {
      name: "the good key once more, with padding",
      jwk: { ...firstKey.jwk, n: `${firstKey.jwk.n}==` },
      why: "has a modulus that is not base64url",
    },
    { name: "too short", jwk: { ...secondKey.jwk, n: "_".repeat(100) }, why: "has 600 bits" },
    { name: "its private half", jwk: { ...secondKey.jwk, d: "AQAB" }, why: "contains a private key" },
    { name: "exponent 3", jwk: { ...secondKey.jwk, e: "Aw" }, why: "has an exponent other than 65537" },
    { name: "no kid", jwk: { ...secondKey.jwk, kid: undefined }, why: "has no kid" },
    { name: "no kty", jwk: { ...secondKey.jwk, kty: undefined }, why: "is not an RSA key" },
    { name: "a number for kty", jwk: { ...secondKey.jwk, kty: 5 }, why: "is not an RSA key" },
    { name: "use null", jwk: { ...secondKey.jwk, use: null }, why: "is not for signatures" },
    { name: "nothing in it", jwk: {}, why: "has no kid" },
    {
      name: "the kid of a good key and no modulus",
      jwk: { ...firstKey.jwk, n: undefined },
      why: "lacks modulus or exponent",
    },
    {
      name: "operations that contradict its use",
      jwk: { ...secondKey.jwk, key_ops: ["encrypt"] },
      why: "cannot be imported",
    },
  ];
  for (const { name, jwk, why } of published) {
    test(name, async () => {
      authority.keys = [jwk, firstKey.jwk];
      expect(await find(firstKey.kid)).toMatchObject({ found: true });
      expect(unusable).toEqual([{ kid: typeof jwk.kid === "string" ? jwk.kid : "", why }]);
    });
  }

  for (const [name, entry] of [
    ["null", null],
    ["text", "key"],
    ["a number", 7],
    ["a list", [secondKey.jwk]],
  ] as const) {
    test(`an entry that is ${name}: the good key works, and the Checks page reports the entry`, async () => {
      authority.keys = [entry as never, firstKey.jwk];
      expect(await find(firstKey.kid)).toMatchObject({ found: true });
      expect(unusable).toEqual([{ kid: "", why: "is not an object" }]);
      pass(31_000);
      expect(await keys.describe("2.0")).toEqual({
        issuer: V2_ISSUER,
        kids: [firstKey.kid],
        unusable: [{ kid: "", why: "is not an object" }],
      });
    });
  }

  test("malformed keys alone are treated as an outage", async () => {
    authority.keys = [null as never, { kty: "RSA", kid: firstKey.kid }];
    expect(await find(firstKey.kid)).toMatchObject({ found: false, reason: "keys_unavailable" });
  });

  test("every key that Entra would publish is usable", async () => {
    const issuer = `https://login.test/${TENANT}/v2.0`;
    authority.keys = [
      { ...firstKey.jwk, x5t: firstKey.kid, x5c: ["MIIC"], issuer },
      { ...secondKey.jwk, alg: "RS256", issuer: "https://login.test/{tenantid}/v2.0" },
    ];
    expect(await find(firstKey.kid)).toMatchObject({ found: true });
    expect(await find(secondKey.kid)).toMatchObject({ found: true });
    expect(unusable).toEqual([]);
    expect((await keys.describe("2.0")).kids).toEqual([firstKey.kid, secondKey.kid]);
  });
});
