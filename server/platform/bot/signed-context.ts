/**
 * What a button carries, signed. The context of a button comes back from the browser's server request, but any
 * member can send the same request by hand: without a signature they could press any button of anybody.
 *
 *   base64url(JSON) "." base64url(HMAC-SHA-256(key, base64url(JSON)))
 */

import { createHmac, timingSafeEqual } from "node:crypto";

export interface SignedContext {
  /** Which handler the press is for. */
  readonly card: string;
  readonly action: string;
  /** The account that may press; null for everybody who sees the post. */
  readonly userId: string | null;
  /** Names the post, see cards.ts: a button works on the post it was made for and on no other. */
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
  // The lengths are not secret; the comparison of equal lengths takes constant time.
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
    return { ok: false, problem: "forged" };
  const context = JSON.parse(Buffer.from(text, "base64url").toString()) as SignedContext;
  return context.expiresAt > now ? { ok: true, context } : { ok: false, problem: "expired" };
}

function mac(text: string, key: Uint8Array): string {
  if (key.length < 32) throw new RangeError("a signing key has at least 32 bytes");
  return createHmac("sha256", key).update(text).digest("base64url");
}
