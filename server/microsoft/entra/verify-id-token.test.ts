import { afterAll, describe, expect, test } from "bun:test";
import { TenantKeys } from "./tenant-keys.ts";
import {
  APPLICATION_ID_URI,
  CLIENT,
  type Claims,
  OTHER_TENANT,
  PERSON,
  sign,
  TENANT,
  TestAuthority,
  v1Claims,
  v2Claims,
} from "./testing/authority.ts";
import { verifyIdToken } from "./verify-id-token.ts";

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

const NONCE = "n".repeat(43);
const { scp: _, azp: __, azpacr: ___, ...plain } = v2Claims(seconds);
const claims = { ...plain, nonce: NONCE };
const token = (change: Claims = {}) => sign({ ...claims, ...change });
const verify = (text: string, nonce = NONCE) =>
  verifyIdToken(text, { tenantId: TENANT, clientId: CLIENT, nonce }, keys, now);

test("an ID token says who signed in", async () => {
  expect(await verify(token())).toMatchObject({
    ok: true,
    person: { tenantId: TENANT, objectId: PERSON, caller: CLIENT, guest: false, tokenVersion: "2.0" },
  });
});

describe("an ID token is refused", () => {
  const bad: [name: string, text: string, reason: string][] = [
    ["without a nonce", token({ nonce: undefined }), "nonce"],
    ["with the nonce of another flow", token({ nonce: "m".repeat(43) }), "nonce"],
    ["with the beginning of the nonce", token({ nonce: NONCE.slice(0, 42) }), "nonce"],
    ["with the nonce in capitals", token({ nonce: NONCE.toUpperCase() }), "nonce"],
    ["with a list of nonces", token({ nonce: [NONCE] }), "nonce"],
    ["with an empty nonce", token({ nonce: "" }), "nonce"],
    ["of version 1", sign({ ...v1Claims(seconds), aud: CLIENT, nonce: NONCE, scp: undefined }), "version"],
    ["that is an access token", token({ scp: "access_as_user" }), "scope"],
    ["that is an app's token", token({ roles: ["Reader"] }), "scope"],
    ["that says it is an app's", token({ idtyp: "app" }), "scope"],
    ["for the Application ID URI", token({ aud: APPLICATION_ID_URI }), "audience"],
    ["for several audiences", token({ aud: [CLIENT] }), "audience"],
    ["of another tenant", token({ tid: OTHER_TENANT }), "tenant"],
    ["without oid", token({ oid: undefined }), "subject"],
    ["with an oid that is not a GUID", token({ oid: "admin" }), "subject"],
    ["with an oid in capitals", token({ oid: PERSON.toUpperCase().replace("3", "A") }), "subject"],
    ["with the nil oid", token({ oid: "00000000-0000-0000-0000-000000000000" }), "subject"],
    ["that has expired", token({ iat: seconds - 7200, nbf: seconds - 7200, exp: seconds - 3600 }), "expired"],
  ];
  for (const [name, text, reason] of bad)
    test(`${name}: ${reason}`, async () => expect(await verify(text)).toMatchObject({ ok: false, reason }));
});

test("an incomplete expectation is a bug of ours and throws", async () => {
  await expect(verify(token({ nonce: "" }), "")).rejects.toThrow("incomplete");
  const expected = { tenantId: "", clientId: CLIENT, nonce: NONCE };
  await expect(verifyIdToken(token(), expected, keys, now)).rejects.toThrow("incomplete");
});
