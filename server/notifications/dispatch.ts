/**
 * Works off the outbox, on one node of the cluster: rates and order hold for the tenant as a whole. The node
 * holds a lock; when it dies, the lock expires and another node goes on from what the outbox says.
 */

import { MAX_RECIPIENTS } from "../graph/index.ts";
import type { Audience, Audiences, Told } from "./audience.ts";
import type { Delivery, Message, Recipient, Until } from "./delivery.ts";
import type { PostFacts } from "./facts.ts";
import type { Figures } from "./figures.ts";
import type { Members } from "./members.ts";
import { type Entry, type Outbox, TakenOver } from "./outbox.ts";
import { type Clock, PersonPace } from "./pace.ts";
import type { Log, NotificationsCluster } from "./ports.ts";
import { Summaries, type Summary } from "./summaries.ts";

/** The first decision is about few people, so that the first request leaves soon; the others about many. */
const FIRST_SLICE = 100;
const SLICE = 1000;
/** Beyond this many posts the oldest are dropped: nobody reads ten thousand old activities. */
export const MAX_ENTRIES = 10_000;
const RELIST_MS = 60_000;
/** After a fault that is not Microsoft's: the plugin API, the key-value store, or ours. */
const FAULT_REST_MS = 2_000;

export const LOCK = "notifications.outbox";
export const ADDED = "notifications.added";

export interface DispatchPorts {
  readonly outbox: Outbox;
  readonly audiences: Audiences;
  readonly members: Members;
  readonly delivery: Delivery;
  /** `null`: the post was deleted. */
  readonly postById: (postId: string) => Promise<PostFacts | null>;
  readonly words: (audience: Audience) => Promise<(told: Told) => Message>;
  readonly enabled: () => boolean;
  readonly expiryMs: () => number;
  readonly cluster: NotificationsCluster;
  readonly leaseMs: number;
  readonly figures: Figures;
  readonly log: Log;
  readonly clock: Clock;
}

interface Work {
  readonly entry: Entry;
  /** As the hook brought it, when it was this node's. */
  post: PostFacts | null;
  audience: Audience | null;
}

export class Dispatch {
  readonly #ports: DispatchPorts;
  readonly #queue = new Map<string, Work>();
  /** Entries whose last people wait for a summary. */
  readonly #held = new Map<string, Entry>();
  readonly #pace = new PersonPace();
  readonly #summaries = new Summaries();
  #leading = false;
  #news = new AbortController();
  #lastTold: number | null = null;

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Posts that wait, and since when the oldest does. Only the node that delivers knows. */
  get depth(): { posts: number; oldestAt: number | null } {
    let oldestAt: number | null = null;
    for (const { entry } of this.#queue.values()) oldestAt = Math.min(oldestAt ?? entry.at, entry.at);
    for (const entry of this.#held.values()) oldestAt = Math.min(oldestAt ?? entry.at, entry.at);
    return { posts: this.#queue.size + this.#held.size, oldestAt };
  }

  get lastToldAt(): number | null {
    return this.#lastTold;
  }

  /** An entry of this node. Other nodes learn of it only where they are to deliver it. */
  add(entry: Entry, post: PostFacts, audience: Audience | null): void {
    if (!this.#leading) return;
    this.#enqueue({ entry, post, audience });
  }

  /** Another node wrote an entry. */
  async added(key: string): Promise<void> {
    if (!this.#leading || this.#queue.has(key) || this.#held.has(key)) return;
    const entry = await this.#ports.outbox.read(key);
    if (entry) this.#enqueue({ entry, post: null, audience: null });
  }

  #enqueue(work: Work): void {
    if (this.#queue.has(work.entry.key)) return;
    this.#queue.set(work.entry.key, work);
    this.#news.abort();
  }

  /** Runs until the signal; waits for its turn to be the node that delivers, again and again. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, leaseMs, log, clock } = this.#ports;
    while (!signal.aborted) {
      try {
        const lease = await cluster.lock(LOCK, { leaseMs, signal });
        const mine = AbortSignal.any([signal, lease.signal]);
        this.#leading = true;
        try {
          await this.#lead(mine);
        } finally {
          this.#leading = false;
          this.#queue.clear();
          this.#held.clear();
          this.#summaries.clear();
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn("The notification outbox could not be worked on", { error: String(error) });
        await clock.sleep(FAULT_REST_MS, signal);
      }
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    let listedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const now = clock.now();
      if (now - listedAt >= RELIST_MS) {
        await this.#list();
        listedAt = now;
        this.#pace.sweep(now);
      }
      await this.#trim();
      const work = this.#oldest();
      if (work) await this.#safely(work, signal);
      await this.#summarise(signal);
      if (this.#queue.size > 0 || signal.aborted) continue;
      this.#news = new AbortController();
      const wakeAt = Math.min(listedAt + RELIST_MS, this.#summaries.nextAt() ?? Number.POSITIVE_INFINITY);
      await clock.sleep(Math.max(0, wakeAt - clock.now()), AbortSignal.any([signal, this.#news.signal]));
    }
  }

  async #list(): Promise<void> {
    for (const key of await this.#ports.outbox.keys()) await this.added(key);
  }

  #oldest(): Work | undefined {
    let oldest: Work | undefined;
    for (const work of this.#queue.values()) {
      if (!oldest || work.entry.key < oldest.entry.key) oldest = work;
    }
    return oldest;
  }

  async #trim(): Promise<void> {
    while (this.#queue.size > MAX_ENTRIES) {
      const oldest = this.#oldest();
      if (!oldest) return;
      await this.#drop(oldest.entry, "outbox_full");
    }
  }

  async #drop(entry: Entry, because: string): Promise<void> {
    this.#queue.delete(entry.key);
    this.#held.delete(entry.key);
    this.#ports.figures.dropped(because);
    await this.#ports.outbox.remove(entry);
  }

  /** A fault with one post must not hold up the others for ever: the entry's expiry ends it. */
  async #safely(work: Work, signal: AbortSignal): Promise<void> {
    try {
      if (this.#expired(work.entry)) await this.#drop(work.entry, "expired");
      else if (!this.#ports.enabled()) await this.#drop(work.entry, "switched_off");
      else await this.#tell(work, signal);
    } catch (error) {
      if (error instanceof TakenOver) {
        this.#queue.delete(work.entry.key);
        return;
      }
      this.#ports.log.warn("A notification has to wait", { error: String(error) });
      work.audience = null;
      await this.#ports.clock.sleep(FAULT_REST_MS, signal);
    }
  }

  #expired(entry: Entry): boolean {
    return this.#ports.clock.now() - entry.at >= this.#ports.expiryMs();
  }

  async #tell(work: Work, signal: AbortSignal): Promise<void> {
    const { audiences } = this.#ports;
    const { entry } = work;
    work.post ??= await this.#ports.postById(entry.postId);
    const post = work.post;
    work.audience ??= post && !post.deleted ? await audiences.of(post) : null;
    const { audience } = work;
    if (!audience) return this.#drop(entry, "post_gone");

    for (const userId of entry.held) this.#hold(userId, entry);
    const possible = audience.possible.filter((userId) => userId > entry.covered).sort();
    const words = possible.length > 0 ? await this.#ports.words(audience) : null;
    const until = { signal, deadline: entry.at + this.#ports.expiryMs() };
    for (let from = 0; words && from < possible.length; ) {
      const slice = possible.slice(from, from + (from === 0 ? FIRST_SLICE : SLICE));
      from += slice.length;
      const told = await audiences.decide(audience, slice, (because) => this.#notTold(because));
      const finished = await this.#tellSlice(entry, told, words, from >= possible.length, until);
      if (!finished) {
        if (!signal.aborted) await this.#drop(entry, "expired");
        return;
      }
      entry.covered = slice.at(-1) ?? entry.covered;
      entry.sent.clear();
    }
    await this.#finish(entry);
  }

  #notTold(because: string): void {
    this.#ports.figures.notTold(because);
  }

  /** `false`: interrupted, the entry stays as it is written. */
  async #tellSlice(
    entry: Entry,
    told: readonly Told[],
    words: (told: Told) => Message,
    isLast: boolean,
    until: Until,
  ): Promise<boolean> {
    const { delivery, clock, outbox } = this.#ports;
    const groups = new Map<string, { message: Message; recipients: Told[] }>();
    for (const one of told) {
      if (entry.sent.has(one.userId) || entry.held.has(one.userId)) continue;
      if (!delivery.reachable(one.userId)) this.#notTold("unreachable");
      else if (!this.#pace.allows(one.userId, clock.now())) this.#hold(one.userId, entry);
      else {
        const message = words(one);
        const key = JSON.stringify(message);
        const group = groups.get(key) ?? { message, recipients: [] };
        group.recipients.push(one);
        groups.set(key, group);
      }
    }
    const batches = [...groups.values()].flatMap(({ message, recipients }) =>
      chunks(recipients, MAX_RECIPIENTS).map((batch) => ({ message, batch })),
    );
    for (const [index, { message, batch }] of batches.entries()) {
      const outcome = await delivery.send(message, batch, until, async (settled) => {
        const now = clock.now();
        this.#lastTold = now;
        for (const one of settled) {
          entry.sent.add(one.userId);
          this.#pace.told(one.userId, now);
        }
        this.#ports.figures.toldAfter((now - entry.at) / 1000);
        // The very last one is written by removing the entry.
        const last = isLast && index === batches.length - 1 && settled.at(-1) === batch.at(-1);
        if (!last) await outbox.save(entry);
      });
      if (outcome === "stopped") return false;
    }
    return true;
  }

  #hold(userId: string, entry: Entry): void {
    const objectId = this.#ports.members.objectId(userId);
    if (objectId === null) return;
    entry.held.add(userId);
    this.#summaries.hold({ userId, objectId }, entry, this.#ports.clock.now());
  }

  async #finish(entry: Entry): Promise<void> {
    this.#queue.delete(entry.key);
    if (entry.held.size === 0) {
      await this.#ports.outbox.remove(entry);
      return;
    }
    entry.covered = "\uffff";
    entry.sent.clear();
    this.#held.set(entry.key, entry);
    await this.#ports.outbox.save(entry);
  }

  async #summarise(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    for (const [key, entry] of this.#held) {
      if (this.#expired(entry)) {
        for (const userId of entry.held) this.#summaries.settle(userId, [entry]);
        this.#held.delete(key);
        await this.#drop(entry, "expired");
      }
    }
    for (const summary of this.#summaries.due(clock.now())) {
      for (const batch of chunks(summary.recipients, MAX_RECIPIENTS)) {
        if (signal.aborted) return;
        await this.#sendSummary(summary, batch, signal);
      }
    }
  }

  async #sendSummary(summary: Summary, batch: readonly Recipient[], signal: AbortSignal): Promise<void> {
    const message: Message = {
      type: "summary",
      topic: "Mattermost",
      parameters: { count: String(summary.count) },
      chainId: summary.chainId,
      subPageId: `post_${summary.latestPostId}`,
    };
    const touched = new Set<Entry>();
    const until = { signal, deadline: Number.POSITIVE_INFINITY };
    await this.#ports.delivery.send(message, batch, until, async (settled) => {
      for (const { userId } of settled) {
        const entries = summary.entries.get(userId) ?? [];
        this.#summaries.settle(userId, entries);
        for (const entry of entries) {
          entry.held.delete(userId);
          touched.add(entry);
        }
      }
      for (const entry of touched) {
        if (entry.held.size > 0) await this.#ports.outbox.save(entry);
        else if (this.#held.delete(entry.key)) await this.#ports.outbox.remove(entry);
      }
    });
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
