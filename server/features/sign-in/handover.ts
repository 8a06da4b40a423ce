/**
 * From a pop-up window into the tab. Their cookies live in different partitions, so the pop-up, where somebody
 * signed in as in any browser, gets a code, and the tab redeems it. The code works once, for a minute, and only
 * together with the verifier that never left the tab (RFC 7636).
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

export type HandoverStorage = Pick<KeyValueStore, "get" | "compareAndSet">;

export interface Handover {
  /** `challenge`: SHA-256 of the tab's verifier, base64url. */
  issue(userId: string, challenge: string): Promise<string>;
  /** Whose code it was; `null` for every kind of wrong code. A code is gone after its first use, right or wrong. */
  redeem(code: string, verifier: string): Promise<{ userId: string } | null>;
}

const LIVES_S = 60;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const CODE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9_-]{43,128}$/;

const stored = lazy(() =>
  z.object({
    userId: z.string().min(1),
    challenge: z.string().regex(CHALLENGE),
    until: z.number(),
  }),
);

export const isChallenge = (text: unknown): text is string =>
  typeof text === "string" && CHALLENGE.test(text);

export function createHandover(kv: HandoverStorage, clock: () => number): Handover {
  return {
    async issue(userId, challenge) {
      const code = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
      const record = new TextEncoder().encode(
        JSON.stringify({ userId, challenge, until: clock() + LIVES_S * 1000 }),
      );
      if (!(await kv.compareAndSet(keyOf(code), null, record, { expireInSeconds: LIVES_S })))
        throw new Error("a handover code exists already");
      return code;
    },
    async redeem(code, verifier) {
      if (!CODE.test(code) || !VERIFIER.test(verifier)) return null;
      const bytes = await kv.get(keyOf(code));
      // Taken before it is looked at: of two that redeem it, one finds it gone.
      if (!bytes || !(await kv.compareAndSet(keyOf(code), bytes, null))) return null;
      const { userId, challenge, until } = stored().parse(JSON.parse(new TextDecoder().decode(bytes)));
      return clock() < until && crypto.timingSafeEqual(sha256(verifier), Buffer.from(challenge, "base64url"))
        ? { userId }
        : null;
    },
  };
}

/** The store holds a hash: who reads the database cannot redeem what is in it. */
const keyOf = (code: string) => `handover.${sha256(code).toString("base64url")}`;

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
