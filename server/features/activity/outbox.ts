/**
 * What still has to be told, in the key-value store that all nodes share.
 *
 * A record is a post and how far we are with it, nothing of its text and no list of recipients:
 *
 *   outbox_{time}_{post}          ─▶  { post, channel, at, covered, sent, held }
 *   outbox_{time}_{post}_{random} ─▶  { …, heard }
 *
 *   covered   everybody up to this user id has been dealt with: recipients are taken in the order of their ids
 *   sent      of those after it, the ones already told: written after each accepted request
 *   held      told later, by a summary
 *   heard     the record is about these people alone: the server decided to push to them, our rules did not
 *
 * After a crash the recipients are worked out again and those covered or sent are left out. So nobody is
 * missed, and told twice are at most those of the one request that was under way.
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { NotificationsStore } from "./ports.ts";

const record = lazy(() =>
  z.object({
    /** 2: with `heard`, which an older version of the plugin would take for a record about everybody. */
    v: z.union([z.literal(1), z.literal(2)]),
    post: z.string().min(1),
    channel: z.string().min(1),
    at: z.number(),
    covered: z.string(),
    sent: z.array(z.string()),
    held: z.array(z.string()),
    heard: z.array(z.string()).optional(),
  }),
);

export interface Entry {
  /** The record's key. */
  readonly key: string;
  readonly postId: string;
  readonly channelId: string;
  /** When the post was made, in milliseconds since 1970. */
  readonly at: number;
  covered: string;
  sent: Set<string>;
  held: Set<string>;
  /** `null`: the record is about everybody whom the post concerns. */
  readonly heard: Set<string> | null;
  /** As last written: compare-and-set needs it, and it says whether another node took over. */
  bytes: Uint8Array;
}

/** Another node works on this entry: let go of it, without a word. */
export class TakenOver extends Error {}

const PREFIX = "outbox_";
/** Beyond the expiry the record is worthless; the server forgets it by itself. */
const GRACE_SECONDS = 3600;

export class Outbox {
  readonly #kv: NotificationsStore;
  readonly #expiryMs: () => number;

  constructor(kv: NotificationsStore, expiryMs: () => number) {
    this.#kv = kv;
    this.#expiryMs = expiryMs;
  }

  /** One write. When it fails the entry is still good for delivery, only not for a crash. */
  async add(post: { id: string; channelId: string; createdAt: number }): Promise<Entry> {
    const entry = newEntry(post);
    await this.#kv.set(entry.key, entry.bytes, this.#options());
    return entry;
  }

  async addHeard(entry: Entry): Promise<void> {
    await this.#kv.set(entry.key, entry.bytes, this.#options());
  }

  /** `null`: not there, or not a record of ours. */
  async read(key: string): Promise<Entry | null> {
    const bytes = await this.#kv.get(key);
    return bytes ? decode(key, bytes) : null;
  }

  /** Keys in the order of their posts. */
  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of this.#kv.list(PREFIX)) keys.push(key);
    return keys.sort();
  }

  /** Throws TakenOver when another node has the entry now. */
  async save(entry: Entry): Promise<void> {
    const next = encode(entry);
    if (!(await this.#kv.compareAndSet(entry.key, entry.bytes, next, this.#options()))) {
      // An earlier write whose answer got lost may have been ours.
      const stored = await this.#kv.get(entry.key);
      if (!stored || !isSame(stored, next)) throw new TakenOver(entry.key);
    }
    entry.bytes = next;
  }

  /** `false`: another node has the entry now, or it is gone. */
  remove(entry: Entry): Promise<boolean> {
    return this.#kv.compareAndSet(entry.key, entry.bytes, null);
  }

  /** For a record that nobody can read any more. */
  discard(key: string): Promise<void> {
    return this.#kv.delete(key);
  }

  #options() {
    return { expireInSeconds: Math.ceil(this.#expiryMs() / 1000) + GRACE_SECONDS };
  }
}

const keyOf = (at: number, postId: string) =>
  `${PREFIX}${Math.max(0, at).toString(36).padStart(9, "0")}_${postId}`;

/** For people the server decided to push to. `at`: now; it sorts behind the post's own record. */
export function heardEntry(
  post: { id: string; channelId: string },
  userIds: Iterable<string>,
  at: number,
): Entry {
  const key = `${keyOf(at, post.id)}_${crypto.randomUUID().slice(0, 8)}`;
  const entry = { ...newEntry({ ...post, createdAt: at }), key, heard: new Set(userIds) };
  entry.bytes = encode(entry);
  return entry;
}

export function newEntry(post: { id: string; channelId: string; createdAt: number }): Entry {
  const entry: Entry = {
    key: keyOf(post.createdAt, post.id),
    postId: post.id,
    channelId: post.channelId,
    at: post.createdAt,
    covered: "",
    sent: new Set(),
    held: new Set(),
    heard: null,
    bytes: new Uint8Array(),
  };
  entry.bytes = encode(entry);
  return entry;
}

function encode(entry: Entry): Uint8Array {
  const value: z.infer<ReturnType<typeof record>> = {
    v: entry.heard ? 2 : 1,
    post: entry.postId,
    channel: entry.channelId,
    at: entry.at,
    covered: entry.covered,
    sent: [...entry.sent],
    held: [...entry.held],
    ...(entry.heard ? { heard: [...entry.heard] } : {}),
  };
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode(key: string, bytes: Uint8Array): Entry | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  const parsed = record().safeParse(value);
  if (!parsed.success) return null;
  const { v, post, channel, at, covered, sent, held, heard } = parsed.data;
  if ((v === 2) !== (heard !== undefined)) return null;
  return {
    key,
    postId: post,
    channelId: channel,
    at,
    covered,
    sent: new Set(sent),
    held: new Set(held),
    heard: heard ? new Set(heard) : null,
    bytes,
  };
}

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
