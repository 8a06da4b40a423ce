/**
 * Records of messages that a member gets in a summary instead of one by one.
 *
 *   chats.late.{hash of account and chat}  ─▶  { v: 1, post, since, quiet, messages: { id: [name, mentioned] } }
 */

import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { shortId } from "./message-records.ts";

export const LATE_PREFIX = "chats.late.";
/** After the last message. Quiet hours are shorter than a day. */
export const KEPT_MS = 26 * 3_600_000;
/** Beyond this number only the count matters; the ids keep a message from being counted twice. */
const MAX_MESSAGES = 2_000;

export interface LateRecord {
  readonly since: number;
  /** Empty: not posted yet. */
  readonly post: string;
  /** True: they came in quiet hours. False: in an outage. */
  readonly quiet: boolean;
  /** Message → its author, and whether it mentions the person. */
  readonly messages: Readonly<Record<string, readonly [name: string, mentioned: boolean]>>;
}

/** Whether it waits for the end of quiet hours. */
export const isHeld = ({ post, quiet }: LateRecord): boolean => quiet && post === "";

export function withMessage(
  record: LateRecord,
  messageId: string,
  about: readonly [name: string, mentioned: boolean],
): LateRecord {
  if (record.messages[messageId] || Object.keys(record.messages).length >= MAX_MESSAGES) return record;
  return { ...record, messages: { ...record.messages, [messageId]: about } };
}

export class LateRecords {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet">;

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">) {
    this.#kv = kv;
  }

  async read(userId: string, chatId: string): Promise<LateRecord | null> {
    return parse(await this.#kv.get(keyOf(userId, chatId)));
  }

  /**
   * Repeats the change until it is stored; returning the same record, or null, writes nothing. A record without
   * messages is deleted: the next message starts its own, with its own time.
   */
  async change<R extends LateRecord | null>(
    userId: string,
    chatId: string,
    next: (before: LateRecord | null) => R,
  ): Promise<R> {
    for (let tries = 0; tries < 20; tries += 1) {
      const bytes = await this.#kv.get(keyOf(userId, chatId));
      const before = parse(bytes);
      const record = next(before);
      if (record === before || record === null) return record;
      const isEmpty = Object.keys(record.messages).length === 0;
      const json = isEmpty ? null : new TextEncoder().encode(JSON.stringify({ v: 1, ...record }));
      const options = { expireInSeconds: KEPT_MS / 1000 };
      if (await this.#kv.compareAndSet(keyOf(userId, chatId), bytes, json, options)) return record;
    }
    throw new Error("too many writers of one summary");
  }
}

const keyOf = (userId: string, chatId: string) => LATE_PREFIX + shortId(userId, chatId);

function parse(bytes: Uint8Array | null): LateRecord | null {
  if (!bytes) return null;
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<LateRecord> & { v?: unknown };
    if (value.v !== 1 || typeof value.messages !== "object" || typeof value.since !== "number") return null;
    return {
      since: value.since,
      post: typeof value.post === "string" ? value.post : "",
      quiet: value.quiet === true,
      messages: value.messages ?? {},
    };
  } catch {
    return null;
  }
}
