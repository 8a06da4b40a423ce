/**
 * Stores since when a member's calendar has been subscribed to: older events are not announced.
 *
 *   calendar/since_{0…f}   member ─▶ milliseconds since 1970
 */

import { ShardedMap } from "../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

const SHARDS = 16;

export interface SubscribedSincePorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly now: () => number;
  /** Whether the person has an account here; false as soon as its removal begins. */
  readonly has: (userId: string) => Promise<boolean>;
}

export class SubscribedSince {
  readonly #map: ShardedMap<number>;
  readonly #now: () => number;
  readonly #has: (userId: string) => Promise<boolean>;
  readonly #known = new Map<string, number>();

  constructor({ has, kv, now }: SubscribedSincePorts) {
    this.#now = now;
    this.#has = has;
    this.#map = new ShardedMap<number>(kv, {
      prefix: "calendar/since_",
      shards: SHARDS,
      parse(value) {
        if (typeof value !== "number") throw new Error("not a moment");
        return value;
      },
    });
  }

  /** Exactly these members have a subscription now. */
  async note(userIds: readonly string[]): Promise<void> {
    await Promise.all(userIds.map((userId) => this.of(userId)));
    const wanted = new Set(userIds);
    for await (const [userId] of this.#map.entries()) if (!wanted.has(userId)) await this.forget(userId);
  }

  async of(userId: string): Promise<number> {
    const known = this.#known.get(userId);
    if (known !== undefined) return known;
    let isNew = false;
    const since =
      (await this.#map.update(userId, (at) => {
        isNew = at === null;
        return at ?? this.#now();
      })) ?? this.#now();
    this.#known.set(userId, since);
    // A person who is disconnecting at this moment was already removed, and nothing else would remove this record.
    if (isNew && !(await this.#has(userId))) await this.forget(userId);
    return since;
  }

  async forget(userId: string): Promise<void> {
    this.#known.delete(userId);
    await this.#map.delete(userId);
  }
}
