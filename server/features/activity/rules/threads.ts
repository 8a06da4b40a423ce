/**
 * Caches threads with recent replies: their author, the people who replied, the people who were mentioned. Bounded.
 */

import type { PostList } from "../../../runtime/mattermost/index.ts";
import type { NotificationsApi } from "../ports.ts";
import type { PostFacts, ThreadFacts } from "./facts.ts";
import { postOf } from "./from-mattermost.ts";

const MAX_THREADS = 2_000;
/** This node does not see replies that another node received, so the thread is read again after this time. */
const STALE_AFTER_MS = 2 * 60_000;

/** A thread's posts, reduced to what the facts need; mentions depend on the channel's keywords. */
export interface Thread {
  readonly readAt: number;
  readonly root: PostFacts | null;
  readonly writers: Set<string>;
  /**
   * The posts before the current one, newest last. Older ones beyond the limit have already been searched for
   * mentions.
   */
  readonly texts: PostFacts[];
  /** The people whom each post mentions, computed once. */
  readonly named: Map<string, Named>;
}

export interface Named {
  readonly people: readonly string[];
  readonly channel: boolean;
}

/** Mentions are searched in the root and in this many of the latest replies. */
const MAX_TEXTS = 50;

export class Threads {
  readonly #api: Pick<NotificationsApi, "getPostThread">;
  readonly #now: () => number;
  readonly #threads = new Map<string, Thread>();
  readonly #reading = new Map<string, Promise<Thread>>();

  constructor(api: Pick<NotificationsApi, "getPostThread">, now: () => number) {
    this.#api = api;
    this.#now = now;
  }

  known(rootId: string): Thread | null {
    const thread = this.#threads.get(rootId);
    if (!thread || this.#now() - thread.readAt > STALE_AFTER_MS) return null;
    this.#threads.delete(rootId);
    this.#threads.set(rootId, thread);
    return thread;
  }

  read(rootId: string): Promise<Thread> {
    const reading = this.#reading.get(rootId);
    if (reading) return reading;
    const mine = this.#api
      .getPostThread(rootId)
      .then((list) => {
        const thread = threadOf(rootId, list, this.#now());
        this.#threads.set(rootId, thread);
        for (const oldest of this.#threads.keys()) {
          if (this.#threads.size <= MAX_THREADS) break;
          this.#threads.delete(oldest);
        }
        return thread;
      })
      .finally(() => this.#reading.delete(rootId));
    this.#reading.set(rootId, mine);
    return mine;
  }

  /** Called when a reply was posted. */
  replied(post: PostFacts): void {
    const thread = this.#threads.get(post.rootId);
    if (thread) include(thread, post);
  }
}

function threadOf(rootId: string, list: PostList | null, readAt: number): Thread {
  const posts = Object.values(list?.Posts ?? {})
    .map(postOf)
    .sort((a, b) => a.createdAt - b.createdAt);
  const root = posts.find((post) => post.id === rootId) ?? null;
  const thread: Thread = { readAt, root, writers: new Set(), texts: [], named: new Map() };
  for (const post of posts) if (post.id !== rootId) include(thread, post);
  return thread;
}

function include(thread: Thread, post: PostFacts): void {
  if (post.type.startsWith("system_")) return;
  thread.writers.add(post.authorId);
  if (thread.texts.some((one) => one.id === post.id)) return;
  thread.texts.push(post);
  if (thread.texts.length > MAX_TEXTS) thread.texts.shift();
}

/**
 * Computes the facts. `names` returns the people whom a text mentions. The current post is not among the earlier
 * texts.
 */
export function factsOf(thread: Thread, before: PostFacts, names: (post: PostFacts) => Named): ThreadFacts {
  const { root } = thread;
  const named = new Set<string>();
  let channelNamed = false;
  const posts = [...(root ? [root] : []), ...thread.texts.filter((post) => post.id !== before.id)];
  for (const post of posts) {
    const found = thread.named.get(post.id) ?? names(post);
    thread.named.set(post.id, found);
    for (const userId of found.people) named.add(userId);
    channelNamed ||= found.channel;
  }
  const writers = new Set(thread.writers);
  // The current post makes its author a writer, but that notifies nobody else.
  if (!thread.texts.some((post) => post.authorId === before.authorId && post.id !== before.id)) {
    writers.delete(before.authorId);
  }
  return {
    rootAuthorId: root?.authorId ?? "",
    rootByIntegration: root?.fromWebhook === true && root.overrideUsername !== "",
    rootFromWebhook: root?.fromWebhook ?? false,
    writers,
    named,
    channelNamed,
  };
}
