/** The links as the rest of the plugin uses them: look-ups from memory, and changes announced to all nodes. */

import type { Cluster, Logger } from "../runtime/mattermost/index.ts";
import { accountsKey, allAccountsKeys, type Link } from "./link.ts";
import { type LinkStorage, LinkStore } from "./link-store.ts";
import { revoke, type SessionApi } from "./tab-session.ts";

export interface Links {
  readonly store: LinkStore;
  /** Returns the links of these accounts, by account, from memory; accounts without a link are absent. */
  byMattermostUser(userIds: readonly string[]): Promise<Map<string, Link>>;
  all(): AsyncIterable<Link>;
  /**
   * Calls the listener for every account whose link was created or removed, on any node. Returns a function that
   * unsubscribes.
   */
  onLinkChange(listener: (userId: string) => void): () => void;
  /** Removes the link and ends the person's sessions in the tab. Returns `false` when there was none. */
  unlink(userId: string): Promise<boolean>;
  /** Ends the person's sessions in the tab and keeps the link. */
  endSessions(userId: string): Promise<void>;
  /** Drops the account from memory, here and on the other nodes. */
  changed(userId: string): void;
}

export interface LinksPorts {
  readonly api: SessionApi;
  readonly kv: LinkStorage;
  readonly cluster: Pick<Cluster, "publish" | "on">;
  readonly log: Pick<Logger, "warn">;
  readonly clock: () => number;
}

const LINK_CHANGED = "identity.link_changed";
/** Cluster events may get lost: a stale answer is corrected within this time. */
const REMEMBER_MS = 5 * 60_000;

export function createLinks({ api, kv, cluster, log, clock }: LinksPorts): Links {
  const store = new LinkStore({
    kv,
    revoke: (ids) => revoke(api, ids),
    clock,
    remembered: async (userId) => (await shard(accountsKey(userId))).get(userId),
  });
  const listeners = new Set<(userId: string) => void>();
  const remembered = new Map<string, { at: number; links: Promise<ReadonlyMap<string, Link>> }>();

  function forget(userId: string): void {
    remembered.delete(accountsKey(userId));
    for (const listener of listeners) listener(userId);
  }
  cluster.on(LINK_CHANGED, (data) => forget(new TextDecoder().decode(data)));

  function shard(key: string): Promise<ReadonlyMap<string, Link>> {
    const known = remembered.get(key);
    if (known && clock() - known.at < REMEMBER_MS) return known.links;
    const links = store.shard(key).then((all) => new Map(all.map((link) => [link.userId, link])));
    remembered.set(key, { at: clock(), links });
    // A failed read is not remembered for later callers.
    links.catch(() => remembered.delete(key));
    return links;
  }

  const links: Links = {
    store,
    async byMattermostUser(userIds) {
      const found = new Map<string, Link>();
      const keys = new Set(userIds.map(accountsKey));
      const shards = new Map(
        await Promise.all([...keys].map(async (key) => [key, await shard(key)] as const)),
      );
      for (const userId of userIds) {
        const link = shards.get(accountsKey(userId))?.get(userId);
        if (link) found.set(userId, link);
      }
      return found;
    },
    async *all() {
      for (const key of allAccountsKeys) yield* (await shard(key)).values();
    },
    onLinkChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async unlink(userId) {
      if (!(await store.unlink(userId))) return false;
      links.changed(userId);
      return true;
    },
    async endSessions(userId) {
      const link = await store.byAccount(userId);
      if (link) await store.endSessions(link);
    },
    changed(userId) {
      forget(userId);
      cluster
        .publish(LINK_CHANGED, userId)
        .catch((error: unknown) =>
          log.warn("The other nodes could not be notified about a link", { error: String(error) }),
        );
    },
  };
  return links;
}
