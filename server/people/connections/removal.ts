/** Ends a connection and everything that was kept for it. Each step may be repeated; the upkeep finishes what stopped. */

import type { ConnectionStore } from "./connection-store.ts";
import type { ConnectionLinks } from "./establish.ts";

export interface RemovalPorts {
  readonly store: ConnectionStore;
  readonly links: ConnectionLinks;
  readonly clock: () => number;
  readonly forget: (userId: string) => void;
  /** Features' own records of the person. */
  readonly removers: readonly ((userId: string) => Promise<void>)[];
  readonly announce: (userId: string) => void;
}

/** Marks the connection first: from then on nobody gets a token of it. */
export async function removeConnection(ports: RemovalPorts, userId: string): Promise<void> {
  const { announce, forget, removers, store } = ports;
  let madeLink = (await store.entries.get(userId))?.madeLink === true;
  for (;;) {
    const seen = await store.read(userId);
    if (!seen) break;
    madeLink = seen.connection.madeLink;
    const { lost: _, ...connection } = seen.connection;
    if (await store.change(userId, seen, { ...connection, sealed: "", leaving: true })) break;
  }
  forget(userId);
  for (const one of removers) await one(userId);
  const now = await store.read(userId);
  // The person has connected again meanwhile, and the link is theirs.
  if (now && !now.connection.leaving) return;
  if (madeLink) await removeOwnLink(ports, userId);
  // The entry goes last: as long as it is there, the upkeep finds the record.
  if (!(await store.removeLeaving(userId))) return;
  await store.entries.delete(userId);
  announce(userId);
}

/** A link that somebody uses to sign in stays: it was there for the tab, too. */
async function removeOwnLink({ clock, links }: RemovalPorts, userId: string): Promise<void> {
  const link = await links.store.byAccount(userId);
  const seen = link && (await links.store.read(link));
  if (seen?.record.sessions.some(({ until }) => until > clock())) return;
  await links.unlink(userId);
}
