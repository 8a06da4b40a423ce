/**
 * The outbox: posts whose recipients still wait for an activity, in a durable queue that all nodes share.
 *
 * An entry contains a post's id and the progress of its delivery, but no text and no list of recipients:
 *
 *   {time}_{post}          ─▶  { post, channel, covered, sent, held }
 *   {time}_{post}_{random} ─▶  { …, pushedTo }
 *
 *   covered   everybody up to this user id is done: recipients are handled in the order of their ids
 *   sent      those after it who received the activity: written after each accepted request
 *   held      those who get a summary later
 *   pushedTo  the only recipients of this entry: the server decided to push to them, our rules did not
 *
 * After a crash the recipients are computed again, and those covered or sent are left out. So nobody is missed, and
 * at most the recipients of the one request in progress get a second activity.
 */

import { z } from "zod";
import { type QueueEntry, QueueRecords } from "../../../platform/work/queue-records.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { NotificationsStore } from "../ports.ts";

export { TakenOver } from "../../../platform/work/queue-records.ts";

const progress = lazy(() =>
  z.object({
    post: z.string().min(1),
    channel: z.string().min(1),
    covered: z.string(),
    sent: z.array(z.string()),
    held: z.array(z.string()),
    pushedTo: z.array(z.string()).optional(),
  }),
);
type Progress = z.infer<ReturnType<typeof progress>>;

export interface Entry {
  /** Unique. Entries sort by it in the order of their posts. */
  readonly key: string;
  readonly postId: string;
  readonly channelId: string;
  /** When the post was created, in milliseconds since 1970. */
  readonly at: number;
  covered: string;
  sent: Set<string>;
  held: Set<string>;
  /** `null`: the entry concerns everybody whom the post concerns. */
  readonly pushedTo: Set<string> | null;
  /** The revision of the stored entry; `null` while the store has none, because it failed. */
  rev: number | null;
}

/** An expired entry is useless, and the server deletes it after this time. */
const GRACE_SECONDS = 3600;
/** The progress of a post to a thousand people is 30 KB; there is one write for each request of a hundred. */
const MAX_INLINE_CHARACTERS = 64 * 1024;

export class Outbox {
  readonly #records: QueueRecords<Progress>;

  constructor(kv: NotificationsStore, expiryMs: () => number) {
    this.#records = new QueueRecords<Progress>(kv, {
      name: "activity",
      parse: (value) => progress().parse(value),
      // The delivering node drops the oldest ones beyond its own limit, and reports them.
      maxEntries: Number.POSITIVE_INFINITY,
      maxInlineCharacters: MAX_INLINE_CHARACTERS,
      expireInSeconds: () => Math.ceil(expiryMs() / 1000) + GRACE_SECONDS,
    });
  }

  /**
   * Stores the entry with one write. When that fails, the entry can still be delivered, but does not survive a crash.
   */
  async add(entry: Entry): Promise<void> {
    const { key, at } = entry;
    await this.#records.add({ id: key, key, at, value: progressOf(entry) });
    entry.rev = 0;
  }

  /** Returns `null` when there is no such entry. */
  async read(key: string): Promise<Entry | null> {
    const entries = await this.#records.read(this.#records.partitionOf(key));
    const found = entries.find(({ id }) => id === key);
    return found ? entryOf(found) : null;
  }

  /** Returns all entries in the order of their posts. */
  async all(): Promise<Entry[]> {
    const partitions = Array.from({ length: this.#records.partitions }, (_, index) =>
      this.#records.read(index),
    );
    const entries = (await Promise.all(partitions)).flat().map(entryOf);
    return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Stores progress. Throws TakenOver when another node has the entry now. */
  async save(entry: Entry): Promise<void> {
    const { key, at, rev } = entry;
    if (rev === null) return this.add(entry);
    const stored = { id: key, key, at, rev, tries: 0, parked: null, value: progressOf(entry) };
    entry.rev = (await this.#records.save(stored, { value: stored.value })).rev;
  }

  /** Removes an entry. Returns `false` when another node has it now, or it was removed. */
  async remove({ key, rev }: Entry): Promise<boolean> {
    return rev === null || this.#records.remove({ id: key, key, rev });
  }
}

const keyOf = (at: number, postId: string) => `${Math.max(0, at).toString(36).padStart(9, "0")}_${postId}`;

/**
 * Makes an entry for people to whom the server decided to push. `at` is the current time, so it sorts after the
 * post's own entry.
 */
export function pushedEntry(
  post: { id: string; channelId: string },
  userIds: Iterable<string>,
  at: number,
): Entry {
  const key = `${keyOf(at, post.id)}_${crypto.randomUUID().slice(0, 8)}`;
  return { ...newEntry({ ...post, createdAt: at }), key, pushedTo: new Set(userIds) };
}

export function newEntry(post: { id: string; channelId: string; createdAt: number }): Entry {
  return {
    key: keyOf(post.createdAt, post.id),
    postId: post.id,
    channelId: post.channelId,
    at: post.createdAt,
    covered: "",
    sent: new Set(),
    held: new Set(),
    pushedTo: null,
    rev: null,
  };
}

function progressOf({ postId, channelId, covered, sent, held, pushedTo }: Entry): Progress {
  return {
    post: postId,
    channel: channelId,
    covered,
    sent: [...sent],
    held: [...held],
    ...(pushedTo ? { pushedTo: [...pushedTo] } : {}),
  };
}

function entryOf(stored: Pick<QueueEntry<Progress>, "id" | "at" | "rev" | "value">): Entry {
  const { post, channel, covered, sent, held, pushedTo } = stored.value;
  return {
    key: stored.id,
    postId: post,
    channelId: channel,
    at: stored.at,
    covered,
    sent: new Set(sent),
    held: new Set(held),
    pushedTo: pushedTo ? new Set(pushedTo) : null,
    rev: stored.rev,
  };
}
