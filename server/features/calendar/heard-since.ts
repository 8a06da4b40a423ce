/**
 * Since when a member's calendar is listened to: what is older is no news.
 *
 *   calendar/since_{0…f}   member ─▶ milliseconds since 1970
 */

import { ShardedMap } from "../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

const SHARDS = 16;

export class HeardSince {
  readonly #map: ShardedMap<number>;
  readonly #now: () => number;
  readonly #known = new Map<string, number>();

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">, now: () => number) {
    this.#now = now;
    this.#map = new ShardedMap<number>(kv, {
      prefix: "calendar/since_",
      shards: SHARDS,
      parse(value) {
        if (typeof value !== "number") throw new Error("not a moment");
        return value;
      },
    });
  }

  /** These members are listened to now, and nobody else. */
  async note(userIds: readonly string[]): Promise<void> {
    await Promise.all(userIds.map((userId) => this.of(userId)));
    const wanted = new Set(userIds);
    for await (const [userId] of this.#map.entries()) if (!wanted.has(userId)) await this.forget(userId);
  }

  async of(userId: string): Promise<number> {
    const known = this.#known.get(userId);
    if (known !== undefined) return known;
    const since = (await this.#map.update(userId, (at) => at ?? this.#now())) ?? this.#now();
    this.#known.set(userId, since);
    return since;
  }

  async forget(userId: string): Promise<void> {
    this.#known.delete(userId);
    await this.#map.delete(userId);
  }
}
