/**
 * Which post stands for which messages in Teams. The record is kept under the side on which the message was written;
 * the other side has a reference to it:
 *
 *   written in Mattermost   channels.pair.m.{post} ─▶ pair      channels.pair.t.{link}.{message} ─▶ { ref: "m.…" }
 *   written in Teams        channels.pair.t.{link}.{message} ─▶ pair      channels.pair.m.{post} ─▶ { ref: "t.…" }
 *
 * The pair is reserved before the copy is made, so that a process that dies in between leaves a note of what it was
 * about to do. No text is kept, only digests: they tell an echo of our own change from news.
 */

import { createHash } from "node:crypto";
import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { KeyValueStore, Post } from "../../../runtime/mattermost/index.ts";

export interface TeamsFile {
  readonly name: string;
  readonly graphGuid: string;
  readonly contentUrl: string;
}

export interface Pair {
  readonly v: 1;
  readonly link: string;
  readonly from: "mattermost" | "teams";
  /** null while the post is being made. */
  readonly postId: string | null;
  /** The messages in Teams in order: a long post has several. */
  readonly parts: readonly string[];
  /** Other messages that lead to the pair: lines below the message, and parts that are gone. */
  readonly others?: readonly string[];
  /** In Teams; null: the first part is a root of its own. */
  readonly rootId: string | null;
  /** The thread's root was gone from Teams when the reply was sent: it is a root there. */
  readonly orphan?: true;
  /** Whose account wrote the copy. */
  readonly by: "author" | "bot";
  /** `failed`: nothing of it is in Teams, and its author knows. */
  readonly state: "sending" | "failed" | "done" | "deleted_in_mattermost" | "deleted_in_teams";
  /** The post has no message of its own in Teams: a reply to it is a root there, and holds the thread. */
  readonly standIn?: true;
  /** Of a failed root: the message in Teams under which replies go. */
  readonly holder?: string;
  /** When the copy was begun; milliseconds since 1970. */
  readonly at: number;
  /** On the post that is being made: after a crash it is looked for. */
  readonly nonce: string;
  /** Digests of both sides as they were when they were equal last. */
  readonly mattermost: string;
  readonly teams: string;
  /** Digest of each part as we sent it last, in the order of `parts`. */
  readonly sent: readonly string[];
  /** `lastModifiedDateTime` of the newest state of the first part that was seen; older news is no news. */
  readonly modified: string;
  /** What both sides had last: `{who} {emoji}`, who as a digest. */
  readonly reactions: readonly string[];
  /** Deleted here, and then there by us: its author may bring it back there. */
  readonly removed?: true;
  /** In Teams, by file id in Mattermost: those that were uploaded, and those that came from there. */
  readonly files: Readonly<Record<string, TeamsFile>>;
  /** Copied from Teams: digest of where it is there → file id in Mattermost, "" where it could not be copied. */
  readonly received: Readonly<Record<string, string>>;
}

export interface Found {
  readonly key: PairKey;
  readonly pair: Pair;
}

/** Where a pair is kept. */
export type PairKey = `m.${string}` | `t.${string}`;

export const PAIR_PREFIX = "channels.pair.";
/** Since the last change. Edits and reactions of older messages are not copied any more. */
export const KEEP_SECONDS = 400 * 24 * 3_600;

export const ofPost = (postId: string): PairKey => `m.${postId}`;
export const ofMessage = (link: string, messageId: string): PairKey => `t.${link}.${messageId}`;

export const emptyPair = (link: string, from: Pair["from"], at: number): Pair => ({
  v: 1,
  ...{ link, from, at, postId: null, parts: [], rootId: null, by: "bot", state: "sending" },
  ...{ nonce: "", mattermost: "", teams: "", sent: [], modified: "", reactions: [], files: {}, received: {} },
});

type Stored = Pair | { readonly v: 1; readonly ref: PairKey } | null;

const format: RecordFormat<Stored> = {
  empty: null,
  parse(value) {
    const stored = value as { v?: unknown; ref?: unknown; link?: unknown } | null;
    if (stored?.v !== 1 || (typeof stored.ref !== "string" && typeof stored.link !== "string"))
      throw new Error("not a pair of version 1");
    return value as Stored;
  },
  isEmpty: (stored) => stored === null,
};

export class PairStore {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">;
  /** Told of the pairs that are made, before they are or at the same time: also of one that an earlier attempt made. */
  onBegin: (link: string, key: PairKey) => Promise<void> = async () => {};

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">) {
    this.#kv = kv;
  }

  /** Makes the pair where there is none. */
  async begin(key: PairKey, make: () => Pair): Promise<Pair> {
    const [made] = await Promise.all([
      this.change(key, (now) => now ?? make()),
      this.onBegin(make().link, key),
    ]);
    return made as Pair;
  }

  /** Follows a reference. */
  async find(key: PairKey): Promise<Found | null> {
    const stored = await this.#record(key).read();
    if (!stored) return null;
    if (!("ref" in stored)) return { key, pair: stored };
    const main = await this.#record(stored.ref).read();
    if (!main || "ref" in main) return null;
    // A message that was brought back in Teams has another post now; the former one stands for nothing.
    const isFormer = key.startsWith("m.") && main.postId !== null && key !== ofPost(main.postId);
    return isFormer ? null : { key: stored.ref, pair: main };
  }

  /** The key that a key refers to, itself for a pair; null: there is none. */
  async home(key: PairKey): Promise<PairKey | null> {
    const stored = await this.#record(key).read();
    return stored && ("ref" in stored ? stored.ref : key);
  }

  /** Answers the pair as it is then. */
  change(key: PairKey, change: (pair: Pair | null) => Pair | null): Promise<Pair | null> {
    return this.#record(key).change<Pair | null>((stored) => {
      const before = stored && !("ref" in stored) ? stored : null;
      const next = change(before);
      return { next: next === before ? stored : next, result: next };
    });
  }

  /** Whatever was there, reference or pair. */
  async replace(key: PairKey, pair: Pair): Promise<void> {
    await this.onBegin(pair.link, key);
    await this.#record(key).change(() => ({ next: pair, result: undefined }));
  }

  async refer(key: PairKey, ref: PairKey): Promise<void> {
    await this.#record(key).change((stored) => ({
      next: stored && "ref" in stored && stored.ref === ref ? stored : { v: 1, ref },
      result: undefined,
    }));
  }

  /** With everything that leads to it. Another link's is left alone. */
  async forget(link: string, key: PairKey): Promise<void> {
    const stored = await this.#record(key).read();
    if (!stored) return;
    if (!("ref" in stored)) {
      if (stored.link !== link) return;
      const { postId, parts, others = [] } = stored;
      const there = [...parts, ...others].map((id) => ofMessage(link, id));
      for (const lead of postId === null ? there : [ofPost(postId), ...there])
        if (lead !== key && (await this.home(lead)) === key) await this.#kv.delete(`${PAIR_PREFIX}${lead}`);
    }
    await this.#kv.delete(`${PAIR_PREFIX}${key}`);
  }

  #record(key: PairKey): SharedRecord<Stored> {
    return new SharedRecord<Stored>(this.#kv, `${PAIR_PREFIX}${key}`, format, () => ({
      expireInSeconds: KEEP_SECONDS,
    }));
  }
}

export const digest = (...parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 16);

/** Of what is copied; pins, props of clients and reactions do not change it. */
export const postDigest = ({
  Message,
  FileIds,
  Props,
}: Pick<Post, "Message" | "FileIds" | "Props">): string =>
  digest(Message, [...(FileIds ?? [])], Props?.attachments ?? null);
