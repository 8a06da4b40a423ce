/**
 * Records who received a message, so that nobody gets it twice: one record per message, written before and after its
 * posts.
 *
 *   chats.message.{hash of chat and message}  ─▶  { v: 1, … people: { user: post | "" | "-" } }
 *
 * "" is a post that is about to be created. A process that finds it in another one's record, after a crash, looks for
 * the post before creating one. "?" is a person with quiet hours, whose summary will contain it, "+" a person whose
 * summary contains it, "-" a person who should not get it.
 */

import { createHash } from "node:crypto";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import type { IncomingMessage } from "./incoming.ts";

export interface MessageRecord {
  readonly createdAt: number;
  /** The newest state of the message that was seen. Older ones that arrive late change nothing. */
  readonly modifiedAt: number;
  readonly editedAt: number;
  /** Deleted or blocked: nobody gets it any more. */
  readonly isGone: boolean;
  /** When the recipients were decided; 0: a change of the message came before the message. */
  readonly plannedAt: number;
  /** The process that decided it and that may still be working. */
  readonly by: string;
  /** Account → id of the post, or one of the marks below. */
  readonly people: Readonly<Record<string, string>>;
}

export interface SeenRecord {
  readonly record: MessageRecord;
  readonly bytes: Uint8Array;
}

export const PENDING = "";
export const QUIET = "?";
export const SUMMED = "+";
export const LEFT_OUT = "-";

/** Whether there is still something to do for this person. */
export const isOpen = (noted: string | undefined) => noted === PENDING || noted === QUIET;
/** Returns null when there is no post. */
export const postIdOf = (noted: string | undefined): string | null =>
  noted !== undefined && noted.length > 1 ? noted : null;

/** Graph repeats for four hours, gaps go back further; deletions and blocks are applied for a day. */
const KEPT_S = 26 * 3_600;

export type RecordStore = Pick<KeyValueStore, "get" | "compareAndSet">;

export class MessageRecords {
  readonly #kv: RecordStore;

  constructor(kv: RecordStore) {
    this.#kv = kv;
  }

  async read(chatId: string, messageId: string): Promise<SeenRecord | null> {
    const bytes = await this.#kv.get(keyOf(chatId, messageId));
    return bytes && { bytes, record: parse(bytes) };
  }

  /** Returns null when another writer was faster. */
  async write(
    message: { readonly chatId: string; readonly messageId: string },
    before: SeenRecord | null,
    record: MessageRecord,
  ): Promise<SeenRecord | null> {
    const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, ...record }));
    const key = keyOf(message.chatId, message.messageId);
    const options = { expireInSeconds: KEPT_S };
    try {
      if (!(await this.#kv.compareAndSet(key, before?.bytes ?? null, bytes, options))) return null;
    } catch (error) {
      // The write may have succeeded and only the answer been lost.
      const stored = await this.#kv.get(key);
      if (!stored || Buffer.compare(stored, bytes) !== 0) throw error;
    }
    return { record, bytes };
  }

  /** Repeats the change until it is stored; null leaves the record as it is. */
  async change(
    message: { readonly chatId: string; readonly messageId: string },
    next: (record: MessageRecord | null) => MessageRecord | null,
  ): Promise<MessageRecord | null> {
    for (let tries = 0; tries < 20; tries += 1) {
      const seen = await this.read(message.chatId, message.messageId);
      const changed = next(seen?.record ?? null);
      if (changed === null) return seen?.record ?? null;
      if (await this.write(message, seen, changed)) return changed;
    }
    throw new Error("too many writers of one message");
  }
}

export const emptyRecord: MessageRecord = {
  ...{ createdAt: 0, modifiedAt: 0, editedAt: 0, plannedAt: 0, by: "" },
  isGone: false,
  people: {},
};

export const newRecord = ({ createdAt, editedAt, modifiedAt }: IncomingMessage): MessageRecord => ({
  ...emptyRecord,
  ...{ createdAt, editedAt, modifiedAt },
});

/** Ids of Teams may be longer than a key, so 132 bits of their hash are used. */
export const shortId = (...parts: readonly string[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);

export const RECORD_PREFIX = "chats.message.";
const keyOf = (chatId: string, messageId: string) => RECORD_PREFIX + shortId(chatId, messageId);

const nothing: MessageRecord = {
  createdAt: 0,
  modifiedAt: 0,
  editedAt: 0,
  isGone: false,
  plannedAt: 1,
  by: "",
  people: {},
};

/** An unreadable record is treated as handled: one message too few is better than one too many. */
function parse(bytes: Uint8Array): MessageRecord {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<MessageRecord> & { v?: unknown };
    if (value.v !== 1 || typeof value.people !== "object" || value.people === null) return nothing;
    const number = (one: unknown) => (typeof one === "number" ? one : 0);
    return {
      createdAt: number(value.createdAt),
      modifiedAt: number(value.modifiedAt),
      editedAt: number(value.editedAt),
      isGone: value.isGone === true,
      plannedAt: number(value.plannedAt),
      by: typeof value.by === "string" ? value.by : "",
      people: Object.fromEntries(
        Object.entries(value.people).filter(([, post]) => typeof post === "string"),
      ) as Record<string, string>,
    };
  } catch {
    return nothing;
  }
}
