/**
 * Delivers the queued posts on one node of the cluster, because limits and order apply to the whole tenant. The node
 * holds a lock; when it dies, the lock expires and another node continues from the queue's entries.
 *
 * The oldest post comes first, and each person gets activities in the order of the posts. A post to thousands takes
 * minutes within Microsoft's limits, so a younger one for few people is sent between two of its requests. People who
 * wait for both get the older one first, in a separate request.
 */

import { chunks } from "../../../platform/chunks.ts";
import type { Clock } from "../../../platform/work/pace.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { Members } from "../members/members.ts";
import type { ActivityMetrics } from "../metrics.ts";
import type { Log, NotificationsCluster } from "../ports.ts";
import type { Audience, Audiences, PostRecipient } from "../rules/audience.ts";
import type { PostFacts } from "../rules/facts.ts";
import type { Delivery, Message } from "./delivery.ts";
import { HeldBack } from "./held-back.ts";
import { type Entry, type Outbox, TakenOver } from "./outbox.ts";
import { type How, type Outcome, Sender } from "./sender.ts";
import { mayBeRepeated, type Plan, WaitingPosts, type Work } from "./waiting-posts.ts";

/** The first decision is about few people, so that the first request is sent soon; later ones are about many. */
const FIRST_SLICE = 100;
const SLICE = 1000;
/** A post with at most this many recipients may be sent between the requests of a larger one. */
const FEW = 100;
const RELIST_MS = 60_000;
/** Pause after a fault that is not Microsoft's: of the plugin API, the key-value store, or our own code. */
const FAULT_REST_MS = 2_000;

export const LOCK = "notifications.outbox";

export interface DispatchPorts {
  readonly outbox: Outbox;
  readonly audiences: Audiences;
  readonly members: Members;
  readonly delivery: Delivery;
  /** Resolves with `null` when the post was deleted. */
  readonly postById: (postId: string) => Promise<PostFacts | null>;
  readonly words: (audience: Audience) => Promise<(recipient: PostRecipient) => Message>;
  readonly enabled: () => boolean;
  readonly expiryMs: () => number;
  readonly cluster: NotificationsCluster;
  readonly leaseMs: number;
  readonly maxPosts: number;
  readonly metrics: ActivityMetrics;
  readonly log: Log;
  readonly clock: Clock;
}

export class Dispatch {
  readonly #ports: DispatchPorts;
  /** For waits. Entries have the time of the machine's clock. */
  readonly #steady: Clock;
  readonly #waiting: WaitingPosts;
  readonly #heldBack: HeldBack;
  readonly #sender: Sender;
  #leading = false;
  #leadingSince = 0;
  /** How often this node has got the lock. */
  #term = 0;
  #news = new AbortController();

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
    this.#steady = steady(ports.clock);
    this.#waiting = new WaitingPosts(ports.outbox, this.#steady.now);
    this.#heldBack = new HeldBack({
      ...ports,
      clock: this.#steady,
      isExpired: (entry) => this.#expired(entry),
      drop: (entry, because) => this.#drop(entry, because),
    });
    this.#sender = new Sender({ ...ports, waiting: this.#waiting, heldBack: this.#heldBack });
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Number of waiting posts, and the age of the oldest. Only the delivering node knows. */
  get depth(): { posts: number; oldestAt: number | null } {
    const entries = [...this.#waiting.all().map(({ entry }) => entry), ...this.#heldBack.entries.values()];
    const oldestAt = entries.reduce<number | null>((oldest, { at }) => Math.min(oldest ?? at, at), null);
    return { posts: entries.length, oldestAt };
  }

  get lastDeliveredAt(): number | null {
    return this.#sender.lastDeliveredAt;
  }

  /** Adds an entry of this node. Only the delivering node keeps it; the others are notified of new entries. */
  add(entry: Entry, post: PostFacts | null, audience: Audience | null): void {
    if (!this.#leading) return;
    this.#enqueue(entry, post, audience);
  }

  /** Called when another node wrote an entry. */
  async added(key: string): Promise<void> {
    if (!this.#leading || this.#isKnown(key)) return;
    const term = this.#term;
    const entry = await this.#ports.outbox.read(key);
    // Another node may have delivered it meanwhile.
    if (entry && this.#leading && term === this.#term) this.#enqueue(entry, null, null);
  }

  #isKnown(key: string): boolean {
    return this.#waiting.has(key) || this.#heldBack.entries.has(key);
  }

  #enqueue(entry: Entry, post: PostFacts | null, audience: Audience | null): void {
    if (!this.#waiting.add(entry, post, audience)) return;
    this.#news.abort();
    // While a request waits for Microsoft, nothing else keeps the limit.
    this.#trim().catch((error: unknown) => {
      this.#ports.log.warn("A notification could not be dropped", { error: String(error) });
    });
  }

  /** Runs until the signal is aborted; whenever this node gets the lock, it delivers. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, leaseMs, log, clock } = this.#ports;
    while (!signal.aborted) {
      try {
        const lease = await cluster.lock(LOCK, { leaseMs, signal });
        const mine = AbortSignal.any([signal, lease.signal]);
        this.#leading = true;
        this.#leadingSince = clock.now();
        this.#term += 1;
        try {
          await this.#lead(mine);
        } finally {
          this.#leading = false;
          this.#waiting.clear();
          this.#heldBack.clear();
          this.#sender.clear();
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn("The notification outbox could not be processed", { error: String(error) });
        await clock.sleep(FAULT_REST_MS, signal);
      }
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const clock = this.#steady;
    let listedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const now = clock.now();
      if (now - listedAt >= RELIST_MS) {
        await this.#list();
        listedAt = now;
        this.#sender.sweep();
      }
      await this.#trim();
      const work = this.#waiting.oldest();
      if (work) await this.#safely(work, signal, () => this.#step(work, signal));
      if (work && this.#waiting.has(work.entry.key)) await this.#between(work, signal);
      await this.#heldBack.sendDue(signal);
      if (this.#waiting.oldest() || signal.aborted) continue;
      this.#news = new AbortController();
      const rests = this.#waiting.all().map((work) => work.notBefore);
      const wakeAt = Math.min(listedAt + RELIST_MS, this.#heldBack.nextAt(), ...rests);
      await clock.sleep(Math.max(0, wakeAt - clock.now()), AbortSignal.any([signal, this.#news.signal]));
    }
  }

  async #list(): Promise<void> {
    for (const entry of await this.#ports.outbox.all()) {
      if (this.#leading && !this.#isKnown(entry.key)) this.#enqueue(entry, null, null);
    }
  }

  async #trim(): Promise<void> {
    await this.#waiting.trim(this.#ports.maxPosts, (entry) => this.#drop(entry, "outbox_full"));
  }

  async #drop(entry: Entry, because: string): Promise<void> {
    this.#ports.metrics.dropped(because);
    await this.#waiting.remove(entry);
    this.#heldBack.forget(entry);
  }

  /** A fault with one post must not block the others for ever: the entry's expiry ends it. */
  async #safely(work: Work, signal: AbortSignal, step: () => Promise<void>): Promise<void> {
    work.isBusy = true;
    try {
      if (this.#expired(work.entry)) await this.#drop(work.entry, "expired");
      else if (!this.#ports.enabled()) await this.#drop(work.entry, "switched_off");
      else await step();
    } catch (error) {
      if (error instanceof TakenOver) {
        this.#waiting.forget(work.entry);
        return;
      }
      this.#ports.log.warn("A notification has to wait", { error: String(error) });
      work.audience = null;
      work.plan = null;
      await this.#ports.clock.sleep(FAULT_REST_MS, signal);
    } finally {
      work.isBusy = false;
    }
  }

  #expired(entry: Entry): boolean {
    return this.#ports.clock.now() - entry.at >= this.#ports.expiryMs();
  }

  /** Handles the next people of a post, up to all of them. */
  async #step(work: Work, signal: AbortSignal): Promise<void> {
    const { entry } = work;
    const plan = await this.#plan(work);
    if (!plan) return this.#drop(entry, "post_gone");
    if (entry.pushedTo && mayBeRepeated(entry, plan, this.#leadingSince))
      return this.#drop(entry, "pushed_late");
    if (plan.from < plan.possible.length) {
      // Other posts wait: take small steps, so that they get their turn.
      const size = plan.from === 0 || this.#waiting.size > 1 ? FIRST_SLICE : SLICE;
      const slice = plan.possible.slice(plan.from, plan.from + size);
      const isLast = plan.from + slice.length >= plan.possible.length;
      const alone = this.#waiting.size === 1;
      const makeWay = () => alone && this.#waiting.size > 1;
      // People who received the activity are in `sent`; the others of the slice are checked again.
      if ((await this.#send(work, plan, slice, { isLast, signal, makeWay })) !== "done") return;
      plan.from += slice.length;
      entry.covered = slice.at(-1) ?? entry.covered;
      for (const userId of entry.sent) if (userId <= entry.covered) entry.sent.delete(userId);
    }
    if (plan.from >= plan.possible.length) await this.#finish(entry);
  }

  /** Returns `null` when the post or its channel no longer exists. */
  async #plan(work: Work): Promise<Plan | null> {
    if (work.plan) return work.plan;
    const { audiences, postById, words } = this.#ports;
    const { entry } = work;
    work.post ??= await postById(entry.postId);
    const { post } = work;
    work.audience ??= post && !post.deleted ? await audiences.of(post) : null;
    const { audience } = work;
    if (!audience) return null;
    for (const userId of entry.held) this.#sender.hold(userId, entry);
    const concerned = entry.pushedTo ? [...entry.pushedTo] : audience.possible;
    const possible = concerned.filter((userId) => userId > entry.covered).sort();
    work.plan = { audience, possible, from: 0, words: await words(audience) };
    return work.plan;
  }

  /** After a step of a large post: sends the oldest post for few people, if there is one. */
  async #between(large: Work, signal: AbortSignal): Promise<void> {
    const older = [large];
    for (const work of this.#waiting.youngerThan(large)) {
      let few = false;
      await this.#safely(work, signal, async () => {
        const plan = await this.#plan(work);
        few = plan === null || plan.possible.length <= FEW;
        if (few && plan) await this.#catchUp(older, plan.possible, signal);
        if (few) await this.#step(work, signal);
      });
      if (few || signal.aborted) return;
      older.push(work);
    }
  }

  /** Sends these people their older posts first. */
  async #catchUp(older: readonly Work[], people: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = new Set(people);
    for (const work of older) {
      const { plan, entry } = work;
      if (!plan) continue;
      const waiting = plan.possible.slice(plan.from).filter((id) => wanted.has(id) && !entry.sent.has(id));
      for (const some of chunks(waiting, FEW)) {
        if ((await this.#send(work, plan, some, { isLast: false, signal })) !== "done") return;
      }
    }
  }

  async #send(work: Work, plan: Plan, people: readonly string[], how: How): Promise<Outcome> {
    const outcome = await this.#sender.send(work, plan, people, how);
    if (outcome === "stopped" && !how.signal.aborted) await this.#drop(work.entry, "expired");
    return outcome;
  }

  async #finish(entry: Entry): Promise<void> {
    if (entry.held.size === 0) return this.#waiting.remove(entry);
    await this.#waiting.release(entry);
    await this.#heldBack.keep(entry);
  }
}
