/**
 * Carries a sign-in from a pop-up window into the tab. Their cookies are in different partitions, so the pop-up, in
 * which somebody signed in as in any browser, gets a code, and the tab redeems it. The code works once, for a minute,
 * and only together with the verifier that never left the tab (PKCE, RFC 7636).
 */

import { z } from "zod";
import { answersChallenge, createOneTimeCodes } from "../../platform/store/one-time-codes.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

export type HandoverStorage = Pick<KeyValueStore, "get" | "compareAndSet">;

export interface Handover {
  /** Issues a code. `challenge`: base64url SHA-256 of the tab's verifier. */
  issue(userId: string, challenge: string): Promise<string>;
  /** Returns the owner of the code; `null` for any wrong code. A code works once, and a wrong use removes it too. */
  redeem(code: string, verifier: string): Promise<{ userId: string } | null>;
}

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9_-]{43,128}$/;

const stored = lazy(() =>
  z.object({ userId: z.string().min(1), challenge: z.string().regex(CHALLENGE), until: z.number() }),
);

export function createHandover(kv: HandoverStorage, clock: () => number): Handover {
  const codes = createOneTimeCodes<{ userId: string; challenge: string }>({
    kv,
    clock,
    prefix: "handover",
    livesSeconds: 60,
    parse: (value) => stored().parse(value),
  });
  return {
    issue: (userId, challenge) => codes.issue({ userId, challenge }),
    async redeem(code, verifier) {
      if (!VERIFIER.test(verifier)) return null;
      const record = await codes.take(code);
      return record && answersChallenge(verifier, record.challenge) ? { userId: record.userId } : null;
    },
  };
}
