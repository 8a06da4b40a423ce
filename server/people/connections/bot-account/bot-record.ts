/** The stored record of the bot account (bot-account.ts). */

import type { PersonKey } from "../../link.ts";
import type { ConnectionStore } from "../connection-store.ts";

/** Used in place of a user id; real ones have 26 characters. */
export const BOT = "bot";

export interface BotAccount {
  readonly objectId: string;
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly scopes: readonly string[];
  readonly lost: boolean;
}

export async function readBot(store: Pick<ConnectionStore, "read">): Promise<BotAccount | null> {
  const seen = await store.read(BOT);
  if (!seen || seen.connection.leaving) return null;
  const { account, lost, objectId, scopes, since } = seen.connection;
  return { objectId, account, since, scopes, lost: lost !== undefined };
}

export async function isBotAccount(
  store: Pick<ConnectionStore, "read">,
  person: PersonKey,
): Promise<boolean> {
  const found = (await store.read(BOT))?.connection;
  return found?.objectId === person.objectId && found.tenantId === person.tenantId;
}

/** Returns false when there was no record, or one with another `id`. */
export async function removeBot(store: ConnectionStore, id?: string): Promise<boolean> {
  for (;;) {
    const seen = await store.read(BOT);
    if (!seen) return store.removeUnreadable(BOT);
    if (id !== undefined && seen.connection.id !== id) return false;
    if (await store.change(BOT, seen, null)) return true;
  }
}
