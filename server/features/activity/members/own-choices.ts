/**
 * The people who have ever changed their own settings of this plugin. Preferences have no bulk call, and hardly
 * anybody has any: with this list, only these people's preferences must be read before an activity is sent.
 *
 *   choosers_{0…f}  ─▶  ["user id", …]      written when the hook reports a change, read once at the start
 *
 * A change made while the plugin was down is found when preferences are read in the background.
 */

import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import type { Log, NotificationsStore } from "../ports.ts";

const SHARDS = 16;
const MAX_ROUNDS = 20;
const record = lazy(() => z.array(z.string()));

export class OwnChoices {
  readonly #kv: Pick<NotificationsStore, "get" | "compareAndSet">;
  readonly #log: Log;
  readonly #known = new Set<string>();
  /** Known here, and not stored yet. */
  readonly #unstored = new Set<string>();

  constructor(kv: Pick<NotificationsStore, "get" | "compareAndSet">, log: Log) {
    this.#kv = kv;
    this.#log = log;
  }

  has(userId: string): boolean {
    return this.#known.has(userId);
  }

  async load(): Promise<void> {
    const shards = Array.from({ length: SHARDS }, (_, shard) =>
      this.#kv.get(`choosers_${shard.toString(16)}`),
    );
    for (const bytes of await Promise.all(shards)) for (const id of parse(bytes)) this.#known.add(id);
  }

  /** Called when another node wrote the entry. */
  note(userId: string): void {
    this.#known.add(userId);
  }

  /** Stores these people, and those who could not be stored earlier. */
  async add(...userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) {
      if (this.#known.has(userId)) continue;
      this.#known.add(userId);
      this.#unstored.add(userId);
    }
    for (const userId of [...this.#unstored]) await this.#store(userId);
  }

  async #store(userId: string): Promise<void> {
    const key = keyOf(userId);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const before = await this.#kv.get(key);
      const ids = parse(before);
      const next = new TextEncoder().encode(JSON.stringify([...ids, userId]));
      if (ids.includes(userId) || (await this.#kv.compareAndSet(key, before, next))) {
        this.#unstored.delete(userId);
        return;
      }
    }
    this.#log.warn("A choice of notification settings could not be noted");
  }
}

function parse(bytes: Uint8Array | null): string[] {
  if (!bytes) return [];
  try {
    return record().parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return [];
  }
}

function keyOf(userId: string): string {
  let hash = 0;
  for (const letter of userId) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return `choosers_${(hash % SHARDS).toString(16)}`;
}
