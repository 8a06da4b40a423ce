/**
 * Summarises messages that are not posted one by one: those that come hours late, after an outage of ours or of
 * Microsoft's, and those of quiet hours. One post per chat says who wrote and how often. After an outage the post
 * grows while more messages come; for quiet hours it is created at their end.
 *
 *   message in quiet hours ─▶ record ─▶ queue: at the end of them ─▶ post
 */

import { quietEnds } from "../../../platform/preferences/index.ts";
import { Once } from "../../../platform/work/once.ts";
import { type Outcome, Queue, type QueueWork } from "../../../platform/work/queue.ts";
import { kindOf } from "../chat-ids.ts";
import { choicesOf } from "../members/choices.ts";
import type { PersonRecords } from "../members/person-records.ts";
import type { ChatsPorts } from "../ports.ts";
import type { Chat, ChatDirectory } from "../recipients/chat-directory.ts";
import { recipientFacts, refusedAtOnce } from "../recipients/gate.ts";
import type { People } from "../recipients/people.ts";
import { chatWords } from "../words.ts";
import type { IncomingMessage } from "./incoming.ts";
import { isHeld, KEPT_MS, type LateRecord, LateRecords, withMessage } from "./late-records.ts";
import { shortId } from "./message-records.ts";
import { findPost, isGone } from "./posting.ts";
import { chatLink, chatPiece, nameOf, sentence } from "./wording.ts";

/** After this time, the next outage gets a new post. */
const GROWS_MS = 6 * 3_600_000;
const MAX_NAMES = 3;
const QUEUE = "chats_quiet";
/**
 * Many quiet hours end at the same minute. For 20,000 summaries, 64 partitions write a fifth of the bytes that 8 do and
 * take a third of the processor time.
 */
const PARTITIONS = 64;
/** How often the end is checked, because a member may shorten their quiet hours. */
const LOOK_MS = 10 * 60_000;
/** A later message gets a queue entry of its own: the one before may expire first, or have been given up. */
const ENTRY_MS = 6 * 3_600_000;

/** A summary that waits for the end of somebody's quiet hours. */
interface Held {
  readonly user: string;
  readonly chat: string;
}

export interface LatePorts
  extends Pick<ChatsPorts, "api" | "bot" | "clock" | "cluster" | "config" | "kv" | "log"> {
  readonly people: People;
  readonly persons: PersonRecords;
  readonly directory: ChatDirectory;
}

export class LateMessages {
  readonly #ports: LatePorts;
  readonly #records: LateRecords;
  readonly #queue: Queue<Held>;
  readonly #turns: Once;

  constructor(ports: LatePorts) {
    this.#ports = ports;
    this.#records = new LateRecords(ports.kv);
    this.#turns = new Once({ cluster: ports.cluster, kv: ports.kv, prefix: "chats.summary." });
    this.#queue = new Queue<Held>(
      {
        name: QUEUE,
        parse: parseHeld,
        handle: (work) => this.#ring(work),
        // The record expires first, so an entry is retried as long as there is anything to post.
        expiryMs: () => KEPT_MS + ENTRY_MS,
        maxTries: Number.POSITIVE_INFINITY,
        maxEntries: 50_000,
        concurrency: 4,
        partitions: PARTITIONS,
      },
      ports,
    );
  }

  /** Runs until the signal is aborted: posts what was held back. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  /** For an outage: posts at once. May be called again for the same message. */
  async add(userId: string, chat: Chat, message: IncomingMessage, signal: AbortSignal): Promise<void> {
    const about = await this.#about(userId, message);
    if (!about) return;
    const record = await this.#records.change(userId, chat.id, (before) => {
      const now = this.#ports.clock.now();
      const isOpen = before && (isHeld(before) || (!before.quiet && now - before.since < GROWS_MS));
      const open = isOpen ? before : { since: now, post: "", quiet: false, messages: {} };
      return withMessage(open, message.messageId, about);
    });
    if (!isHeld(record)) await this.#show(userId, chat, record, signal);
  }

  /** For quiet hours: posts at their end. May be called again for the same message. Throws when too many wait. */
  async hold(userId: string, chat: Chat, message: IncomingMessage): Promise<void> {
    const about = await this.#about(userId, message);
    if (!about) return;
    const now = this.#ports.clock.now();
    const { since } = await this.#records.change(userId, chat.id, (before) => {
      const open = before && isHeld(before) ? before : { since: now, post: "", quiet: true, messages: {} };
      return withMessage(open, message.messageId, about);
    });
    const result = await this.#queue.add({
      id: shortId(userId, chat.id, String(since), String(Math.floor((now - since) / ENTRY_MS))),
      key: `${userId} ${chat.id}`,
      at: now,
      value: { user: userId, chat: chat.id },
    });
    if (result === "full") throw new Error("too many summaries of quiet hours are waiting");
  }

  /** The message was deleted or blocked. A summary that is already posted contains no text of it. */
  async withdraw(userId: string, chatId: string, messageId: string): Promise<void> {
    await this.#records.change(userId, chatId, (before) => {
      if (!before?.messages[messageId] || !isHeld(before)) return before;
      const { [messageId]: _, ...messages } = before.messages;
      return { ...before, messages };
    });
  }

  async #ring({ entry, signal }: QueueWork<Held>): Promise<Outcome> {
    const { user, chat: chatId } = entry.value;
    const { clock, config, directory, people, persons } = this.#ports;
    const record = await this.#records.read(user, chatId);
    if (!record || !isHeld(record) || Object.keys(record.messages).length === 0) return { kind: "done" };
    if ((await people.objectIdOf(user)) === null) return this.#forget(entry.value, "not_connected");
    const [account, person] = [(await people.accounts([user])).get(user), await persons.read(user)];
    const facts = recipientFacts(
      { account, person, config: config.current, now: clock.now() },
      { chat: { id: chatId, kind: kindOf(chatId) }, fromApp: false },
    );
    const refused = refusedAtOnce(facts);
    const { quiet } = choicesOf(person.chosen);
    if (refused === "quiet_hours" && quiet) {
      const left = quietEnds(quiet, clock.now(), account?.zone ?? "") - clock.now();
      return {
        kind: "retry",
        because: refused,
        afterMs: Math.min(Math.max(left, 1), LOOK_MS),
        counts: false,
      };
    }
    if (refused) return this.#forget(entry.value, refused);
    // Its topic is optional.
    const chat = await directory
      .find(chatId, [user], signal)
      .catch((): Chat => ({ id: chatId, kind: kindOf(chatId), topic: "", members: [] }));
    await this.#show(user, chat, record, signal);
    return { kind: "done" };
  }

  /** Messages that are not summed up now must not wait for the end of the next quiet hours. */
  async #forget({ chat, user }: Held, because: string): Promise<Outcome> {
    await this.#records.change(user, chat, (before) =>
      before && isHeld(before) ? { ...before, messages: {} } : before,
    );
    return { kind: "drop", because };
  }

  /**
   * Creates or changes the post. Summaries of one chat take turns on all nodes, because notifications and gap filling
   * may bring messages of one outage at the same time: each turn posts everything that is recorded by then.
   */
  async #show(userId: string, chat: Chat, record: LateRecord, signal: AbortSignal): Promise<void> {
    const work = async () => {
      const now = await this.#records.read(userId, chat.id);
      await this.#write(userId, chat, now?.since === record.since ? now : record);
    };
    await this.#turns.inTurn(`${userId} ${chat.id}`, work, signal);
  }

  async #write(userId: string, chat: Chat, record: LateRecord): Promise<void> {
    const { api, bot, people } = this.#ports;
    const account = (await people.accounts([userId])).get(userId);
    if (!account) return;
    const text = this.#text(record, chat, chatWords.in(account.language));
    const props = {
      teams_chat_id: chat.id,
      teams_late_chat_id: chat.id,
      teams_late_since: String(record.since),
    };
    const isMine = (given: Readonly<Record<string, unknown>>) =>
      given.teams_late_chat_id === chat.id && given.teams_late_since === props.teams_late_since;
    const known =
      record.post === ""
        ? await findPost(this.#ports, userId, isMine, record.since)
        : await this.#post(record.post);
    if (known && known.Message !== text) await api.updatePost({ ...known, Message: text });
    const post = known ?? (await bot.direct(userId, { text, props }));
    if (post.Id !== record.post)
      await this.#records.change(userId, chat.id, (before) =>
        before?.since === record.since ? { ...before, post: post.Id } : before,
      );
  }

  async #about(userId: string, message: IncomingMessage): Promise<readonly [string, boolean] | null> {
    const { people } = this.#ports;
    const account = (await people.accounts([userId])).get(userId);
    if (!account || !message.sender) return null;
    const objectId = await people.objectIdOf(userId);
    const isMentioned = message.mentionsEverybody || [...message.mentions].some((one) => same(one, objectId));
    return [nameOf(message.sender, chatWords.in(account.language)).slice(0, 100), isMentioned];
  }

  /** Returns null when the person has deleted it: the next one is new. */
  async #post(postId: string) {
    const post = await this.#ports.api.getPost(postId).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    return post && post.DeleteAt === 0 ? post : null;
  }

  #text({ messages, quiet }: LateRecord, chat: Chat, say: ReturnType<typeof chatWords.in>): string {
    const all = Object.values(messages);
    const names = [...new Set(all.map(([name]) => name))];
    const shown = names.slice(0, MAX_NAMES).join(", ");
    const others = names.length - MAX_NAMES;
    const mentions = all.filter(([, mentioned]) => mentioned).length;
    const lines =
      mentions === 0
        ? []
        : [`**${say(mentions === 1 ? "late_mentions_one" : "late_mentions_many", { count: mentions })}**`];
    const [first] = names;
    const who = others > 0 ? say("and_others", { count: others }).replace("{names}", () => shown) : shown;
    const word = `${quiet ? "quiet" : "late"}_${all.length === 1 ? "one" : "many"}` as const;
    lines.push(
      sentence(say(word, { count: all.length }), {
        name: { text: first ?? "", marks: ["bold"] },
        names: { text: who, marks: ["bold"] },
        chat: chatPiece(chat, chatLink(this.#ports.config.current, chat.id), say),
      }),
    );
    return lines.join("\n");
  }
}

const same = (one: string, other: string | null) => one.toLowerCase() === other?.toLowerCase();

function parseHeld(value: unknown): Held {
  const it = value as Partial<Held> | null;
  if (typeof it?.user !== "string" || typeof it.chat !== "string") throw new Error("not a held message");
  return { user: it.user, chat: it.chat };
}
