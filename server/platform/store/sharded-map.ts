/**
 * A map in the key-value store, spread over a fixed number of records. Its entries can be listed without listing the
 * plugin's keys, which the server can only do for all keys, page by page.
 *
 *   {prefix}{shard}  ─▶  { id: value, … }      shard = hash(id) mod shards, in base 36
 *
 * The number of shards is part of the stored data; changing it needs a migration.
 */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import { type RecordFormat, SharedRecord } from "./shared-record.ts";

export interface ShardedMapOptions<V> {
  readonly prefix: string;
  readonly shards: number;
  /** Throws for a value of another shape. */
  parse(value: unknown): V;
  /** Called for an entry that cannot be parsed; it reads as absent. */
  onUnreadable?(id: string): void;
  /**
   * Called for a shard that cannot be parsed; it reads as empty and the next write replaces it. Default: throw an
   * error.
   */
  onDamaged?(key: string): void;
}

/** Values as stored. One that cannot be parsed stays until somebody replaces it. */
type Shard = Readonly<Record<string, unknown>>;

/**
 * Caches the JSON of values, which are never changed in place: writing one entry serializes that entry alone, not the
 * hundred others of its shard.
 */
const printed = new WeakMap<object, string>();

function print(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const known = printed.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  printed.set(value, text);
  return text;
}

const format: RecordFormat<Shard> = {
  empty: {},
  parse(value) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a shard");
    return value as Shard;
  },
  text: (shard) =>
    `{${Object.entries(shard)
      .map(([id, value]) => `${JSON.stringify(id)}:${print(value)}`)
      .join(",")}}`,
  isEmpty(shard) {
    for (const _ in shard) return false;
    return true;
  },
};

export class ShardedMap<V> {
  readonly #options: ShardedMapOptions<V>;
  readonly #shards: readonly SharedRecord<Shard>[];
  /** Parsed entries, by the stored value. */
  readonly #parsed = new WeakMap<object, V>();

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">, options: ShardedMapOptions<V>) {
    this.#options = options;
    const damaged = (key: string): Shard => {
      options.onDamaged?.(key);
      return {};
    };
    const chosen = options.onDamaged ? { ...format, damaged } : format;
    this.#shards = Array.from(
      { length: options.shards },
      (_, index) => new SharedRecord(kv, `${options.prefix}${index.toString(36)}`, chosen),
    );
  }

  async get(id: string): Promise<V | null> {
    return this.#parse(await this.#of(id).read(), id);
  }

  /** Replaces an entry by the result of `change`; null removes it, the same value writes nothing. */
  update(id: string, change: (current: V | null) => V | null): Promise<V | null> {
    return this.#of(id).change((shard) => {
      const current = this.#parse(shard, id);
      const value = change(current);
      if (value === current && (value !== null || !Object.hasOwn(shard, id)))
        return { next: shard, result: value };
      if (value !== null) return { next: { ...shard, [id]: value }, result: value };
      const { [id]: _before, ...others } = shard;
      return { next: others, result: value };
    });
  }

  async set(id: string, value: V): Promise<void> {
    await this.update(id, () => value);
  }

  async delete(id: string): Promise<void> {
    await this.update(id, () => null);
  }

  /** Iterates over all entries that can be parsed, record by record, in no particular order. */
  async *entries(): AsyncIterable<[id: string, value: V]> {
    for (const record of this.#shards) {
      const shard = await record.read();
      for (const id of Object.keys(shard)) {
        const value = this.#parse(shard, id);
        if (value !== null) yield [id, value];
      }
    }
  }

  #parse(shard: Shard, id: string): V | null {
    if (!Object.hasOwn(shard, id)) return null;
    const stored = shard[id];
    const isObject = typeof stored === "object" && stored !== null;
    const known = isObject ? this.#parsed.get(stored) : undefined;
    if (known !== undefined) return known;
    try {
      const value = this.#options.parse(stored);
      if (isObject) this.#parsed.set(stored, value);
      return value;
    } catch {
      this.#options.onUnreadable?.(id);
      return null;
    }
  }

  #of(id: string): SharedRecord<Shard> {
    return this.#shards[hash(id) % this.#shards.length] as SharedRecord<Shard>;
  }
}

/** FNV-1a, 32 bits. Stored data depends on it. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
