/**
 * The waiting posts of the delivering node, in memory beside their entries in the outbox.
 *
 * An entry concerns everybody whom a post concerns, or the people for whom the server decided to push (`pushedTo`).
 * Several entries of the second kind about one post are processed as one.
 */

import type { Audience, PostRecipient } from "../rules/audience.ts";
import type { PostFacts } from "../rules/facts.ts";
import type { Message } from "./delivery.ts";
import { type Entry, type Outbox, TakenOver } from "./outbox.ts";

export interface Work {
  readonly entry: Entry;
  /** As the hook delivered it, if it ran on this node. */
  post: PostFacts | null;
  audience: Audience | null;
  plan: Plan | null;
  /** True while it is processed: it is then not dropped. */
  isBusy: boolean;
  /** Not processed before this time. */
  readonly notBefore: number;
  /** Further entries about the same post, for people to whom the server decided to push. */
  readonly also: Entry[];
}

/** The remaining work of one post. */
export interface Plan {
  readonly audience: Audience;
  /** The people it can concern, in the order of their ids; those from index `from` on have not been checked yet. */
  readonly possible: readonly string[];
  from: number;
  readonly words: (recipient: PostRecipient) => Message;
}

/** The server decides within moments of the post; a later decision is a repetition, or its queue is very long. */
const HEARD_LATE_MS = 2 * 60_000;

/**
 * The server repeats its push of an urgent post until it is read. A node that delivers only since `leadingSince` does
 * not know who received it before.
 */
export function mayBeRepeated(entry: Entry, { audience }: Plan, leadingSince: number): boolean {
  const { createdAt } = audience.context.post;
  return createdAt < leadingSince && entry.at - createdAt > HEARD_LATE_MS;
}

/** The server calls its hook person by person; those of one post are collected for this long, to share a request. */
const GATHER_PUSHED_MS = 100;

export class WaitingPosts {
  readonly #outbox: Outbox;
  readonly #now: () => number;
  readonly #works = new Map<string, Work>();
  #isTrimming = false;

  constructor(outbox: Outbox, now: () => number) {
    this.#outbox = outbox;
    this.#now = now;
  }

  get size(): number {
    return this.#works.size;
  }

  has(key: string): boolean {
    return this.#works.has(key);
  }

  all(): Work[] {
    return [...this.#works.values()];
  }

  /** Returns false when it is already waiting, alone or together with another entry. */
  add(entry: Entry, post: PostFacts | null, audience: Audience | null): boolean {
    if (this.#works.has(entry.key)) return false;
    for (const { entry: first, also, plan } of this.#works.values()) {
      if (!entry.pushedTo || !first.pushedTo || plan || first.postId !== entry.postId) continue;
      if (also.some((one) => one.key === entry.key)) return false;
      for (const userId of entry.pushedTo) first.pushedTo.add(userId);
      also.push(entry);
      return false;
    }
    const notBefore = entry.pushedTo ? this.#now() + GATHER_PUSHED_MS : 0;
    this.#works.set(entry.key, { entry, post, audience, plan: null, isBusy: false, notBefore, also: [] });
    return true;
  }

  /** Returns the oldest post that may be processed now. */
  oldest(): Work | undefined {
    const now = this.#now();
    let oldest: Work | undefined;
    for (const work of this.#works.values()) {
      if (work.notBefore > now) continue;
      if (!oldest || work.entry.key < oldest.entry.key) oldest = work;
    }
    return oldest;
  }

  /** Drops the oldest posts beyond the limit, but none that is being processed. */
  async trim(limit: number, drop: (entry: Entry) => Promise<void>): Promise<void> {
    if (this.#isTrimming || this.#works.size <= limit) return;
    this.#isTrimming = true;
    try {
      for (;;) {
        const idle = this.all().filter((work) => !work.isBusy);
        if (idle.length <= limit) return;
        await drop(idle.reduce((a, b) => (a.entry.key < b.entry.key ? a : b)).entry);
      }
    } finally {
      this.#isTrimming = false;
    }
  }

  /** Returns the younger ones that may be processed now, oldest first. */
  youngerThan(large: Work): Work[] {
    const now = this.#now();
    return this.all()
      .filter((work) => work !== large && work.entry.key > large.entry.key && work.notBefore <= now)
      .sort((a, b) => (a.entry.key < b.entry.key ? -1 : 1));
  }

  /** Called when another node processes it. */
  forget(entry: Entry): void {
    this.#works.delete(entry.key);
  }

  /** The post's own entry stays in the outbox; those that were processed with it are done. */
  async release(entry: Entry): Promise<void> {
    const also = this.#works.get(entry.key)?.also ?? [];
    this.#works.delete(entry.key);
    for (const one of also) await this.#outbox.remove(one);
  }

  async remove(entry: Entry): Promise<void> {
    await this.release(entry);
    await this.#outbox.remove(entry);
  }

  /** The post's own entry has reached these people, so entries of the server's decisions must not send it again. */
  async takeFromPushed(postId: string, people: readonly PostRecipient[]): Promise<void> {
    for (const { entry, also } of this.all()) {
      if (!entry.pushedTo || entry.postId !== postId) continue;
      for (const { userId } of people) entry.pushedTo.delete(userId);
      if (entry.pushedTo.size === 0) await this.remove(entry);
      else for (const one of [entry, ...also]) await this.#forgetIn(one, people);
    }
  }

  async #forgetIn(entry: Entry, people: readonly PostRecipient[]): Promise<void> {
    for (const { userId } of people) entry.pushedTo?.delete(userId);
    await this.#outbox.save(entry).catch((error: unknown) => {
      // It was never stored, or another node delivers it.
      if (!(error instanceof TakenOver)) throw error;
    });
  }

  clear(): void {
    this.#works.clear();
  }
}
