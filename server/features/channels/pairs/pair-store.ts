/**
 * Stores which post corresponds to which messages in Teams. The record is kept under the side on which the message
 * was written; the other side has a reference to it:
 *
 *   written in Mattermost   channels.pair.m.{post} ─▶ pair      channels.pair.t.{link}.{message} ─▶ { ref: "m.…" }
 *   written in Teams        channels.pair.t.{link}.{message} ─▶ pair      channels.pair.m.{post} ─▶ { ref: "t.…" }
 *
 * The pair is stored before the copy is made, so that a process that dies in between leaves a record of its
 * intention. It contains no text, only digests: they distinguish an echo of our own change from a new one.
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
  /** null while the post is being created. */
  readonly postId: string | null;
  /** The messages in Teams in order: a long post has several. */
  readonly parts: readonly string[];
  /** Other messages that lead to the pair: lines below the message, and former parts. */
  readonly others?: readonly string[];
  /** The root in Teams; null: the first part is a root itself. */
  readonly rootId: string | null;
  /** The thread's root was gone from Teams when the reply was sent, so the reply is a root there. */
  readonly orphan?: true;
  /** A reply that begins with a quote of its root, because Teams does not have the root. */
  readonly quoted?: true;
  /** Whose account wrote the copy. */
  readonly by: "author" | "bot";
  /** `failed`: nothing of it is in Teams, and its author was notified. */
  readonly state: "sending" | "failed" | "done" | "deleted_in_mattermost" | "deleted_in_teams";
  /** The post has no message of its own in Teams: a reply to it is a root there, and starts the thread. */
  readonly standIn?: true;
  /** For a failed root: the message in Teams under which replies are placed. */
  readonly holder?: string;
  /** When the copy was started; milliseconds since 1970. */
  readonly at: number;
  /** Marks the post that is being created, so that it can be found after a crash. */
  readonly nonce: string;
  /** Digests of both sides when they were last equal. */
  readonly mattermost: string;
  readonly teams: string;
  /** Digest of the post as it was when Teams refused it: its author knows, and it is not tried again by itself. */
  readonly refused?: string;
  /** Digest of each part as we sent it last, in the order of `parts`. */
  readonly sent: readonly string[];
  /** `lastModifiedDateTime` of the newest state of the first part that was seen; older reports are ignored. */
  readonly modified: string;
  /** The reactions that both sides last had: `{who} {emoji}`, where who is a digest. */
  readonly reactions: readonly string[];
  /** Reactions that are being changed here to what they are in Teams: nobody here did that. */
  readonly settling?: readonly string[];
  /** Deleted here, and then by us in Teams, where its author may restore it. */
  readonly removed?: true;
  /** The files in Teams by file id in Mattermost: those that were uploaded, and those that came from there. */
  readonly files: Readonly<Record<string, TeamsFile>>;
  /** Files copied from Teams: digest of the address there → file id in Mattermost, "" if it could not be copied. */
  readonly received: Readonly<Record<string, string>>;
}

export interface Found {
  readonly key: PairKey;
  readonly pair: Pair;
}

/** The key under which a pair is stored. */
export type PairKey = `m.${string}` | `t.${string}`;

export const PAIR_PREFIX = "channels.pair.";
/** Counted from the last change. Edits and reactions of older messages are not copied any more. */
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
  /** Called for each pair before, or while, it is created; also for one that an earlier attempt created. */
  onBegin: (link: string, key: PairKey) => Promise<void> = async () => {};

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">) {
    this.#kv = kv;
  }

  /** Creates the pair if there is none. */
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
    // A message restored in Teams now has another post; the former post belongs to nothing.
    const isFormer = key.startsWith("m.") && main.postId !== null && key !== ofPost(main.postId);
    return isFormer ? null : { key: stored.ref, pair: main };
  }

  /** Returns the key that a key refers to, or the key itself for a pair; null: there is none. */
  async home(key: PairKey): Promise<PairKey | null> {
    const stored = await this.#record(key).read();
    return stored && ("ref" in stored ? stored.ref : key);
  }

  /** Changes a pair and returns the result. */
  change(key: PairKey, change: (pair: Pair | null) => Pair | null): Promise<Pair | null> {
    return this.#record(key).change<Pair | null>((stored) => {
      const before = stored && !("ref" in stored) ? stored : null;
      const next = change(before);
      return { next: next === before ? stored : next, result: next };
    });
  }

  /** Replaces what is stored, reference or pair. */
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

  /** Removes a pair with everything that leads to it. Pairs of another link are not touched. */
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

/** Covers what is copied; pins, props of clients and reactions do not change it. */
export const postDigest = ({
  Message,
  FileIds,
  Props,
}: Pick<Post, "Message" | "FileIds" | "Props">): string =>
  digest(Message, [...(FileIds ?? [])], Props?.attachments ?? null);
