/**
 * Removes a connection and everything stored for it. Each step may be repeated; the upkeep finishes what was
 * interrupted.
 */

import { type Credential, fixedToken } from "../../microsoft/graph/index.ts";
import { within } from "../../runtime/within.ts";
import type { ConnectionStore } from "./connection-store.ts";
import type { ConnectionLinks } from "./flow/establish.ts";

export interface RemovalPorts {
  readonly store: ConnectionStore;
  readonly links: ConnectionLinks;
  readonly clock: () => number;
  readonly forget: (userId: string) => void;
  /** Remove the features' own records of the person. */
  readonly removers: readonly ((userId: string) => Promise<void>)[];
  readonly announce: (userId: string) => void;
  /** Deletes at Microsoft what only the person's own token can delete. */
  readonly subscriptions: LeavingSubscriptions;
  /** Returns the credential for Graph calls as the person, while it works. */
  readonly credential: (userId: string) => Credential;
}

export interface LeavingSubscriptions {
  concerns(userId: string): Promise<boolean>;
  release(userId: string, credential: Credential, signal: AbortSignal): Promise<void>;
}

/** A disconnect waits no longer than this for Microsoft. */
const PATIENCE_MS = 5_000;

/** Marks the connection first: from then on nobody gets a token of it. */
export async function removeConnection(ports: RemovalPorts, userId: string): Promise<void> {
  const { announce, forget, removers, store } = ports;
  const token = await lastToken(ports, userId);
  let madeLink = (await store.entries.get(userId))?.madeLink === true;
  for (;;) {
    const seen = await store.read(userId);
    if (!seen) break;
    madeLink = seen.connection.madeLink;
    const { lost: _, ...connection } = seen.connection;
    if (await store.change(userId, seen, { ...connection, sealed: "", leaving: true })) break;
  }
  forget(userId);
  if (token) await deleteSubscriptions(ports, userId, token);
  for (const one of removers) await one(userId);
  const now = await store.read(userId);
  // The person has connected again meanwhile, and the link is theirs.
  if (now && !now.connection.leaving) return;
  if (madeLink) await removeOwnLink(ports, userId);
  // The entry is removed last: as long as it exists, the upkeep finds the record.
  if (!(await store.removeLeaving(userId))) return;
  await store.entries.delete(userId);
  announce(userId);
}

/** Gets an access token for the last calls, before the connection is marked and nobody gets one any more. */
async function lastToken(
  { credential, subscriptions }: RemovalPorts,
  userId: string,
): Promise<string | null> {
  try {
    if (!(await subscriptions.concerns(userId))) return null;
    return await within(PATIENCE_MS, credential(userId).token(1), null);
  } catch {
    return null;
  }
}

/** A subscription that cannot be deleted expires at Microsoft by itself, and its notifications are dropped. */
async function deleteSubscriptions(
  { subscriptions }: RemovalPorts,
  userId: string,
  token: string,
): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await within(PATIENCE_MS, subscriptions.release(userId, fixedToken(token), signal), null).catch(() => {});
}

/** Keeps a link that the person uses to sign in to the tab. */
async function removeOwnLink({ clock, links }: RemovalPorts, userId: string): Promise<void> {
  const link = await links.store.byAccount(userId);
  const seen = link && (await links.store.read(link));
  if (seen?.record.sessions.some(({ until }) => until > clock())) return;
  await links.unlink(userId);
}
