/**
 * Stores a code flow between its two halves.
 *
 *   flow.{SHA-256 of the state}  ─▶  user, session, sealed verifier and nonce      for ten minutes
 *
 * The state itself is not stored, so nobody can finish a flow by reading the store.
 */

import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { type KeyRing, open, seal } from "../../../platform/store/sealed.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";

export const FLOW_LIFETIME_MS = 10 * 60_000;

export interface Flow {
  readonly userId: string;
  /** The Mattermost session that began; "" when the server names none. */
  readonly sessionId: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly permissions: readonly string[];
  /** Set when the account is to become the bot instead of the person's own. */
  readonly account?: "bot" | undefined;
}

const record = lazy(() =>
  z.object({
    userId: z.string().min(1),
    sessionId: z.string(),
    secrets: z.string().min(1),
    redirectUri: z.string().min(1),
    tenantId: z.string().min(1),
    clientId: z.string().min(1),
    permissions: z.array(z.string()),
    account: z.literal("bot").optional(),
    expiresAt: z.number(),
  }),
);

export interface FlowPorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly clock: () => number;
  readonly begun: BegunFlows;
}

/** Flows of one person on one node. Starting more drops the oldest, so that nobody can fill the store. */
export const MOST_BEGUN = 20;

/** Keys of the flows that each person has begun within their lifetime. */
export class BegunFlows {
  readonly #keys = new Map<string, { readonly keys: string[]; at: number }>();

  /** Records a key. Returns the keys beyond the limit. */
  note(userId: string, key: string, now: number): string[] {
    for (const [id, { at }] of this.#keys) {
      if (now - at < FLOW_LIFETIME_MS) break;
      this.#keys.delete(id);
    }
    const keys = [...(this.#keys.get(userId)?.keys ?? []), key];
    this.#keys.delete(userId);
    this.#keys.set(userId, { keys: keys.slice(-MOST_BEGUN), at: now });
    return keys.slice(0, -MOST_BEGUN);
  }
}

/** Returns 256 random bits. */
export const randomText = (): string => randomBytes(32).toString("base64url");

/** Stores a flow. Returns its state. */
export async function beginFlow({ begun, kv, clock }: FlowPorts, flow: Flow, ring: KeyRing): Promise<string> {
  const state = randomText();
  const { nonce, verifier, ...plain } = flow;
  const secrets = seal(JSON.stringify({ nonce, verifier }), ownerOf(flow.userId), ring);
  const bytes = new TextEncoder().encode(
    JSON.stringify({ ...plain, secrets, expiresAt: clock() + FLOW_LIFETIME_MS }),
  );
  const stored = await kv.compareAndSet(keyOf(state), null, bytes, {
    expireInSeconds: FLOW_LIFETIME_MS / 1000,
  });
  if (!stored) throw new Error("a state was drawn twice");
  for (const key of begun.note(flow.userId, keyOf(state), clock())) {
    const old = await kv.get(key);
    if (old) await kv.compareAndSet(key, old, null);
  }
  return state;
}

/**
 * Takes the flow of a state, which works once. Returns null when the state is malformed, unknown, used, expired, or
 * belongs to another person or session; flows of others are not touched.
 */
export async function takeFlow(
  { kv, clock }: Omit<FlowPorts, "begun">,
  state: string,
  by: { readonly userId: string; readonly sessionId: string },
  ring: KeyRing | null,
): Promise<Flow | null> {
  if (!/^[\w-]{43}$/.test(state)) return null;
  const bytes = await kv.get(keyOf(state));
  if (!bytes) return null;
  const parsed = record().safeParse(jsonOf(bytes));
  if (!parsed.success) return null;
  const { expiresAt, secrets, ...plain } = parsed.data;
  if (plain.userId !== by.userId || plain.sessionId !== by.sessionId) return null;
  // Removed before the code is redeemed and before anything else is checked, so that of two requests only one
  // continues.
  if (!(await kv.compareAndSet(keyOf(state), bytes, null))) return null;
  if (clock() >= expiresAt || !ring) return null;
  const opened = open(secrets, ownerOf(plain.userId), ring);
  if (!opened.ok) return null;
  const { nonce, verifier } = JSON.parse(opened.text) as { nonce: string; verifier: string };
  return { ...plain, nonce, verifier };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

const keyOf = (state: string) => `flow.${createHash("sha256").update(state).digest("base64url")}`;
const ownerOf = (userId: string) => `flow:${userId}`;

/** The PKCE challenge of a verifier (RFC 7636 4.2). */
export const challengeOf = (verifier: string): string =>
  createHash("sha256").update(verifier, "ascii").digest("base64url");
