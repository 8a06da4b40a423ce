/**
 * Remembers which changes have been handled: Graph delivers at least once, for up to four hours, to any node.
 *
 *   changes_seen_{shard}  ─▶  { v: 1, seen: [ [hash, seconds since 1970] … ] }   oldest first, expires by itself
 */

import { createHash } from "node:crypto";
import { hash } from "../../../platform/store/sharded-map.ts";
import { SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";

type Seen = readonly (readonly [id: string, at: number])[];

const SHARDS = 64;
/** Graph retries for four hours. */
const REMEMBERED_S = 5 * 3_600;
/** 64 × 2,000 changes in five hours are seven a second; with more, the oldest are dropped first. */
const MAX_PER_SHARD = 2_000;

export class SeenChanges {
  readonly #records: readonly SharedRecord<Seen>[];
  readonly #now: () => number;

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">, now: () => number) {
    this.#now = now;
    this.#records = Array.from(
      { length: SHARDS },
      (_, shard) =>
        new SharedRecord(kv, `changes_seen_${shard.toString(36)}`, format, () => ({
          expireInSeconds: REMEMBERED_S,
        })),
    );
  }

  async has(identity: string): Promise<boolean> {
    const id = shortened(identity);
    return (await this.#of(id).read()).some(([one]) => one === id);
  }

  async add(identity: string): Promise<void> {
    const id = shortened(identity);
    const now = Math.floor(this.#now() / 1000);
    await this.#of(id).change((seen) => {
      if (seen.some(([one]) => one === id)) return { next: seen, result: undefined };
      const kept = seen.filter(([, at]) => now - at < REMEMBERED_S).slice(1 - MAX_PER_SHARD);
      return { next: [...kept, [id, now] as const], result: undefined };
    });
  }

  #of(id: string): SharedRecord<Seen> {
    return this.#records[hash(id) % SHARDS] as SharedRecord<Seen>;
  }
}

/** 96 bits: among a million changes, two have the same hash with a probability of 10⁻¹⁷. */
const shortened = (identity: string) =>
  createHash("sha256").update(identity).digest("base64url").slice(0, 16);

const format = {
  empty: [] as Seen,
  parse(value: unknown): Seen {
    const record = value as { v?: unknown; seen?: unknown } | null;
    if (record?.v !== 1 || !Array.isArray(record.seen)) throw new Error("not a record of handled changes");
    return record.seen as Seen;
  },
  print: (seen: Seen) => ({ v: 1, seen }),
  isEmpty: (seen: Seen) => seen.length === 0,
  damaged: () => [] as Seen,
};
