/**
 * The client state of one subscription: a secret that Graph sends back with each of its notifications.
 *
 *   registration id (16 random bytes, base64url) "." base64url(HMAC-SHA-256(secret, registration id))
 *
 * It has 66 of the 128 characters that Graph allows. It is verified without reading the store, so a stranger's
 * entries cost one hash. Each subscription has its own, so a leaked one compromises only one subscription.
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const ID = /^[\w-]{22}$/;

export const newRegistrationId = () => randomBytes(16).toString("base64url");

export function clientState(registrationId: string, secret: Uint8Array): string {
  if (secret.length < 32) throw new RangeError("the secret of client states has at least 32 bytes");
  return `${registrationId}.${createHmac("sha256", secret).update(registrationId).digest("base64url")}`;
}

/**
 * Returns the registration id that a client state proves, or null. Takes constant time for wrong ones of the same
 * length.
 */
export function verifyClientState(state: string, secret: Uint8Array): string | null {
  const id = state.slice(0, 22);
  if (!ID.test(id)) return null;
  const expected = Buffer.from(clientState(id, secret));
  const given = Buffer.from(state);
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : null;
}
