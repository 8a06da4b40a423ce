import { afterAll, describe, expect, test } from "bun:test";
import { createHmac, createPublicKey } from "node:crypto";
import { TenantKeys } from "./tenant-keys.ts";
import {
  CLIENT,
  type Claims,
  expectation,
  firstKey,
  OTHER_TENANT,
  PERSON,
  secondKey,
  sign,
  TEAMS_WEB,
  TENANT,
  TestAuthority,
  v1Claims,
  v2Claims,
} from "./testing/authority.ts";
import { type Expectation, type Rejection, verifyTabToken } from "./verify-tab-token.ts";

const now = new Date("2026-11-21T12:00:00Z");
const seconds = now.getTime() / 1000;
const authority = new TestAuthority();
afterAll(() => authority.stop());
const keys = new TenantKeys({
  loginUrl: authority.loginUrl,
  tenantId: TENANT,
  fetch: authority.fetch,
  clock: () => now.getTime(),
});

const v1 = (change: Claims = {}) => sign({ ...v1Claims(seconds), ...change });
const v2 = (change: Claims = {}) => sign({ ...v2Claims(seconds), ...change });
const verify = (token: string, expect: Expectation = expectation) => verifyTabToken(token, expect, keys, now);

describe("a token that Entra issued for the tab", () => {
  const accepted: { name: string; token: string }[] = [
    { name: "v1, for the Application ID URI", token: v1() },
    {
      name: "v1, for the URI with a slash at the end",
      token: v1({ aud: `${expectation.applicationIdUri}/` }),
    },
    { name: "v1, for the bare client id", token: v1({ aud: CLIENT }) },
    { name: "v2, for the bare client id", token: v2() },
    { name: "several scopes", token: v2({ scp: "User.Read access_as_user email" }) },
    {
      name: "expired within the skew",
      token: v2({ exp: seconds - 299, iat: seconds - 4000, nbf: seconds - 4000 }),
    },
    { name: "valid soon, within the skew", token: v2({ nbf: seconds + 300, iat: seconds + 300 }) },
    { name: "an idtyp that says user", token: v2({ idtyp: "user" }) },
    { name: "roles beside scp", token: v2({ roles: ["Reader"] }) },
    {
      name: "a day long, as continuous access evaluation makes them",
      token: v2({ exp: seconds + 28 * 3600 }),
    },
    {
      name: "typ left out",
      token: sign(v2Claims(seconds), { header: { alg: "RS256", kid: firstKey.kid } }),
    },
  ];
  for (const { name, token } of accepted) {
    test(name, async () => {
      const verdict = await verify(token);
      expect(verdict).toMatchObject({ ok: true, person: { tenantId: TENANT, objectId: PERSON } });
    });
  }

  test("says who the person is", async () => {
    expect(await verify(v1())).toMatchObject({
      person: {
        displayName: "Ana Example",
        addresses: ["ana@example.com"],
        guest: false,
        multiFactor: true,
        caller: TEAMS_WEB,
      },
    });
    expect(await verify(v2())).toMatchObject({ person: { multiFactor: false } });
  });
});

describe("the kind of person", () => {
  const guests: { name: string; change: Claims }[] = [
    { name: "acct 1", change: { acct: 1 } },
    { name: "acct as text", change: { acct: "1" } },
    { name: "another tenant's idp", change: { idp: `https://sts.windows.net/${OTHER_TENANT}/` } },
    { name: "a personal account", change: { idp: "live.com" } },
    { name: "#EXT# in the name", change: { preferred_username: "ana_home.com#EXT#@example.com" } },
    { name: "live.com# in the name", change: { unique_name: "live.com#ana@example.com" } },
  ];
  for (const { name, change } of guests) {
    test(`guest: ${name}`, async () =>
      expect(await verify(v2(change))).toMatchObject({ ok: true, person: { guest: true } }));
  }
  test("member: acct 0, and an idp of this tenant", async () =>
    expect(await verify(v2({ acct: 0, idp: `https://sts.windows.net/${TENANT}/` }))).toMatchObject({
      person: { guest: false },
    }));

  const addresses: { name: string; change: Claims; are: string[] }[] = [
    {
      name: "an email in the domain of the principal name comes first",
      change: { email: "ana.example@example.com" },
      are: ["ana.example@example.com", "ana@example.com"],
    },
    {
      name: "an email in another domain is not trusted",
      change: { email: "boss@victim.example" },
      are: ["ana@example.com"],
    },
    {
      name: "an email in another domain is trusted when Entra has verified the domain's owner",
      change: { email: "ana@other.example", xms_edov: true },
      are: ["ana@other.example", "ana@example.com"],
    },
    { name: "text that is not an address", change: { preferred_username: "ana" }, are: [] },
    { name: "two at signs", change: { preferred_username: "a@b@example.com" }, are: [] },
  ];
  for (const { name, change, are } of addresses) {
    test(`addresses: ${name}`, async () =>
      expect(await verify(v2(change))).toMatchObject({ person: { addresses: are } }));
  }
});

describe("the order of the checks", () => {
  test("structure before keys: a malformed token requests no keys", async () => {
    const before = authority.requests.length;
    for (const token of ["", "a.b", "a.b.c.d", v2().replace("RS256", "none")]) await verify(token);
    expect(authority.requests.length).toBe(before);
  });

  test("signature before claims: an unsigned claim is never the reason", async () => {
    const expired = v2({ exp: seconds - 9999, tid: OTHER_TENANT });
    const forged = `${expired.slice(0, expired.lastIndexOf(".") + 1)}${"A".repeat(342)}`;
    expect(await verify(forged)).toMatchObject({ ok: false, reason: "signature" });
    expect(await verify(expired)).toMatchObject({ ok: false, reason: "tenant" });
  });
});

describe("an incomplete expectation is a bug of ours and throws", () => {
  const holes: Partial<Expectation>[] = [
    { tenantId: "" },
    { clientId: "" },
    { applicationIdUri: "" },
    { callers: new Set() },
    { tenantId: "common" },
  ];
  for (const hole of holes) {
    test(JSON.stringify(Object.keys(hole)), () =>
      expect(verify(v2(), { ...expectation, ...hole })).rejects.toThrow("incomplete"),
    );
  }
});

describe("a token that is refused", () => {
  const publicPem = createPublicKey(firstKey.privateKey).export({ type: "spki", format: "pem" });
  const hmac = () => {
    const head = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT", kid: firstKey.kid })).toString(
      "base64url",
    );
    const body = Buffer.from(JSON.stringify(v2Claims(seconds))).toString("base64url");
    return `${head}.${body}.${createHmac("sha256", publicPem).update(`${head}.${body}`).digest("base64url")}`;
  };
  const header = (change: Claims) =>
    sign(v2Claims(seconds), { header: { typ: "JWT", alg: "RS256", kid: firstKey.kid, ...change } });
  const cases: { name: string; token: string; reason: Rejection }[] = [
    { name: "none at all", token: "", reason: "missing" },
    { name: "17 KB", token: "a".repeat(17 * 1024), reason: "oversized" },
    { name: "HMAC with the public key", token: hmac(), reason: "algorithm" },
    { name: "an unknown key", token: sign(v2Claims(seconds), { key: secondKey }), reason: "key_unknown" },
    {
      name: "another key under a known kid",
      token: sign(v2Claims(seconds), { key: { ...secondKey, kid: firstKey.kid } }),
      reason: "signature",
    },
    { name: "a v3 token", token: v2({ ver: "3.0" }), reason: "version" },
    { name: "v1 claims of a v2 issuer", token: v1({ iss: v2Claims(seconds).iss }), reason: "issuer" },
    { name: "another tenant", token: v2({ tid: OTHER_TENANT }), reason: "tenant" },
    { name: "v2 for the URI", token: v2({ aud: expectation.applicationIdUri }), reason: "audience" },
    { name: "audience in a list", token: v2({ aud: [CLIENT] }), reason: "audience" },
    {
      name: "expired",
      token: v2({ exp: seconds - 300, iat: seconds - 4000, nbf: seconds - 4000 }),
      reason: "expired",
    },
    { name: "not valid yet", token: v2({ nbf: seconds + 301 }), reason: "not_yet_valid" },
    { name: "issued in the future", token: v2({ iat: seconds + 301 }), reason: "not_yet_valid" },
    { name: "30 hours long", token: v2({ exp: seconds + 30 * 3600 }), reason: "lifetime" },
    { name: "exp as text", token: v2({ exp: String(seconds + 60) }), reason: "lifetime" },
    { name: "an application", token: v2({ idtyp: "app" }), reason: "app_only" },
    { name: "scope as part of a word", token: v2({ scp: "access_as_user_admin" }), reason: "scope" },
    { name: "a foreign caller", token: v2({ azp: CLIENT }), reason: "client" },
    { name: "no oid", token: v2({ oid: undefined }), reason: "subject" },
    { name: "a critical extension", token: header({ crit: ["exp"], exp: 1 }), reason: "malformed" },
  ];
  for (const { name, token, reason } of cases) {
    test(`${name}: ${reason}`, async () => expect(await verify(token)).toMatchObject({ ok: false, reason }));
  }
});
