/** Decides whether an ID token proves who signed in for one of our flows (OpenID Connect Core 1.0, 3.1.3.7). */

import { createHash, timingSafeEqual } from "node:crypto";
import { type EntraPerson, personOf } from "./entra-person.ts";
import type { KeySource } from "./tenant-keys.ts";
import { GUID, NIL_GUID, type Rejection, verifySigned } from "./verify-tab-token.ts";

export interface IdTokenExpectation {
  /** Lower-case GUIDs. */
  readonly tenantId: string;
  readonly clientId: string;
  /** The nonce that was sent to Entra with this flow. */
  readonly nonce: string;
}

export type IdTokenVerdict =
  | { readonly ok: true; readonly person: EntraPerson }
  | { readonly ok: false; readonly reason: Rejection | "nonce"; readonly detail: string };

export async function verifyIdToken(
  token: string,
  expect: IdTokenExpectation,
  keys: KeySource,
  now: Date,
): Promise<IdTokenVerdict> {
  if (!GUID.test(expect.tenantId) || !GUID.test(expect.clientId) || expect.nonce.length < 32)
    throw new Error("ID token expectation is incomplete");
  // In version 2, an access token for the same client has the same audience: `scp` distinguishes the two.
  const audiences = () => [expect.clientId];
  const signed = await verifySigned(token, { tenantId: expect.tenantId, audiences }, keys, now);
  if (!signed.ok) return signed;
  const { claims, version } = signed;
  if (version !== "2.0") return { ok: false, reason: "version", detail: version };
  if (claims.scp !== undefined || claims.roles !== undefined || claims.idtyp === "app")
    return { ok: false, reason: "scope", detail: "an access token in place of an ID token" };
  if (typeof claims.nonce !== "string" || !isSame(claims.nonce, expect.nonce))
    return { ok: false, reason: "nonce", detail: claims.nonce === undefined ? "absent" : "of another flow" };
  const { oid } = claims;
  if (typeof oid !== "string" || !GUID.test(oid) || oid === NIL_GUID)
    return { ok: false, reason: "subject", detail: "no oid" };
  const { clientId: caller, tenantId } = expect;
  return { ok: true, person: personOf(claims, { caller, objectId: oid, tenantId, tokenVersion: version }) };
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
