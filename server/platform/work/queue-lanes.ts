/**
 * The entries that wait in memory on the node that works a queue. Each key has a lane: its entries in order, of which
 * only the first is processed. This module does not touch the store.
 */

import type { QueueEntry } from "./queue-records.ts";

/** The position of an entry in its lane. */
export interface Place {
  /** Entries that concern the same thing keep the order in which they were added. */
  readonly of: string;
  /** Of entries that concern different things, the one with the smaller rank goes first. */
  readonly rank: number;
}

export interface Lane<T> {
  readonly key: string;
  readonly entries: QueueEntry<T>[];
  busy: boolean;
  /** The first entry is not tried before this time of the steady clock. */
  due: number;
  /**
   * Set when the first entry is settled but the store failed to remove it. `because` is null when it was done, else
   * why it was dropped.
   */
  settled: { readonly because: string | null } | null;
}

export class QueueLanes<T> {
  readonly #placeOf: (entry: QueueEntry<T>) => Place;
  /** By entry id. */
  readonly #places = new Map<string, Place>();
  readonly #lanes = new Map<string, Lane<T>>();
  /** Ids of all entries that this node has seen and not settled. */
  readonly #known = new Set<string>();
  readonly #parked = new Map<string, QueueEntry<T>>();
  /** For each read in progress, the ids that left the queue during it. */
  readonly #reads = new Set<Set<string>>();

  /** Default: the order of adding. */
  constructor(placeOf: (entry: QueueEntry<T>) => Place = () => ({ of: "", rank: 0 })) {
    this.#placeOf = placeOf;
  }

  get state(): { readonly waiting: number; readonly oldestAt: number | null; readonly parked: number } {
    let oldestAt: number | null = null;
    let waiting = 0;
    for (const { entries } of this.#lanes.values()) {
      waiting += entries.length;
      for (const { at } of entries) oldestAt = Math.min(oldestAt ?? at, at);
    }
    return { waiting, oldestAt, parked: this.#parked.size };
  }

  knows(id: string): boolean {
    return this.#known.has(id);
  }

  /** Returns true when the entry now waits in a lane: it is new and not parked. */
  put(entry: QueueEntry<T>): boolean {
    if (this.#known.has(entry.id)) return false;
    this.#known.add(entry.id);
    if (entry.parked !== null) {
      this.#parked.set(entry.id, entry);
      return false;
    }
    const { key } = entry;
    const lane = this.#lanes.get(key) ?? { key, entries: [], busy: false, due: 0, settled: null };
    this.#insert(lane, entry);
    this.#lanes.set(key, lane);
    return true;
  }

  /** Runs a read of the store, and leaves out entries that were settled during it. */
  async leftOf(read: () => Promise<readonly QueueEntry<T>[]>): Promise<readonly QueueEntry<T>[]> {
    const settled = new Set<string>();
    this.#reads.add(settled);
    try {
      return (await read()).filter(({ id }) => !settled.has(id));
    } finally {
      this.#reads.delete(settled);
    }
  }

  /** The lanes whose first entry may be tried now. */
  *due(now: number): Iterable<Lane<T>> {
    for (const lane of this.#lanes.values()) if (!lane.busy && lane.due <= now) yield lane;
  }

  /** When the next lane is due, by the steady clock; infinite when none waits. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { busy, due } of this.#lanes.values()) if (!busy) next = Math.min(next, due);
    return next;
  }

  makeAllDue(): void {
    for (const lane of this.#lanes.values()) lane.due = 0;
  }

  /** True when an entry that goes before the first one of the key arrived while the first was in progress. */
  isOvertaken(key: string): boolean {
    const [first, second] = this.#lanes.get(key)?.entries ?? [];
    return first !== undefined && second !== undefined && this.#rank(second) < this.#rank(first);
  }

  /** Called when the attempt at the first entry has ended. */
  rest(lane: Lane<T>): void {
    lane.busy = false;
    if (!lane.settled && this.isOvertaken(lane.key)) this.#stepBack(lane);
    if (lane.entries.length === 0 && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
  }

  /** Removes the first entry: it is no longer in the queue, or no longer this node's. */
  forgetFirst(lane: Lane<T>): void {
    const entry = lane.entries.shift();
    lane.settled = null;
    lane.due = 0;
    if (!entry) return;
    this.#known.delete(entry.id);
    this.#places.delete(entry.id);
    for (const settled of this.#reads) settled.add(entry.id);
  }

  /** Sets the first entry aside, so that it does not block its key. */
  park(lane: Lane<T>, parked: QueueEntry<T>): void {
    lane.entries.shift();
    lane.due = 0;
    this.#places.delete(parked.id);
    this.#parked.set(parked.id, parked);
  }

  parked(): readonly QueueEntry<T>[] {
    return [...this.#parked.values()];
  }

  unpark({ id }: QueueEntry<T>): void {
    this.#parked.delete(id);
    this.#known.delete(id);
  }

  clear(): void {
    this.#lanes.clear();
    this.#known.clear();
    this.#places.clear();
    this.#parked.clear();
  }

  readonly #rank = ({ id }: QueueEntry<T>): number => this.#places.get(id)?.rank ?? 0;

  /** Searches from the end, because nearly all entries arrive in order. An entry in progress stays the first. */
  #insert({ busy, entries, settled }: Lane<T>, entry: QueueEntry<T>): void {
    const { of, rank: own } = this.#placeOf(entry);
    let rank = own;
    const behind = (other: QueueEntry<T> | undefined) => {
      if (!other || this.#places.get(other.id)?.of !== of) return false;
      rank = Math.max(rank, this.#rank(other));
      return true;
    };
    for (let at = entries.length - 1; at >= 0; at -= 1) {
      const other = entries[at] as QueueEntry<T>;
      if (this.#rank(other) <= own || behind(other)) break;
    }
    behind(entries[0]);
    const first = busy || settled ? 1 : 0;
    let index = entries.length;
    while (index > first && this.#rank(entries[index - 1] as QueueEntry<T>) > rank) index -= 1;
    this.#places.set(entry.id, { of, rank });
    entries.splice(index, 0, entry);
  }

  /** Moves the first entry behind those that arrived meanwhile and go before it. */
  #stepBack({ entries }: Lane<T>): void {
    const first = entries.shift() as QueueEntry<T>;
    const index = entries.findIndex((other) => this.#rank(other) >= this.#rank(first));
    entries.splice(index < 0 ? entries.length : index, 0, first);
  }
}
