/**
 * Messages that come hours late, after an outage of ours or of Microsoft's: one post for each chat says who wrote and
 * how often. It grows while more of them come.
 *
 *   chats.late.{hash of account and chat}  ─▶  { v: 1, post, since, last, messages: { id: [name, mentioned] } }
 */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import type { Chat } from "./chat-directory.ts";
import type { IncomingMessage } from "./incoming.ts";
import { shortId } from "./message-records.ts";
import type { People } from "./people.ts";
import type { ChatsPorts } from "./ports.ts";
import { findPost, isGone } from "./posting.ts";
import { chatLink, chatPiece, nameOf, sentence } from "./wording.ts";
import { chatWords } from "./words.ts";

export const LATE_PREFIX = "chats.late.";
/** So long after the first of them, the next outage has a post of its own. */
const GROWS_MS = 6 * 3_600_000;
const KEPT_S = 12 * 3_600;
const MAX_NAMES = 3;
/** Beyond that the count is what matters; the ids keep a message from being counted twice. */
const MAX_MESSAGES = 2_000;

interface LateRecord {
  readonly since: number;
  readonly post: string;
  /** Message → who wrote it, and whether it mentions the person. */
  readonly messages: Readonly<Record<string, readonly [name: string, mentioned: boolean]>>;
}

export interface LatePorts extends Pick<ChatsPorts, "api" | "bot" | "clock" | "config" | "kv"> {
  readonly people: People;
}

export class LateMessages {
  readonly #ports: LatePorts;

  constructor(ports: LatePorts) {
    this.#ports = ports;
  }

  /** May be called again for the same message. */
  async add(userId: string, chat: Chat, message: IncomingMessage): Promise<void> {
    const { api, bot, clock, people } = this.#ports;
    const account = (await people.accounts([userId])).get(userId);
    if (!account || !message.sender) return;
    const say = chatWords.in(account.language);
    const objectId = await people.objectIdOf(userId);
    const mentioned = message.mentionsEverybody || [...message.mentions].some((one) => same(one, objectId));
    const name = nameOf(message.sender, say).slice(0, 100);
    const key = LATE_PREFIX + shortId(userId, chat.id);
    const record = await this.#change(key, (before) => {
      const now = clock.now();
      const open = before && now - before.since < GROWS_MS ? before : { since: now, post: "", messages: {} };
      if (open.messages[message.messageId] || Object.keys(open.messages).length >= MAX_MESSAGES) return open;
      return { ...open, messages: { ...open.messages, [message.messageId]: [name, mentioned] } };
    });
    const text = this.#text(record, chat, say);
    const isMine = (props: Readonly<Record<string, unknown>>) => props.teams_late_chat_id === chat.id;
    const known =
      record.post === ""
        ? await findPost(this.#ports, userId, isMine, record.since)
        : await this.#post(record.post);
    if (known) {
      if (known.Message !== text) await api.updatePost({ ...known, Message: text });
    }
    const post =
      known ??
      (await bot.direct(userId, { text, props: { teams_chat_id: chat.id, teams_late_chat_id: chat.id } }));
    if (post.Id !== record.post)
      await this.#change(key, (before) =>
        before ? { ...before, post: post.Id } : { ...record, post: post.Id },
      );
  }

  /** Null: the person deleted it, so the next one is new. */
  async #post(postId: string) {
    const post = await this.#ports.api.getPost(postId).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    return post && post.DeleteAt === 0 ? post : null;
  }

  #text({ messages }: LateRecord, chat: Chat, say: ReturnType<typeof chatWords.in>): string {
    const all = Object.values(messages);
    const names = [...new Set(all.map(([name]) => name))];
    const shown = names.slice(0, MAX_NAMES).join(", ");
    const others = names.length - MAX_NAMES;
    const mentions = all.filter(([, mentioned]) => mentioned).length;
    const link = chatPiece(chat, chatLink(this.#ports.config.current, chat.id), say);
    const lines =
      mentions === 0
        ? []
        : [`**${say(mentions === 1 ? "late_mentions_one" : "late_mentions_many", { count: mentions })}**`];
    const [first] = names;
    const who = others > 0 ? say("and_others", { count: others }).replace("{names}", () => shown) : shown;
    lines.push(
      sentence(say(all.length === 1 ? "late_one" : "late_many", { count: all.length }), {
        name: { text: first ?? "", marks: ["bold"] },
        names: { text: who, marks: ["bold"] },
        chat: link,
      }),
    );
    return lines.join("\n");
  }

  async #change(key: string, next: (before: LateRecord | null) => LateRecord): Promise<LateRecord> {
    const kv: Pick<KeyValueStore, "get" | "compareAndSet"> = this.#ports.kv;
    for (let tries = 0; tries < 20; tries += 1) {
      const bytes = await kv.get(key);
      const before = parse(bytes);
      const record = next(before);
      if (record === before) return record;
      const json = new TextEncoder().encode(JSON.stringify({ v: 1, ...record }));
      if (await kv.compareAndSet(key, bytes, json, { expireInSeconds: KEPT_S })) return record;
    }
    throw new Error("too many writers of one summary");
  }
}

const same = (one: string, other: string | null) => one.toLowerCase() === other?.toLowerCase();

function parse(bytes: Uint8Array | null): LateRecord | null {
  if (!bytes) return null;
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Partial<LateRecord> & { v?: unknown };
    if (value.v !== 1 || typeof value.messages !== "object" || typeof value.since !== "number") return null;
    return {
      since: value.since,
      post: typeof value.post === "string" ? value.post : "",
      messages: value.messages,
    };
  } catch {
    return null;
  }
}
