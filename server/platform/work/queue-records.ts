/**
 * The durable part of a queue: entries in the key-value store that all nodes share.
 *
 *   queue_{name}_{partition}  ─▶  { v: 1, entries: [ { id, key, at, rev, tries, value } … ] }
 *   queue_{name}_v_{id}_{rev} ─▶  a value of more than 1 KB; its entry then has `large: true`
 *
 * An entry's key determines its partition, and a partition keeps the order of adding, so entries of one key stay in
 * order. Nothing lists keys: the partitions are a fixed number of records.
 */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import { hash } from "../store/sharded-map.ts";
import { SharedRecord } from "../store/shared-record.ts";

export interface QueueEntry<T> {
  /** Unique within the queue. Adding the same id again changes nothing. */
  readonly id: string;
  /** Entries of one key are handled one at a time, in the order of adding. */
  readonly key: string;
  /** When the work arose, in milliseconds since 1970. Decides when it expires. */
  readonly at: number;
  readonly value: T;
  /** Failed attempts so far. */
  readonly tries: number;
  /** Why the queue gave up on the entry; null while it waits. A code, never text from outside. */
  readonly parked: string | null;
  /** Increases with every save. Saving or removing an older revision fails: another node has taken the entry over. */
  readonly rev: number;
}

export type NewEntry<T> = Pick<QueueEntry<T>, "id" | "key" | "at" | "value">;

export interface QueueRecordsOptions<T> {
  readonly name: string;
  /** Throws for a value of another shape; such an entry is dropped. */
  parse(value: unknown): T;
  /** Called when an entry is dropped because its value is missing or cannot be parsed. */
  onUnreadable?(id: string): void;
  /** Part of the stored data; changing it needs a migration. */
  readonly partitions?: number;
  /** Values with more characters of JSON are stored in separate records. Default 1,024. */
  readonly maxInlineCharacters?: number;
  /** Limit of waiting entries in all partitions together; more are refused. */
  readonly maxEntries: number;
  /** The server deletes the records this many seconds after the last write. */
  expireInSeconds(): number;
}

/** Another node has the entry now, or it is gone: stop working on it. */
export class TakenOver extends Error {
  override readonly name = "TakenOver";
}

export type AddResult = "added" | "duplicate" | "full";

export interface Added {
  readonly result: AddResult;
  /** Ids of waiting entries of the same key that were added before, on any node. */
  readonly before: readonly string[];
}

interface StoredEntry {
  readonly id: string;
  readonly key: string;
  readonly at: number;
  readonly rev: number;
  readonly tries: number;
  readonly parked?: string;
  readonly value?: unknown;
  readonly large?: true;
}

type Partition = readonly StoredEntry[];

/** With 8 partitions, 8 reads return everything, and 5,000 waiting entries are 625 per record. */
const DEFAULT_PARTITIONS = 8;
const MAX_INLINE_CHARACTERS = 1024;

export class QueueRecords<T> {
  readonly #kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly #options: QueueRecordsOptions<T>;
  readonly #partitions: readonly SharedRecord<Partition>[];
  readonly #sizes: number[];
  /** Entries that this node wrote, by partition and id, so that it need not read them. */
  readonly #values: readonly Map<string, { readonly rev: number; readonly value: T }>[];

  constructor(
    kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">,
    options: QueueRecordsOptions<T>,
  ) {
    this.#kv = kv;
    this.#options = options;
    const count = options.partitions ?? DEFAULT_PARTITIONS;
    this.#sizes = Array.from({ length: count }, () => 0);
    this.#values = this.#sizes.map(() => new Map());
    this.#partitions = this.#sizes.map((_, index) => {
      const record = new SharedRecord<Partition>(
        kv,
        `queue_${options.name}_${index.toString(36)}`,
        {
          empty: [],
          parse: parsePartition,
          isEmpty: (entries) => entries.length === 0,
          text: printPartition,
        },
        () => ({ expireInSeconds: options.expireInSeconds() }),
      );
      record.onState = (entries) => {
        this.#sizes[index] = entries.filter(({ parked }) => parked === undefined).length;
        this.#forgetGone(index, entries);
      };
      return record;
    });
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  partitionOf(key: string): number {
    return hash(key) % this.#partitions.length;
  }

  /** Resolves when the entry is stored; a crash after that does not lose it. */
  async add(entry: NewEntry<T>): Promise<Added> {
    const { id, key, at, value } = entry;
    const partition = this.partitionOf(key);
    // The value is stored before the entry: an entry without its value would be lost, a value without an entry only
    // expires.
    const stored: StoredEntry = { id, key, at, rev: 0, tries: 0, ...(await this.#store(id, 0, value)) };
    const attempt = (entries: Partition) => {
      const same = (result: AddResult) => ({ next: entries, result: { result, before: [] as string[] } });
      if (entries.some((one) => one.id === id)) return same("duplicate");
      if (this.#waitingWith(partition, entries) >= this.#options.maxEntries) return same("full");
      const before = entries.filter((one) => one.key === key).map((one) => one.id);
      return { next: [...entries, stored], result: { result: "added" as const, before } };
    };
    const record = this.#record(partition);
    let added = await record.change<Added>(attempt);
    if (added.result !== "added") {
      // A refusal writes nothing, so it may be based on an outdated state: another node works the queue. Read it
      // first.
      await record.read();
      added = await record.change<Added>(attempt);
    }
    if (added.result === "added") this.#values[partition]?.set(id, { rev: 0, value });
    if (added.result === "full" && stored.large) await this.#kv.delete(this.#valueKey(id, 0));
    return added;
  }

  /** Returns the entries of one partition in the order of adding, including parked ones. */
  async read(partition: number): Promise<QueueEntry<T>[]> {
    const entries: QueueEntry<T>[] = [];
    for (const stored of await this.#record(partition).read()) {
      const value = await this.#valueOf(stored);
      if (value === null) {
        this.#options.onUnreadable?.(stored.id);
        await this.remove(stored);
      } else entries.push(publicEntry(stored, value.value));
    }
    return entries;
  }

  /** Returns the entries of one partition, without their values. */
  async keys(partition: number): Promise<{ key: string; at: number; parked: boolean }[]> {
    const entries = await this.#record(partition).read();
    return entries.map(({ key, at, parked }) => ({ key, at, parked: parked !== undefined }));
  }

  /** Stores progress. Throws TakenOver. */
  async save(
    entry: QueueEntry<T>,
    changes: { readonly value?: T; readonly tries?: number; readonly parked?: string | null },
  ): Promise<QueueEntry<T>> {
    const next = { ...entry, ...changes, rev: entry.rev + 1 };
    const { id, key, at, rev, tries, parked } = next;
    const stored: StoredEntry = {
      ...{ id, key, at, rev, tries },
      ...(parked === null ? {} : { parked }),
      ...(await this.#store(id, rev, next.value)),
    };
    const before = await this.#record(this.partitionOf(key)).change<StoredEntry | null>((entries) => {
      const found = revisionOf(entries, entry);
      return { next: found ? entries.map((one) => (one === found ? stored : one)) : entries, result: found };
    });
    if (before?.large) await this.#kv.delete(this.#valueKey(id, entry.rev));
    if (!before) {
      if (stored.large) await this.#kv.delete(this.#valueKey(id, rev));
      throw new TakenOver(id);
    }
    this.#values[this.partitionOf(key)]?.set(id, next);
    return next;
  }

  /** Removes an entry. Returns false when another node has it now, or it is gone. */
  async remove(entry: Pick<QueueEntry<T>, "id" | "key" | "rev">): Promise<boolean> {
    this.#values[this.partitionOf(entry.key)]?.delete(entry.id);
    const removed = await this.#record(this.partitionOf(entry.key)).change<StoredEntry | null>((entries) => {
      const found = revisionOf(entries, entry);
      return { next: found ? entries.filter((one) => one !== found) : entries, result: found };
    });
    if (removed?.large) await this.#kv.delete(this.#valueKey(entry.id, entry.rev));
    return removed !== null;
  }

  /** Decides where the value goes: into the entry, or into a separate record. */
  async #store(id: string, rev: number, value: T): Promise<Pick<StoredEntry, "value" | "large">> {
    const json = JSON.stringify(value);
    if (json.length <= (this.#options.maxInlineCharacters ?? MAX_INLINE_CHARACTERS)) return { value };
    const expireInSeconds = this.#options.expireInSeconds();
    await this.#kv.set(this.#valueKey(id, rev), json, { expireInSeconds });
    return { large: true };
  }

  #record(partition: number): SharedRecord<Partition> {
    return this.#partitions[partition] as SharedRecord<Partition>;
  }

  #valueKey(id: string, rev: number): string {
    return `queue_${this.#options.name}_v_${id}_${rev}`;
  }

  /** Uses the other partitions as this node last saw them: the limit protects memory and need not be exact. */
  #waitingWith(partition: number, entries: Partition): number {
    return this.#sizes.reduce((sum, size, index) => sum + (index === partition ? entries.length : size), 0);
  }

  /** Drops entries that other nodes have settled, which this node notices when it reads or writes the partition. */
  #forgetGone(partition: number, entries: Partition): void {
    const values = this.#values[partition];
    if (!values || values.size <= entries.length) return;
    const left = new Set(entries.map(({ id }) => id));
    for (const id of [...values.keys()]) if (!left.has(id)) values.delete(id);
  }

  /** Returns null when the value is missing or has another shape: the entry is then useless. */
  async #valueOf(stored: StoredEntry): Promise<{ readonly value: T } | null> {
    const known = this.#values[this.partitionOf(stored.key)]?.get(stored.id);
    if (known?.rev === stored.rev) return known;
    const bytes = stored.large ? await this.#kv.get(this.#valueKey(stored.id, stored.rev)) : null;
    if (stored.large && !bytes) return null;
    try {
      return {
        value: this.#options.parse(bytes ? JSON.parse(new TextDecoder().decode(bytes)) : stored.value),
      };
    } catch {
      return null;
    }
  }
}

function revisionOf(entries: Partition, { id, rev }: { readonly id: string; readonly rev: number }) {
  return entries.find((one) => one.id === id && one.rev === rev) ?? null;
}

function publicEntry<T>({ id, key, at, rev, tries, parked }: StoredEntry, value: T): QueueEntry<T> {
  return { id, key, at, rev, tries, parked: parked ?? null, value };
}

/** Written by hand: it runs at every start that finds waiting work, and a schema would cost 5 ms. */
function parsePartition(value: unknown): Partition {
  const record = value as { v?: unknown; entries?: unknown } | null;
  if (record?.v !== 1 || !Array.isArray(record.entries))
    throw new Error("not a queue partition of version 1");
  return record.entries.filter(isStoredEntry);
}

/**
 * Writing one entry stores its whole partition. Entries are immutable, so each is serialized once: with 6,000 waiting
 * entries, serializing them all took a third of the processor time.
 */
const printed = new WeakMap<StoredEntry, string>();
const printPartition = (entries: Partition) => `{"v":1,"entries":[${entries.map(printEntry).join(",")}]}`;

function printEntry(entry: StoredEntry): string {
  const known = printed.get(entry);
  if (known !== undefined) return known;
  const text = JSON.stringify(entry);
  printed.set(entry, text);
  return text;
}

function isStoredEntry(value: unknown): value is StoredEntry {
  const entry = value as Partial<Record<keyof StoredEntry, unknown>> | null;
  return (
    typeof entry?.id === "string" &&
    typeof entry.key === "string" &&
    typeof entry.at === "number" &&
    typeof entry.rev === "number" &&
    typeof entry.tries === "number"
  );
}
