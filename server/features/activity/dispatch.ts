/**
 * Works off the outbox, on one node of the cluster: rates and order hold for the tenant as a whole. The node
 * holds a lock; when it dies, the lock expires and another node goes on from what the outbox says.
 *
 * Oldest post first, each person's activities in the order of the posts. A post to thousands takes minutes at
 * Microsoft's pace, so between two of its requests a younger one for few people gets its turn; who is waiting
 * for both is told of the older one first, by a request of their own.
 */

import { MAX_RECIPIENTS } from "../../microsoft/graph/index.ts";
import { type Clock, PersonPace } from "../../platform/work/pace.ts";
import type { Audience, Audiences, Told } from "./audience.ts";
import type { Delivery, Message, Recipient, Until } from "./delivery.ts";
import type { PostFacts } from "./facts.ts";
import type { Figures } from "./figures.ts";
import type { Members } from "./members.ts";
import { type Entry, type Outbox, TakenOver } from "./outbox.ts";
import type { Log, NotificationsCluster } from "./ports.ts";
import { Summaries, type Summary } from "./summaries.ts";
import { ToldPeople } from "./told.ts";

/** The first decision is about few people, so that the first request leaves soon; the others about many. */
const FIRST_SLICE = 100;
const SLICE = 1000;
/** Posts that concern no more people than this may go between the requests of a larger one. */
const FEW = 100;
const RELIST_MS = 60_000;
/** The server calls its hook person by person: those of one post share a request. */
const GATHER_HEARD_MS = 100;
/** The server decides within moments of the post; what comes later is a repetition, or its queue is very long. */
const HEARD_LATE_MS = 2 * 60_000;
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
  readonly maxPosts: number;
  readonly figures: Figures;
  readonly log: Log;
  readonly clock: Clock;
}

interface Work {
  readonly entry: Entry;
  /** As the hook brought it, when it was this node's. */
  post: PostFacts | null;
  audience: Audience | null;
  plan: Plan | null;
  /** Rests until then. */
  readonly notBefore: number;
  /** Further records of people the server decided to push to, about the same post. */
  readonly also: Entry[];
}

interface How {
  /** These are the last people of the post. */
  readonly isLast: boolean;
  readonly signal: AbortSignal;
  /** Asked between two requests: whether to leave the rest for later. */
  readonly makeWay?: () => boolean;
}

/** `stopped`: this node has to let go, or the post is too old. */
type Outcome = "done" | "interrupted" | "stopped";

/** What is left to do of one post. */
interface Plan {
  readonly audience: Audience;
  /** Whom it can concern, in the order of their ids; `from` on, nobody has been looked at. */
  readonly possible: readonly string[];
  from: number;
  readonly words: (told: Told) => Message;
}

export class Dispatch {
  readonly #ports: DispatchPorts;
  readonly #queue = new Map<string, Work>();
  /** Entries whose last people wait for a summary. */
  readonly #held = new Map<string, Entry>();
  readonly #pace = new PersonPace();
  readonly #summaries = new Summaries();
  readonly #told = new ToldPeople();
  #leading = false;
  #leadingSince = 0;
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
  add(entry: Entry, post: PostFacts | null, audience: Audience | null): void {
    if (!this.#leading) return;
    this.#enqueue(entry, post, audience);
  }

  /** Another node wrote an entry. */
  async added(key: string): Promise<void> {
    if (!this.#leading || this.#isKnown(key)) return;
    const entry = await this.#ports.outbox.read(key);
    if (entry) this.#enqueue(entry, null, null);
  }

  #isKnown(key: string): boolean {
    return this.#queue.has(key) || this.#held.has(key);
  }

  #enqueue(entry: Entry, post: PostFacts | null, audience: Audience | null): void {
    if (this.#queue.has(entry.key)) return;
    for (const { entry: first, also, plan } of this.#queue.values()) {
      if (!entry.heard || !first.heard || plan || first.postId !== entry.postId) continue;
      if (also.some((one) => one.key === entry.key)) return;
      for (const userId of entry.heard) first.heard.add(userId);
      also.push(entry);
      return;
    }
    const notBefore = entry.heard ? this.#ports.clock.now() + GATHER_HEARD_MS : 0;
    this.#queue.set(entry.key, { entry, post, audience, plan: null, notBefore, also: [] });
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
        this.#leadingSince = clock.now();
        try {
          await this.#lead(mine);
        } finally {
          this.#leading = false;
          this.#queue.clear();
          this.#held.clear();
          this.#summaries.clear();
          this.#told.clear();
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
      if (work) await this.#safely(work, signal, () => this.#step(work, signal));
      if (work && this.#queue.has(work.entry.key)) await this.#between(work, signal);
      await this.#summarise(signal);
      if (this.#oldest() || signal.aborted) continue;
      this.#news = new AbortController();
      const rests = [...this.#queue.values()].map((work) => work.notBefore);
      const summaryAt = this.#summaries.nextAt() ?? Number.POSITIVE_INFINITY;
      const wakeAt = Math.min(listedAt + RELIST_MS, summaryAt, ...rests);
      await clock.sleep(Math.max(0, wakeAt - clock.now()), AbortSignal.any([signal, this.#news.signal]));
    }
  }

  async #list(): Promise<void> {
    for (const entry of await this.#ports.outbox.all()) {
      if (this.#leading && !this.#isKnown(entry.key)) this.#enqueue(entry, null, null);
    }
  }

  #oldest(): Work | undefined {
    const now = this.#ports.clock.now();
    let oldest: Work | undefined;
    for (const work of this.#queue.values()) {
      if (work.notBefore > now) continue;
      if (!oldest || work.entry.key < oldest.entry.key) oldest = work;
    }
    return oldest;
  }

  async #trim(): Promise<void> {
    while (this.#queue.size > this.#ports.maxPosts) {
      const oldest = this.#oldest();
      if (!oldest) return;
      await this.#drop(oldest.entry, "outbox_full");
    }
  }

  async #drop(entry: Entry, because: string): Promise<void> {
    this.#ports.figures.dropped(because);
    await this.#remove(entry);
    this.#held.delete(entry.key);
  }

  async #remove(entry: Entry): Promise<void> {
    const also = this.#queue.get(entry.key)?.also ?? [];
    this.#queue.delete(entry.key);
    for (const one of [...also, entry]) await this.#ports.outbox.remove(one);
  }

  /** A fault with one post must not hold up the others for ever: the entry's expiry ends it. */
  async #safely(work: Work, signal: AbortSignal, step: () => Promise<void>): Promise<void> {
    try {
      if (this.#expired(work.entry)) await this.#drop(work.entry, "expired");
      else if (!this.#ports.enabled()) await this.#drop(work.entry, "switched_off");
      else await step();
    } catch (error) {
      if (error instanceof TakenOver) {
        this.#queue.delete(work.entry.key);
        return;
      }
      this.#ports.log.warn("A notification has to wait", { error: String(error) });
      work.audience = null;
      work.plan = null;
      await this.#ports.clock.sleep(FAULT_REST_MS, signal);
    }
  }

  #expired(entry: Entry): boolean {
    return this.#ports.clock.now() - entry.at >= this.#ports.expiryMs();
  }

  /** The next few people of a post, up to all of them. */
  async #step(work: Work, signal: AbortSignal): Promise<void> {
    const { entry } = work;
    const plan = await this.#plan(work);
    if (!plan) return this.#drop(entry, "post_gone");
    if (entry.heard && this.#mayBeRepeated(entry, plan)) return this.#drop(entry, "heard_late");
    if (plan.from < plan.possible.length) {
      // Others wait: short steps, so that they get their turn.
      const size = plan.from === 0 || this.#queue.size > 1 ? FIRST_SLICE : SLICE;
      const slice = plan.possible.slice(plan.from, plan.from + size);
      const isLast = plan.from + slice.length >= plan.possible.length;
      const alone = this.#queue.size === 1;
      const makeWay = () => alone && this.#queue.size > 1;
      // Whoever was told is in `sent`; the others of the slice are looked at again.
      if ((await this.#tell(work, plan, slice, { isLast, signal, makeWay })) !== "done") return;
      plan.from += slice.length;
      entry.covered = slice.at(-1) ?? entry.covered;
      for (const userId of entry.sent) if (userId <= entry.covered) entry.sent.delete(userId);
    }
    if (plan.from >= plan.possible.length) await this.#finish(entry);
  }

  /** `null`: the post or its channel is gone. */
  async #plan(work: Work): Promise<Plan | null> {
    if (work.plan) return work.plan;
    const { audiences, postById, words } = this.#ports;
    const { entry } = work;
    work.post ??= await postById(entry.postId);
    const { post } = work;
    work.audience ??= post && !post.deleted ? await audiences.of(post) : null;
    const { audience } = work;
    if (!audience) return null;
    for (const userId of entry.held) this.#hold(userId, entry);
    const concerned = entry.heard ? [...entry.heard] : audience.possible;
    const possible = concerned.filter((userId) => userId > entry.covered).sort();
    work.plan = { audience, possible, from: 0, words: await words(audience) };
    return work.plan;
  }

  /** After a step of a large post: the oldest one for few people, if there is one. */
  async #between(large: Work, signal: AbortSignal): Promise<void> {
    const younger = [...this.#queue.values()]
      .filter((work) => work !== large && work.entry.key > large.entry.key)
      .filter((work) => work.notBefore <= this.#ports.clock.now())
      .sort((a, b) => (a.entry.key < b.entry.key ? -1 : 1));
    const older = [large];
    for (const work of younger) {
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

  /** Tells these people of older posts first, as far as those concern them and have not reached them. */
  async #catchUp(older: readonly Work[], people: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = new Set(people);
    for (const work of older) {
      const { plan, entry } = work;
      if (!plan) continue;
      const waiting = plan.possible.slice(plan.from).filter((id) => wanted.has(id) && !entry.sent.has(id));
      for (const some of chunks(waiting, FEW)) {
        if ((await this.#tell(work, plan, some, { isLast: false, signal })) !== "done") return;
      }
    }
  }

  /** Decides about these people and tells them. */
  async #tell(work: Work, plan: Plan, people: readonly string[], how: How): Promise<Outcome> {
    const { entry } = work;
    const undecided = people.filter(
      (userId) => !entry.sent.has(userId) && !entry.held.has(userId) && !this.#told.has(entry, userId),
    );
    const count = (because: string) => this.#notTold(because);
    const told = await this.#ports.audiences.decide(plan.audience, undecided, count, entry.heard);
    const outcome = await this.#send(work, plan, told, how);
    if (outcome === "stopped" && !how.signal.aborted) await this.#drop(entry, "expired");
    return outcome;
  }

  #notTold(because: string): void {
    this.#ports.figures.notTold(because);
  }

  async #send(
    work: Work,
    plan: Plan,
    told: readonly Told[],
    { isLast, signal, makeWay }: How,
  ): Promise<Outcome> {
    const { delivery, clock, outbox, audiences } = this.#ports;
    const { entry } = work;
    /** Whose profile changed between the decision and the request, so that other words are right. */
    const otherwise: Told[] = [];
    const confirm = async (batch: readonly Told[]): Promise<readonly Told[]> => {
      const open = batch.filter((one) => !this.#told.has(entry, one.userId));
      const count = (because: string) => this.#notTold(because);
      const answer = await audiences.confirm(plan.audience, open, count, entry.heard);
      otherwise.push(...answer.otherwise);
      return answer.keep;
    };
    const groups = new Map<string, { message: Message; recipients: Told[] }>();
    for (const one of told) {
      if (!delivery.reachable(one.userId)) this.#notTold("unreachable");
      else if (!this.#pace.allows(one.userId, clock.now())) this.#hold(one.userId, entry);
      else {
        const message = plan.words(one);
        const key = JSON.stringify(message);
        const group = groups.get(key) ?? { message, recipients: [] };
        group.recipients.push(one);
        groups.set(key, group);
      }
    }
    const batches = [...groups.values()].flatMap(({ message, recipients }) =>
      chunks(recipients, MAX_RECIPIENTS).map((batch) => ({ message, batch })),
    );
    const until: Until = { signal, deadline: entry.at + this.#ports.expiryMs() };
    for (const [index, { message, batch }] of batches.entries()) {
      if (index > 0 && makeWay?.()) return "interrupted";
      const settled = async (people: readonly Told[]) => {
        const now = clock.now();
        this.#lastTold = now;
        for (const one of people) {
          entry.sent.add(one.userId);
          this.#told.add(entry, one.userId);
          this.#pace.told(one.userId, now);
        }
        this.#ports.figures.toldAfter((now - entry.at) / 1000);
        if (!entry.heard) await this.#takeFromHeard(entry.postId, people);
        // The very last one is written by removing the entry.
        const last = isLast && index === batches.length - 1 && people.at(-1) === batch.at(-1);
        if (!last || otherwise.length > 0) await outbox.save(entry);
      };
      if ((await delivery.send(message, batch, until, { confirm, settled })) === "stopped") return "stopped";
    }
    return otherwise.length > 0 ? this.#send(work, plan, otherwise, { isLast, signal }) : "done";
  }

  /** They are told by the post's own record: a record of what the server decided must not tell them again. */
  async #takeFromHeard(postId: string, people: readonly Told[]): Promise<void> {
    for (const { entry, also } of [...this.#queue.values()]) {
      if (!entry.heard || entry.postId !== postId) continue;
      for (const { userId } of people) entry.heard.delete(userId);
      if (entry.heard.size === 0) await this.#remove(entry);
      else for (const one of [entry, ...also]) await this.#forgetIn(one, people);
    }
  }

  async #forgetIn(entry: Entry, people: readonly Told[]): Promise<void> {
    for (const { userId } of people) entry.heard?.delete(userId);
    await this.#ports.outbox.save(entry).catch((error: unknown) => {
      // It was never stored, or another node tells them.
      if (!(error instanceof TakenOver)) throw error;
    });
  }

  /** The server repeats its push of an urgent post until it is read; who was told before our time is not known. */
  #mayBeRepeated(entry: Entry, { audience }: Plan): boolean {
    const { createdAt } = audience.context.post;
    return createdAt < this.#leadingSince && entry.at - createdAt > HEARD_LATE_MS;
  }

  #hold(userId: string, entry: Entry): void {
    const objectId = this.#ports.members.objectId(userId);
    if (objectId === null) return;
    entry.held.add(userId);
    this.#told.add(entry, userId);
    this.#summaries.hold({ userId, objectId }, entry, this.#ports.clock.now());
  }

  async #finish(entry: Entry): Promise<void> {
    if (entry.held.size === 0) return this.#remove(entry);
    const also = this.#queue.get(entry.key)?.also ?? [];
    this.#queue.delete(entry.key);
    for (const one of also) await this.#ports.outbox.remove(one);
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
    const settled = async (people: readonly Recipient[]) => {
      for (const { userId } of people) {
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
    };
    const confirm = async (people: readonly Recipient[]) => {
      const unwanted = await this.#ports.members.unwanted(people.map((one) => one.userId));
      if (unwanted.size === 0) return people;
      await settled(people.filter((one) => unwanted.has(one.userId)));
      return people.filter((one) => !unwanted.has(one.userId));
    };
    await this.#ports.delivery.send(message, batch, until, { confirm, settled });
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
