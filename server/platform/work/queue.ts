/**
 * A durable queue that one node of the cluster works at a time. queue-records.ts stores its records; queue-lanes.ts
 * keeps the order of the entries that wait on the working node.
 *
 *   add ─▶ records ─▶ (the node with the lease) ─▶ handle ─▶ done | retry | drop
 *
 * Entries of one key are handled in order, one at a time; different keys run concurrently. A failed entry is retried
 * after a growing wait, and later entries of its key wait behind it. After `maxTries` it is parked, so that one
 * poisoned entry never blocks its key for ever. An entry that is too old is dropped as `expired`.
 *
 * A handler may run twice for one entry: when its node dies between the work and the removal. Make it idempotent, or
 * store progress with `save` before each step that must not be repeated.
 */

import type { Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import type { Clock } from "./clock.ts";
import { type Lane, type Place, QueueLanes } from "./queue-lanes.ts";
import { type AddResult, type NewEntry, type QueueEntry, QueueRecords, TakenOver } from "./queue-records.ts";
import { countIn, type KeyState, type QueueState } from "./queue-state.ts";
import { steady } from "./steady.ts";

export type { Place } from "./queue-lanes.ts";
export { type AddResult, type QueueEntry, TakenOver } from "./queue-records.ts";
export type { KeyState, QueueState } from "./queue-state.ts";

export type Outcome =
  | { readonly kind: "done" }
  /** `because` is a code for logs and metrics. Without `afterMs` the wait doubles from 1 s up to 5 minutes. */
  | { readonly kind: "retry"; readonly because: string; readonly afterMs?: number; readonly counts?: false }
  | { readonly kind: "drop"; readonly because: string };

export interface QueueWork<T> {
  readonly entry: QueueEntry<T>;
  /** Aborted when this node must stop: at shutdown, or when the lease is lost. */
  readonly signal: AbortSignal;
  /** Stores progress, so that the next attempt continues from there. Throws TakenOver. */
  save(value: T): Promise<void>;
}

export interface QueueOptions<T> {
  /** Short and unique: part of the keys and of the lease. */
  readonly name: string;
  parse(value: unknown): T;
  handle(work: QueueWork<T>): Promise<Outcome>;
  readonly expiryMs: () => number;
  /** Limit of waiting entries; beyond it, `add` returns "full". */
  readonly maxEntries: number;
  /** Number of keys handled at the same time. */
  readonly concurrency: number;
  /** Number of failed attempts before an entry is parked; infinite: it is retried until it expires. */
  readonly maxTries: number;
  readonly partitions?: number;
  /** Entries of one key are handled in this order. Default: as they were added. */
  placeOf?(entry: QueueEntry<T>): Place;
  /** Called when an entry waits on this node, which works the queue. */
  onWaiting?(id: string): void;
  /** Called when an entry has left the queue without being done. */
  onDropped?(because: string): void;
  onParked?(because: string): void;
}

export interface QueuePorts {
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly log: Pick<Logger, "warn">;
  readonly clock: Clock;
  /** How long a dead node blocks the queue. */
  readonly leaseMs?: number;
}

const DEFAULT_LEASE_MS = 15_000;
/** Cluster events can get lost, so the working node reads all partitions at this interval. */
const REREAD_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const FAULT_WAIT_MS = 2_000;
const ANNOUNCE_MS = 20;
/** The records outlive the last entry's expiry by this time. */
const GRACE_SECONDS = 3_600;
/** How long parked entries wait for an admin's retry. */
const PARKED_MS = 7 * 24 * 3_600_000;

export class Queue<T> {
  readonly #options: QueueOptions<T>;
  readonly #ports: QueuePorts;
  /** For waits. Entries have the time of the machine's clock. */
  readonly #steady: Clock;
  readonly #records: QueueRecords<T>;
  readonly #lanes: QueueLanes<T>;
  readonly #announced = new Set<number>();
  readonly #event: string;
  #news = new AbortController();
  #working = false;
  #busy = 0;

  constructor(options: QueueOptions<T>, ports: QueuePorts) {
    this.#options = options;
    this.#ports = ports;
    this.#steady = steady(ports.clock);
    this.#event = `queue.${options.name}`;
    this.#lanes = new QueueLanes<T>(options.placeOf);
    this.#records = new QueueRecords<T>(ports.kv, {
      name: options.name,
      parse: options.parse,
      maxEntries: options.maxEntries,
      expireInSeconds: () => Math.ceil(Math.max(options.expiryMs(), PARKED_MS) / 1000) + GRACE_SECONDS,
      onUnreadable: () => options.onDropped?.("unreadable"),
      ...(options.partitions === undefined ? {} : { partitions: options.partitions }),
    });
  }

  get state(): QueueState {
    return { working: this.#working, ...this.#lanes.state };
  }

  /** Reads the state of each key with entries from the store, so that every node can report it. */
  async byKey(): Promise<ReadonlyMap<string, KeyState>> {
    const states = new Map<string, KeyState>();
    for (let partition = 0; partition < this.#records.partitions; partition += 1)
      for (const entry of await this.#records.keys(partition)) countIn(states, entry);
    return states;
  }

  /** Resolves when the entry is stored. If it rejects, the caller must not acknowledge the work. */
  async add(entry: NewEntry<T>): Promise<AddResult> {
    const { result, before } = await this.#records.add(entry);
    if (result !== "added") return result;
    if (!this.#working) this.#announce(this.#records.partitionOf(entry.key));
    else if (before.every((id) => this.#lanes.knows(id)))
      this.#enqueue({ ...entry, rev: 0, tries: 0, parked: null });
    // Another node's earlier entry of this key may still be in transit: read the store to keep the order.
    else await this.#refresh(this.#records.partitionOf(entry.key));
    return result;
  }

  /** True when an entry that goes before the one in progress is waiting. It is next if the handler returns *retry*. */
  readonly isOvertaken = (key: string): boolean => this.#lanes.isOvertaken(key);

  /** Works the queue until the signal is aborted, whenever this node has the lease. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, leaseMs = DEFAULT_LEASE_MS } = this.#ports;
    const end = cluster.on(this.#event, (data) => this.#refresh(Number(new TextDecoder().decode(data))));
    while (!signal.aborted) {
      try {
        const lease = await cluster.lock(this.#event, { leaseMs, signal });
        try {
          await this.#work(AbortSignal.any([signal, lease.signal]));
        } finally {
          this.#working = false;
          this.#lanes.clear();
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) break;
        this.#warn("A queue could not be worked on", error);
        await this.#steady.sleep(FAULT_WAIT_MS, signal);
      }
    }
    end();
  }

  /** Retries all waiting entries at once, because something outside was repaired. Works only on the working node. */
  wake(): void {
    this.#lanes.makeAllDue();
    this.#news.abort();
  }

  /** Puts parked entries back into the queue and resets their tries. Works only on the working node. */
  async retryParked(): Promise<number> {
    let count = 0;
    for (const entry of this.#lanes.parked()) {
      const waiting = await this.#records.save(entry, { parked: null, tries: 0 });
      this.#lanes.unpark(entry);
      this.#enqueue(waiting);
      count += 1;
    }
    return count;
  }

  /** Sends one event for all entries added at the same time: a burst of two thousand is not two thousand events. */
  #announce(partition: number): void {
    if (this.#announced.has(partition)) return;
    this.#announced.add(partition);
    setTimeout(() => {
      this.#announced.delete(partition);
      this.#ports.cluster.publish(this.#event, String(partition)).catch((error: unknown) => {
        this.#warn("The working node could not be notified", error);
      });
    }, ANNOUNCE_MS);
  }

  #warn(message: string, error: unknown): void {
    this.#ports.log.warn(message, { queue: this.#options.name, error: String(error) });
  }

  async #work(signal: AbortSignal): Promise<void> {
    const clock = this.#steady;
    let readAt = Number.NEGATIVE_INFINITY;
    this.#working = true;
    while (!signal.aborted) {
      this.#news = new AbortController();
      if (clock.now() - readAt >= REREAD_MS) {
        for (let partition = 0; partition < this.#records.partitions; partition += 1)
          await this.#refresh(partition);
        readAt = clock.now();
      }
      this.#startDue(signal);
      const wakeAt = Math.min(readAt + REREAD_MS, this.#nextDue());
      await clock.sleep(Math.max(0, wakeAt - clock.now()), AbortSignal.any([signal, this.#news.signal]));
    }
    // Wait for the handlers, which see the signal: no other node may get an entry that one of them still processes.
    while (this.#busy > 0) await Bun.sleep(1);
  }

  async #refresh(partition: number): Promise<void> {
    if (!this.#working || !(partition >= 0 && partition < this.#records.partitions)) return;
    const entries = await this.#lanes.leftOf(() => this.#records.read(partition));
    for (const entry of entries) this.#enqueue(entry);
  }

  #enqueue(entry: QueueEntry<T>): void {
    if (!this.#lanes.put(entry)) return;
    this.#options.onWaiting?.(entry.id);
    this.#news.abort();
  }

  #nextDue(): number {
    return this.#busy < this.#options.concurrency ? this.#lanes.nextDue() : Number.POSITIVE_INFINITY;
  }

  #startDue(signal: AbortSignal): void {
    for (const lane of this.#lanes.due(this.#steady.now())) {
      if (this.#busy >= this.#options.concurrency) return;
      lane.busy = true;
      this.#busy += 1;
      void this.#handleFirst(lane, signal).finally(() => {
        this.#lanes.rest(lane);
        this.#busy -= 1;
        this.#news.abort();
      });
    }
  }

  async #handleFirst(lane: Lane<T>, signal: AbortSignal): Promise<void> {
    const first = lane.entries[0];
    if (!first) return;
    try {
      if (lane.settled) return await this.#leave(lane, lane.settled.because);
      if (this.#ports.clock.now() - first.at >= this.#options.expiryMs())
        return await this.#leave(lane, "expired");
      const outcome = await this.#attempt(lane, first, signal);
      if (outcome.kind === "done") await this.#leave(lane, null);
      else if (outcome.kind === "drop") await this.#leave(lane, outcome.because);
      else if (!signal.aborted) await this.#retry(lane, outcome);
    } catch (error) {
      if (error instanceof TakenOver) {
        this.#lanes.forgetFirst(lane);
        return;
      }
      this.#warn("A queue entry could not be settled", error);
      lane.due = this.#steady.now() + FAULT_WAIT_MS;
    }
  }

  async #attempt(lane: Lane<T>, entry: QueueEntry<T>, signal: AbortSignal): Promise<Outcome> {
    let current = entry;
    const save = async (value: T) => {
      current = await this.#records.save(current, { value });
      lane.entries[0] = current;
    };
    try {
      return await this.#options.handle({ entry, signal, save });
    } catch (error) {
      if (error instanceof TakenOver) throw error;
      if (!signal.aborted) this.#warn("A queue entry failed", error);
      return { kind: "retry", because: "failed" };
    }
  }

  async #retry(lane: Lane<T>, { because, afterMs, counts }: Outcome & { kind: "retry" }): Promise<void> {
    const entry = lane.entries[0] as QueueEntry<T>;
    const tries = counts === false ? entry.tries : entry.tries + 1;
    if (tries >= this.#options.maxTries) {
      const parked = await this.#records.save(entry, { tries, parked: because });
      this.#lanes.park(lane, parked);
      this.#options.onParked?.(because);
      return;
    }
    if (tries !== entry.tries) lane.entries[0] = await this.#records.save(entry, { tries });
    const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, tries - 1));
    lane.due = this.#steady.now() + (afterMs ?? Math.ceil(grown * (0.5 + this.#steady.random() / 2)));
  }

  async #leave(lane: Lane<T>, because: string | null): Promise<void> {
    lane.settled = { because };
    await this.#records.remove(lane.entries[0] as QueueEntry<T>);
    this.#lanes.forgetFirst(lane);
    if (because !== null) this.#options.onDropped?.(because);
  }
}
