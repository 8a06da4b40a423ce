/**
 * Signs the context of a button. The server sends it back to us when the button is pressed, but any member can send
 * the same request by hand: without a signature they could press anybody's buttons.
 *
 *   base64url(JSON) "." base64url(HMAC-SHA-256(key, base64url(JSON)))
 */

import { createHmac, timingSafeEqual } from "node:crypto";

export interface SignedContext {
  /** The name of the card, which selects the handler. */
  readonly card: string;
  readonly action: string;
  /** The account that may press; null: everybody who sees the post. */
  readonly userId: string | null;
  /** Ties the button to one post (see cards.ts): on any other post it does not work. */
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly value: unknown;
}

export type ContextProblem = "forged" | "expired";

export function signContext(context: SignedContext, key: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(context)).toString("base64url");
  return `${text}.${mac(text, key)}`;
}

export function verifyContext(
  token: unknown,
  key: Uint8Array,
  now: number,
):
  | { readonly ok: true; readonly context: SignedContext }
  | { readonly ok: false; readonly problem: ContextProblem } {
  const [text = "", signature = "", ...more] = typeof token === "string" ? token.split(".") : [];
  const expected = Buffer.from(mac(text, key));
  const given = Buffer.from(signature);
  // The lengths are not secret; values of equal length are compared in constant time.
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
    return { ok: false, problem: "forged" };
  const context = JSON.parse(Buffer.from(text, "base64url").toString()) as SignedContext;
  return context.expiresAt > now ? { ok: true, context } : { ok: false, problem: "expired" };
}

function mac(text: string, key: Uint8Array): string {
  if (key.length < 32) throw new RangeError("a signing key has at least 32 bytes");
  return createHmac("sha256", key).update(text).digest("base64url");
}
