/** Stores connections in the key-value store that all nodes share. Every change is a compare-and-set. */

import { ShardedMap } from "../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import {
  type Connection,
  type ConnectionEntry,
  connectionKey,
  parseConnection,
  parseEntry,
} from "./connection.ts";

export type ConnectionStorage = Pick<KeyValueStore, "get" | "compareAndSet">;

/** A record as it was read, with the bytes for a later compare-and-set. */
export interface SeenConnection {
  readonly connection: Connection;
  readonly bytes: Uint8Array;
}

const SHARDS = 16;
export const DAY_MS = 86_400_000;

export class ConnectionStore {
  readonly #kv: ConnectionStorage;
  readonly entries: ShardedMap<ConnectionEntry>;
  /** When each person connected for the first time. */
  readonly once: ShardedMap<number>;

  /** `onDamaged` is called when a list cannot be read any more; it then starts empty. */
  constructor(kv: ConnectionStorage, onDamaged: (key: string) => void = () => {}) {
    this.#kv = kv;
    this.entries = new ShardedMap(kv, {
      ...{ prefix: "connections.", shards: SHARDS, onDamaged },
      parse: parseEntry,
    });
    this.once = new ShardedMap(kv, {
      ...{ prefix: "connections.once.", shards: SHARDS, onDamaged },
      parse(value) {
        if (typeof value !== "number") throw new Error("not a time");
        return value;
      },
    });
  }

  /** Returns null for an unreadable record, too: it concerns one person, who can connect again. */
  async read(userId: string): Promise<SeenConnection | null> {
    const bytes = await this.#kv.get(connectionKey(userId));
    if (!bytes) return null;
    try {
      return { bytes, connection: parseConnection(JSON.parse(new TextDecoder().decode(bytes))) };
    } catch {
      return null;
    }
  }

  /** Writes a new connection over whatever is there. Returns false when another writer was faster. */
  async replace(userId: string, connection: Connection): Promise<boolean> {
    const before = await this.#kv.get(connectionKey(userId));
    return this.#kv.compareAndSet(connectionKey(userId), before, encode(connection));
  }

  /** Changes the record only if it is still the one that was read. */
  change(userId: string, seen: SeenConnection, next: Connection | null): Promise<boolean> {
    return this.#kv.compareAndSet(connectionKey(userId), seen.bytes, next && encode(next));
  }

  /**
   * Records a successful refresh in the list of connections: another node may have marked the connection as lost
   * because of an older token, or the list may have been damaged.
   */
  async noteRefresh(userId: string, connection: Connection, usedAt: number | null): Promise<void> {
    const { account, madeLink, objectId, since } = connection;
    const fresh: ConnectionEntry = { objectId, account, since, ...(madeLink ? { madeLink } : {}) };
    await this.entries.update(userId, (entry) => {
      const usedOn = usedAt === null ? entry?.usedOn : Math.floor(usedAt / DAY_MS);
      if (entry && !entry.lost && entry.usedOn === usedOn) return entry;
      const { lost: _, ...found } = entry ?? fresh;
      return usedOn === undefined ? found : { ...found, usedOn };
    });
  }

  /** Records that a feature did something for the person. */
  async noteUse(userId: string, at: number): Promise<void> {
    const usedOn = Math.floor(at / DAY_MS);
    await this.entries.update(userId, (entry) =>
      entry === null || entry.usedOn === usedOn ? entry : { ...entry, usedOn },
    );
  }

  /** Records that the follow-up of a connect is done. */
  async settle(userId: string, id: string): Promise<void> {
    for (;;) {
      const seen = await this.read(userId);
      if (seen?.connection.id !== id || !seen.connection.isNew) return;
      const { isNew: _, ...settled } = seen.connection;
      if (await this.change(userId, seen, settled)) return;
    }
  }

  /** Replaces an unreadable record by a lost connection. Returns false when somebody has written it meanwhile. */
  async replaceUnreadable(userId: string, lost: Connection): Promise<boolean> {
    const bytes = await this.#kv.get(connectionKey(userId));
    if (!bytes || (await this.read(userId))) return false;
    return this.#kv.compareAndSet(connectionKey(userId), bytes, encode(lost));
  }

  /** Removes a record that is marked for removal or unreadable. Returns false when the person has connected again. */
  async removeLeaving(userId: string): Promise<boolean> {
    for (;;) {
      const bytes = await this.#kv.get(connectionKey(userId));
      if (!bytes) return true;
      const seen = await this.read(userId);
      if (seen && !seen.connection.leaving) return false;
      if (await this.#kv.compareAndSet(connectionKey(userId), bytes, null)) return true;
    }
  }

  /** Removes an unreadable record. Returns false when there is none. */
  async removeUnreadable(userId: string): Promise<boolean> {
    const bytes = await this.#kv.get(connectionKey(userId));
    return bytes !== null && this.#kv.compareAndSet(connectionKey(userId), bytes, null);
  }

  /** Counts the people who have ever been connected. */
  async countOnce(): Promise<number> {
    let count = 0;
    for await (const _ of this.once.entries()) count += 1;
    return count;
  }
}

const encode = (connection: Connection): Uint8Array => new TextEncoder().encode(JSON.stringify(connection));
