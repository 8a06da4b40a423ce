/**
 * Lists the pairs of a link, so that all of them can be removed with it. Nothing lists the keys of the store.
 *
 *   channels.index.{link}.{chunk}  ─▶  { v: 1, keys: [ "m.…" | "t.…" ] }     the newest chunk is in the link's state
 */

import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import type { Progress } from "../links/progress.ts";
import { KEEP_SECONDS, type PairKey } from "./pair-store.ts";

export const INDEX_PREFIX = "channels.index.";
/** About six kilobytes: each new pair writes its chunk again. */
const CHUNK = 200;
const NONE: readonly PairKey[] = [];

const format: RecordFormat<readonly PairKey[]> = {
  empty: NONE,
  parse(value) {
    const stored = value as { v?: unknown; keys?: unknown } | null;
    if (stored?.v !== 1 || !Array.isArray(stored.keys)) throw new Error("not an index of version 1");
    return stored.keys.filter((key): key is PairKey => typeof key === "string");
  },
  print: (keys) => ({ v: 1, keys }),
  isEmpty: (keys) => keys.length === 0,
};

export interface PairIndexPorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">;
  readonly progress: Pick<Progress, "read" | "change">;
}

interface Newest {
  readonly chunk: number;
  readonly record: SharedRecord<readonly PairKey[]>;
}

export class PairIndex {
  readonly #ports: PairIndexPorts;
  /** By link: cached, so that pairs of the same moment share a write. */
  readonly #newest = new Map<string, Promise<Newest>>();

  constructor(ports: PairIndexPorts) {
    this.#ports = ports;
  }

  /** Adds a key; durable when it resolves. The same key again changes nothing while its chunk is the newest. */
  async note(link: string, key: PairKey): Promise<void> {
    const { chunk, record } = await this.#of(link);
    const size = await record.change((keys) => {
      const next = keys.includes(key) ? keys : [...keys, key];
      return { next, result: next.length };
    });
    if (size < CHUNK) return;
    await this.#ports.progress.change(link, (state) =>
      state.chunk > chunk ? state : { ...state, chunk: chunk + 1 },
    );
    this.#newest.delete(link);
  }

  async read(link: string, chunk: number): Promise<readonly PairKey[]> {
    return this.#record(link, chunk).read();
  }

  async forget(link: string, chunk: number): Promise<void> {
    this.#newest.delete(link);
    await this.#ports.kv.delete(`${INDEX_PREFIX}${link}.${chunk}`);
  }

  #of(link: string): Promise<Newest> {
    const known = this.#newest.get(link);
    if (known) return known;
    const found = this.#ports.progress
      .read(link)
      .then(({ chunk }) => ({ chunk, record: this.#record(link, chunk) }));
    found.catch(() => this.#newest.delete(link));
    this.#newest.set(link, found);
    return found;
  }

  #record(link: string, chunk: number) {
    return new SharedRecord(this.#ports.kv, `${INDEX_PREFIX}${link}.${chunk}`, format, () => ({
      // A pair that is edited outlives the last new pair of its chunk.
      expireInSeconds: 2 * KEEP_SECONDS,
    }));
  }
}
