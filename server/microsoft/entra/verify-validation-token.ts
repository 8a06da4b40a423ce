/**
 * Decides whether a validation token was issued to Microsoft's change tracking, for us. Graph sends one with change
 * notifications that contain resource data (docs/facts/microsoft-chat.md 3.4).
 */

import type { KeySource } from "./tenant-keys.ts";
import { GUID, type Rejection, verifySigned } from "./verify-tab-token.ts";

/** The app id of Microsoft Graph change tracking, the same in every tenant and cloud. */
export const CHANGE_TRACKING_APP_ID = "0bf30f3b-4a52-48df-9a82-234910c4a086";

export type ValidationVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: Rejection; readonly detail: string };

export async function verifyValidationToken(
  token: string,
  expect: { readonly tenantId: string; readonly clientId: string },
  keys: KeySource,
  now: Date,
): Promise<ValidationVerdict> {
  if (!GUID.test(expect.tenantId) || !GUID.test(expect.clientId))
    throw new Error("validation token expectation is incomplete");
  const { tenantId, clientId } = expect;
  const signed = await verifySigned(token, { tenantId, audiences: () => [clientId] }, keys, now);
  if (!signed.ok) return signed;
  const { claims, version } = signed;
  // A person's token for this client would have `scp`; Graph's own token has none.
  if (claims.scp !== undefined) return { ok: false, reason: "scope", detail: "of a person" };
  const sender = version === "1.0" ? claims.appid : claims.azp;
  if (sender !== CHANGE_TRACKING_APP_ID)
    return { ok: false, reason: "client", detail: "not from Microsoft Graph change tracking" };
  return { ok: true };
}
