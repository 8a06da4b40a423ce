/**
 * The secret of one subscription, which Graph sends back with each of its notifications:
 *
 *   registration id (16 random bytes, base64url) "." base64url(HMAC-SHA-256(secret, registration id))
 *
 * 66 characters of the 128 that Graph allows. It is checked without asking the store, so a stranger's entries cost
 * one hash; and each subscription has its own, so one that leaks is worth one subscription.
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const ID = /^[\w-]{22}$/;

export const newRegistrationId = () => randomBytes(16).toString("base64url");

export function clientState(registrationId: string, secret: Uint8Array): string {
  if (secret.length < 32) throw new RangeError("the secret of client states has at least 32 bytes");
  return `${registrationId}.${createHmac("sha256", secret).update(registrationId).digest("base64url")}`;
}

/** The registration id that a client state proves, or null. Takes the same time for every wrong one of its length. */
export function verifyClientState(state: string, secret: Uint8Array): string | null {
  const id = state.slice(0, 22);
  if (!ID.test(id)) return null;
  const expected = Buffer.from(clientState(id, secret));
  const given = Buffer.from(state);
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : null;
}
