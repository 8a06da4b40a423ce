/** Threads that got replies lately: their author, the people who wrote, the people who were named. Bounded. */

import type { PostList } from "../../../runtime/mattermost/index.ts";
import type { NotificationsApi } from "../ports.ts";
import type { PostFacts, ThreadFacts } from "./facts.ts";
import { postOf } from "./from-mattermost.ts";

const MAX_THREADS = 2_000;
/** This node does not see replies that another node took: read the thread again after this time. */
const STALE_AFTER_MS = 2 * 60_000;

/** A thread's posts, cut down to what the facts are made of; names depend on the channel's keywords. */
export interface Thread {
  readonly readAt: number;
  readonly root: PostFacts | null;
  readonly writers: Set<string>;
  /** Texts of the posts before the present one, newest last; older ones beyond the limit have named their people. */
  readonly texts: PostFacts[];
  /** The people whom each post named, found once. */
  readonly named: Map<string, Named>;
}

export interface Named {
  readonly people: readonly string[];
  readonly channel: boolean;
}

/** Mentions are looked for in the root and in so many of the latest replies. */
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

  /** A reply was posted. */
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

/** `names` returns the people whom a text names. The post itself is not among the texts before it. */
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
  // The present post makes its author a writer, which is no reason to notify anybody else.
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
