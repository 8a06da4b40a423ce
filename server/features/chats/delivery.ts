/**
 * From a change of a Teams chat to posts of the bot.
 *
 *   change ─▶ message ─▶ recipients ─▶ gate ─▶ record: who is to get it ─▶ files, words ─▶ posts ─▶ record: who has it
 *
 * The change is durable in the inbox of `microsoft/subscriptions`, which calls again until this is done; its contents
 * stay encrypted there, so that no text of a chat is stored by us. Every step may be the last of a process: the record
 * is written before the first post, and whoever finds it unfinished looks for each post before making it.
 */

import type { Outcome } from "../../platform/work/queue.ts";
import type { Post } from "../../runtime/mattermost/index.ts";
import type { Chat, ChatDirectory } from "./chat-directory.ts";
import { kindOf } from "./chat-ids.ts";
import { type Conversion, conversionOf, quotedIds } from "./conversion.ts";
import type { Figures, Reason } from "./figures.ts";
import { type FetchedFiles, Files } from "./files.ts";
import { type Discarded, type RecipientFacts, refusedAtOnce, refusedByPresence } from "./gate.ts";
import { failureOf, mayPass } from "./graph-refusals.ts";
import { GROUP_PROP, groupIn, grown, OpenGroups, withoutPart, withPart, withText } from "./groups.ts";
import { type IncomingMessage, readIncoming } from "./incoming.ts";
import type { LateMessages } from "./late.ts";
import { LEFT_OUT, type MessageRecord, MessageRecords, PENDING, type SeenRecord } from "./message-records.ts";
import type { Account, People } from "./people.ts";
import type { PersonRecords } from "./person-records.ts";
import type { ChatsPorts } from "./ports.ts";
import {
  createPost,
  findPost,
  isFinal,
  isGone,
  isMessage,
  type NewPost,
  notesOf,
  withNotes,
} from "./posting.ts";
import type { Presence } from "./presence.ts";
import { readMessage } from "./reading.ts";
import type { Threads } from "./threads.ts";
import { deepLink, fileLine, headline, nameOf } from "./wording.ts";
import { chatWords } from "./words.ts";

export interface HeardChange {
  readonly chatId: string;
  readonly messageId: string;
  readonly changeType: "created" | "updated" | "deleted";
  /** Null: it has to be read. */
  readonly content: Readonly<Record<string, unknown>> | null;
  readonly receivedAt: number;
}

export interface DeliveryPorts extends ChatsPorts {
  readonly people: People;
  readonly persons: PersonRecords;
  readonly presence: Presence;
  readonly figures: Figures;
  readonly threads: Threads;
  readonly late: LateMessages;
  readonly directory: ChatDirectory;
}

interface Recipient {
  readonly userId: string;
  readonly objectId: string;
}

/** Older ones become one summary for each chat: nobody wants yesterday's questions one by one. */
export const LATE_MS = 2 * 3_600_000;
/** Later edits are no news. */
const EDITS_MS = 3_600_000;
/** A change that overtook its message: for so long the message may still come. */
const AHEAD_MS = 10 * 60_000;
/** For so long a message waits for its files. */
const PATIENCE_MS = 3 * 60_000;
const MAX_RUNES = 16_383;
const POSTS_AT_ONCE = 12;
const TAKEN: Outcome = { kind: "retry", because: "taken", afterMs: 500, counts: false };
/** A process that has begun and is silent for so long is dead: its lease runs out in the same time. */
const DEAD_MS = 15_000;

export class Delivery {
  readonly #ports: DeliveryPorts;
  readonly #records: MessageRecords;
  /** Tells records of this process from those of others. */
  readonly #me: string = crypto.randomUUID().slice(0, 8);
  /** Messages that this process is posting. */
  readonly #working = new Set<string>();
  readonly #groups = new OpenGroups();
  readonly #files: Files;

  constructor(ports: DeliveryPorts) {
    this.#ports = ports;
    this.#records = new MessageRecords(ports.kv);
    this.#files = new Files(ports);
  }

  /** Never throws what may pass by itself: that is a retry. */
  async handle(change: HeardChange, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#handle(change, signal);
    } catch (error) {
      if (!mayPass(error)) throw error;
      const { retryAfterMs, status } = failureOf(error);
      const because = status === 429 ? "microsoft_busy" : "microsoft_unreachable";
      // Not counted: an outage of Microsoft is no fault of the message, and it stays in the queue for a day.
      const tries = Math.min(Math.max(retryAfterMs ?? 2_000, 500), 60_000);
      return { kind: "retry", because, afterMs: tries, counts: false };
    }
  }

  /** One at a time for each message: a gap may hold what a notification has just brought. */
  async #handle(change: HeardChange, signal: AbortSignal): Promise<Outcome> {
    const identity = `${change.chatId} ${change.messageId}`;
    if (this.#working.has(identity)) return TAKEN;
    this.#working.add(identity);
    try {
      return await this.#work(change, signal);
    } finally {
      this.#working.delete(identity);
    }
  }

  #isTaken({ by, plannedAt }: MessageRecord): boolean {
    return by !== this.#me && this.#ports.clock.now() - plannedAt < DEAD_MS;
  }

  async #work(change: HeardChange, signal: AbortSignal): Promise<Outcome> {
    const { chatId } = change;
    if (kindOf(chatId) === "notes") return this.#discard("chat_size");
    const connected = await this.#ports.people.connected();
    if (connected.size === 0) return this.#discard("no_connected_user");
    if (change.changeType === "deleted") return this.#gone(change, "deleted");

    let message = change.content ? readIncoming(chatId, change.messageId, change.content) : null;
    if (message?.event) {
      if (message.event !== "other") this.#ports.directory.forget(chatId);
      return this.#discard("no_user_event");
    }
    if (message?.isDeleted) return this.#gone(change, "deleted");
    if (message?.isBlocked) return this.#gone(change, "blocked");

    const chat = await this.#chat(chatId, message, connected, signal);
    if (!chat) return this.#discard("unable_to_get_teams_data");
    const members = recipientsOf(chat, connected, null);
    if (members.length === 0) return this.#discard("no_connected_user");
    const readers = members.map(({ userId }) => userId);
    if (!message) {
      const content = await readMessage(this.#ports, change, readers, signal);
      if (!content) return this.#discard("unable_to_get_teams_data");
      message = readIncoming(chatId, change.messageId, content);
      if (message.event) return this.#discard("no_user_event");
      if (message.isDeleted) return this.#gone(change, "deleted");
      if (message.isBlocked) return this.#gone(change, "blocked");
    }
    if (chat.members.length <= 1) return this.#discard("chat_size");
    return this.#follow({ change, chat, message, readers, connected }, signal);
  }

  async #follow(work: Work, signal: AbortSignal): Promise<Outcome> {
    const { change, chat } = work;
    let { message } = work;
    let seen = await this.#records.read(chat.id, message.messageId);
    if (seen?.record.isGone) return this.#discard("duplicate");
    if (seen && seen.record.plannedAt > 0) {
      const pending = Object.values(seen.record.people).includes(PENDING);
      if (pending)
        return this.#isTaken(seen.record) ? TAKEN : this.#post({ ...work, seen, isFirst: false }, signal);
      if (message.modifiedAt > seen.record.modifiedAt) return this.#edited(work, seen, signal);
      return this.#discard("duplicate");
    }
    if (change.changeType === "updated") {
      const isFresh = this.#ports.clock.now() - message.createdAt < AHEAD_MS;
      // The message itself may still be on its way; it then finds that this state of it is newer.
      if (isFresh)
        await this.#records.change(message, (record) => record ?? { ...newRecord(message), plannedAt: 0 });
      return this.#discard("notifications_only");
    }
    if (seen && seen.record.modifiedAt > message.modifiedAt) {
      const content = await readMessage(this.#ports, change, work.readers, signal);
      if (content) message = readIncoming(chat.id, message.messageId, content);
      if (message.isDeleted) return this.#gone(change, "deleted");
      if (message.isBlocked) return this.#gone(change, "blocked");
    }
    if (!message.sender) return this.#discard("no_user_event");
    const planned = await this.#plan({ ...work, message }, seen);
    if ("kind" in planned) return planned;
    seen = planned;
    return this.#post({ ...work, message, seen, isFirst: true }, signal);
  }

  // ── who gets it ──────────────────────────────────────────────────────────────────────────────────────

  async #chat(
    chatId: string,
    message: IncomingMessage | null,
    connected: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<Chat | null> {
    // Whose token may be tried where the app's own is refused: people of whom we know that they are in the chat.
    const known = [message?.sender?.userId ?? "", ...(message?.mentions ?? [])];
    const readers = known.flatMap((objectId) => connected.get(objectId.toLowerCase()) ?? []);
    try {
      return await this.#ports.directory.find(chatId, readers, signal);
    } catch (error) {
      if (mayPass(error) || signal.aborted) throw error;
      return null;
    }
  }

  /** Writes who is to get the message. */
  async #plan(work: Work, before: SeenRecord | null): Promise<SeenRecord | Outcome> {
    const { chat, connected, message } = work;
    const { clock } = this.#ports;
    const recipients = recipientsOf(chat, connected, message.sender?.userId ?? null);
    if (recipients.length === 0) return this.#discard("no_connected_user");
    const isGroup = chat.kind !== "direct";
    const people: Record<string, string> = {};
    for (const [userId, refused] of await this.#gate(recipients, chat, message)) {
      people[userId] = refused === null ? PENDING : LEFT_OUT;
      if (refused) this.#ports.figures.discarded(refused, isGroup);
    }
    const record = { ...newRecord(message), plannedAt: clock.now(), by: this.#me, people };
    const written = await this.#records.write(message, before, record);
    // The same message came in a gap, here or on another node.
    return written ?? TAKEN;
  }

  async #gate(
    recipients: readonly Recipient[],
    chat: Chat,
    message: IncomingMessage,
  ): Promise<ReadonlyMap<string, Discarded | null>> {
    const { api, clock, config, people, persons, presence } = this.#ports;
    const now = clock.now();
    const ids = recipients.map(({ userId }) => userId);
    const [accounts, records] = await Promise.all([
      people.accounts(ids),
      Promise.all(ids.map((userId) => persons.read(userId))),
    ]);
    const verdicts = new Map<string, Discarded | null>();
    for (const [at, { userId }] of recipients.entries()) {
      const account = accounts.get(userId);
      const record = records[at];
      if (!record) continue;
      const facts: RecipientFacts = {
        choices: record.choices,
        defaultOn: config.current.settings.chats_default_on,
        kind: chat.kind,
        fromApp: message.sender?.isApp === true,
        isActive: account?.isActive === true,
        mutedUntil: record.muted[chat.id] ?? null,
        now,
        minuteOfDay: minuteOfDay(now, account?.zone ?? "UTC"),
      };
      verdicts.set(userId, refusedAtOnce(facts));
    }
    const open = recipients.filter(({ userId }) => verdicts.get(userId) === null);
    if (open.length === 0) return verdicts;
    const choicesOf = new Map(ids.map((userId, at) => [userId, records[at]?.choices]));
    const careful = open.filter(({ userId }) => choicesOf.get(userId)?.notWhileActive);
    const [states, statuses] = await Promise.all([
      presence.states(open.map(({ objectId }) => objectId)),
      careful.length === 0 ? [] : api.getUserStatusesByIds(careful.map(({ userId }) => userId)),
    ]);
    const online = new Set(statuses.flatMap((one) => (one.Status === "online" ? [one.UserId] : [])));
    for (const { objectId, userId } of open) {
      const choices = choicesOf.get(userId);
      if (choices)
        verdicts.set(
          userId,
          refusedByPresence(choices, states.get(objectId) ?? "PresenceUnknown", online.has(userId)),
        );
    }
    return verdicts;
  }

  // ── posts ────────────────────────────────────────────────────────────────────────────────────────────

  async #post(
    work: Work & { readonly seen: SeenRecord; readonly isFirst: boolean },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { change, chat, isFirst, message, readers, seen } = work;
    const { clock, figures, late } = this.#ports;
    const pending = Object.entries(seen.record.people).flatMap(([userId, post]) =>
      post === PENDING ? [userId] : [],
    );
    if (pending.length === 0 || !message.sender) return { kind: "done" };
    const found = new Map<string, string>();
    let failed: unknown = null;
    if (clock.now() - message.createdAt > LATE_MS) {
      for (const userId of pending) {
        await late.add(userId, chat, message);
        found.set(userId, LEFT_OUT);
      }
    } else {
      if (!isFirst) {
        // An earlier attempt may have come so far.
        for (const userId of pending) {
          const post = await findPost(this.#ports, userId, isMessage(message), seen.record.plannedAt);
          if (post) found.set(userId, post.Id);
        }
      }
      const left = pending.filter((userId) => !found.has(userId));
      const isPatient = clock.now() - change.receivedAt < PATIENCE_MS;
      const conversion = await conversionOf(this.#ports, message, readers, signal);
      const prepared = await this.#prepare({ ...work, conversion, isPatient, to: left }, signal);
      await inGroups(left, POSTS_AT_ONCE, async (userId) => {
        const one = prepared.get(userId);
        if (!one) return void found.set(userId, LEFT_OUT);
        try {
          const post = (await this.#grow(one)) ?? (await createPost(this.#ports, one));
          found.set(userId, post.Id);
          if (one.group) this.#groups.keep(userId, chat.id, post.Id, clock.now());
          figures.delivered({
            isGroup: chat.kind !== "direct",
            hasFiles: one.fileIds.length > 0,
            delayMs: clock.now() - message.createdAt,
          });
          if (one.rootId) await this.#ports.threads.went(userId, chat.id).catch(() => {});
        } catch (error) {
          if (signal.aborted) throw error;
          if (isFinal(error)) {
            figures.discarded("internal_error");
            found.set(userId, LEFT_OUT);
          } else failed = error;
        }
      });
    }
    const settled = (record: MessageRecord) => ({
      ...record,
      people: { ...record.people, ...Object.fromEntries(found) },
    });
    if (!(await this.#records.write(message, seen, settled(seen.record))))
      await this.#records.change(message, (record) => record && settled(record));
    if (failed === null) return { kind: "done" };
    this.#ports.log.warn("A message of a Teams chat could not be posted", { error: String(failed) });
    return { kind: "retry", because: "post_failed" };
  }

  /** Adds the message to the post before it, where the member wants that. Null: it is a post of its own. */
  async #grow(one: NewPost): Promise<Post | null> {
    const { api, clock } = this.#ports;
    const [part] = one.group?.parts ?? [];
    const open = part ? this.#groups.find(one.to, one.chatId, clock.now()) : null;
    if (open === null || !part) return null;
    const post = await api.getPost(open).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    const group = post && post.DeleteAt === 0 ? groupIn(post.Props ?? {}) : null;
    const next = group && withPart(group, part);
    if (!post || !next) return null;
    return (await api.updatePost(grown(post, next))) ?? post;
  }

  /** What each recipient's post says. Without an entry: nothing to say. */
  async #prepare(
    work: Work & {
      readonly conversion: Conversion;
      readonly isPatient: boolean;
      readonly to: readonly string[];
    },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, NewPost>> {
    const { chat, connected, conversion, isPatient, message, readers, to } = work;
    const { bot, config, people, persons, threads } = this.#ports;
    const { sender } = message;
    const prepared = new Map<string, NewPost>();
    if (!sender || to.length === 0) return prepared;
    const senderId = connected.get(sender.userId?.toLowerCase() ?? "") ?? "";
    const accounts = await people.accounts([...to, ...(senderId ? [senderId] : [])]);
    const url = deepLink(config.current, chat.id, message.messageId);
    const texts = new Map<string, Written>();
    const roots = new Map<string, string | null>();
    const written = new Map<string, Written>();
    for (const userId of to) {
      const account = accounts.get(userId);
      if (!account) continue;
      const quoted = await this.#quotedRoot(userId, message);
      roots.set(userId, quoted ?? (await threads.rootOf(userId, chat.id)));
      const key = `${account.language} ${quoted !== null}`;
      let text = texts.get(key);
      if (!text) {
        text = write(conversion, {
          account,
          chat,
          sender,
          url,
          threadOf: quoted === null ? null : () => quoted,
        });
        texts.set(key, text);
      }
      written.set(userId, text);
    }
    const [any] = written.values();
    if (!any) return prepared;
    if (any.dropped !== null) {
      this.#ports.figures.discarded(any.dropped === "no_sender" ? "no_user_event" : any.dropped);
      return prepared;
    }
    let fetched: FetchedFiles = { ids: new Map(), notes: [] };
    if (any.files.length > 0) {
      const channels = new Map<string, string>();
      for (const userId of written.keys()) channels.set(userId, await bot.directChannel(userId));
      fetched = await this.#files.collect({ files: any.files, channels, readers, signal, isPatient });
      for (const { word } of fetched.notes) this.#ports.figures.file(word);
      for (const _ of fetched.ids.values().next().value ?? []) this.#ports.figures.file("delivered");
    }
    for (const [userId, { head, markdown, text }] of written) {
      const account = accounts.get(userId) as Account;
      const say = chatWords.in(account.language);
      const by = nameOf(sender, say);
      const wantsGroups = (await persons.read(userId)).choices.grouping;
      // What has files, notes or a thread stands for itself.
      const isPlain = any.files.length === 0 && (roots.get(userId) ?? null) === null;
      prepared.set(userId, {
        to: userId,
        language: account.language,
        chatId: chat.id,
        messageId: message.messageId,
        text,
        notes: fetched.notes.map((one) => fileLine(one, url, say)).join("\n"),
        rootId: roots.get(userId) ?? null,
        fileIds: fetched.ids.get(userId) ?? [],
        sender: { name: by, account: accounts.get(senderId) ?? null },
        group:
          wantsGroups && isPlain ? { head, parts: [{ id: message.messageId, by, text: markdown }] } : null,
      });
    }
    return prepared;
  }

  /** The thread of the post that stands for the message which this one quotes. */
  async #quotedRoot(userId: string, message: IncomingMessage): Promise<string | null> {
    const [quoted] = quotedIds(message);
    if (quoted === undefined) return null;
    const seen = await this.#records.read(message.chatId, quoted);
    const postId = seen?.record.people[userId] ?? "";
    if (postId === PENDING || postId === LEFT_OUT) return null;
    const post = await this.#ports.api.getPost(postId).catch(() => null);
    return post && post.DeleteAt === 0 ? post.RootId || post.Id : null;
  }

  // ── what happens to a message afterwards ─────────────────────────────────────────────────────────────

  async #edited(work: Work, seen: SeenRecord, signal: AbortSignal): Promise<Outcome> {
    const { chat, message, readers } = work;
    const { api, clock, config, people } = this.#ports;
    const { editedAt, people: posts } = seen.record;
    const isEdit = message.editedAt > editedAt && clock.now() - message.createdAt < EDITS_MS;
    const postIds = Object.entries(posts).filter(([, post]) => post !== LEFT_OUT && post !== PENDING);
    if (isEdit && postIds.length > 0 && message.sender) {
      const { sender } = message;
      const accounts = await people.accounts(postIds.map(([userId]) => userId));
      const conversion = await conversionOf(this.#ports, message, readers, signal);
      const url = deepLink(config.current, chat.id, message.messageId);
      for (const [userId, postId] of postIds) {
        const account = accounts.get(userId);
        const post = await api.getPost(postId).catch((error: unknown) => {
          if (isGone(error)) return null;
          throw error;
        });
        if (!account || !post || post.DeleteAt > 0) continue;
        const quoted = await this.#quotedRoot(userId, message);
        const { dropped, markdown, text } = write(conversion, {
          ...{ account, chat, sender, url },
          threadOf: quoted === null ? null : () => quoted,
        });
        const group = groupIn(post.Props ?? {});
        const next = group
          ? grown(post, withText(group, message.messageId, markdown))
          : { ...post, Message: withNotes(text, notesOf(post)) };
        if (dropped === null && next.Message !== post.Message) await this.#update(next);
      }
    }
    // Also after an edit that changed nothing here: an older state that comes late is then recognised.
    await this.#records.change(message, (record) =>
      record && message.modifiedAt > record.modifiedAt
        ? { ...record, modifiedAt: message.modifiedAt, editedAt: message.editedAt }
        : null,
    );
    return isEdit ? { kind: "done" } : this.#discard("notifications_only");
  }

  /** A server that does not take changes of a post any more is no reason to hold up its chat. */
  async #update(post: Post): Promise<void> {
    try {
      await this.#ports.api.updatePost(post);
    } catch (error) {
      if (!isFinal(error)) throw error;
      this.#ports.figures.discarded("internal_error");
    }
  }

  /** Removes what was posted, and keeps it from being posted. */
  async #gone(change: HeardChange, why: "deleted" | "blocked"): Promise<Outcome> {
    const { clock } = this.#ports;
    const createdAt = Number(/^\d{13}$/.exec(change.messageId)?.[0] ?? 0);
    const isFresh = clock.now() - createdAt < AHEAD_MS;
    const seen = await this.#records.read(change.chatId, change.messageId);
    if (!seen && !isFresh) return this.#discard("notifications_only");
    for (const [userId, noted] of Object.entries(seen?.record.people ?? {})) {
      if (noted === LEFT_OUT) continue;
      const postId =
        noted !== PENDING
          ? noted
          : (await findPost(this.#ports, userId, isMessage(change), seen?.record.plannedAt ?? 0))?.Id;
      if (postId) await this.#removePost(userId, postId, change.messageId, why);
    }
    await this.#records.change(change, (record) => ({
      ...(record ?? { ...emptyRecord, createdAt }),
      isGone: true,
    }));
    return seen ? { kind: "done" } : this.#discard("deleted");
  }

  /** A post with answers in its thread stays, without a word of the message: answers are the member's own. */
  async #removePost(
    userId: string,
    postId: string,
    messageId: string,
    why: "deleted" | "blocked",
  ): Promise<void> {
    const { api, people } = this.#ports;
    try {
      const post = await api.getPost(postId);
      if (!post || post.DeleteAt > 0) return;
      const group = groupIn(post.Props ?? {});
      const rest = group && withoutPart(group, messageId);
      if (rest) return await this.#update(grown(post, rest));
      if (post.ReplyCount === 0) return await api.deletePost(postId);
      const account = (await people.accounts([userId])).get(userId);
      const note = chatWords.in(account?.language)(why);
      const { attachments: _, [GROUP_PROP]: __, ...props } = post.Props ?? {};
      await this.#update({ ...post, Message: `_${note}_`, FileIds: [], Props: props });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  #discard(reason: Reason): Outcome {
    this.#ports.figures.discarded(reason);
    return { kind: "drop", because: reason };
  }
}

interface Work {
  readonly change: HeardChange;
  readonly chat: Chat;
  readonly message: IncomingMessage;
  /** Connected members, the sender too. */
  readonly readers: readonly string[];
  readonly connected: ReadonlyMap<string, string>;
}

interface Written {
  readonly dropped: Exclude<ReturnType<Conversion["of"]>["dropped"], null> | null;
  /** Who wrote, and where. */
  readonly head: string;
  readonly markdown: string;
  /** Both. */
  readonly text: string;
  readonly files: Parameters<Files["collect"]>[0]["files"];
}

function write(
  conversion: Conversion,
  given: {
    readonly account: Account;
    readonly chat: Chat;
    readonly sender: NonNullable<IncomingMessage["sender"]>;
    readonly url: string;
    readonly threadOf: ((messageId: string) => string | null) | null;
  },
): Written {
  const { account, chat, sender, threadOf, url } = given;
  const head = headline(sender, chat, url, chatWords.in(account.language));
  const post = converted(conversion, {
    language: account.language,
    url,
    // Lines about ten files need 3,000 at most.
    maxRunes: MAX_RUNES - [...head].length - 3_000,
    ...(threadOf ? { threadOf } : {}),
  });
  // Something that nobody thought of: the reader still hears of the message, and finds it in Teams.
  if (!post) return { dropped: null, head, markdown: "", text: head, files: [] };
  if (post.dropped !== null) return { dropped: post.dropped, head, markdown: "", text: "", files: [] };
  const { files, markdown } = post;
  return { dropped: null, head, markdown, text: markdown === "" ? head : `${head}\n\n${markdown}`, files };
}

function converted(
  conversion: Conversion,
  reader: Parameters<Conversion["of"]>[0],
): ReturnType<Conversion["of"]> | null {
  try {
    return conversion.of(reader);
  } catch {
    return null;
  }
}

const emptyRecord: MessageRecord = {
  ...{ createdAt: 0, modifiedAt: 0, editedAt: 0, plannedAt: 0, by: "" },
  isGone: false,
  people: {},
};

const newRecord = ({ createdAt, editedAt, modifiedAt }: IncomingMessage): MessageRecord => ({
  ...emptyRecord,
  ...{ createdAt, editedAt, modifiedAt },
});

function recipientsOf(
  { members }: Chat,
  connected: ReadonlyMap<string, string>,
  senderId: string | null,
): Recipient[] {
  const found = new Map<string, Recipient>();
  for (const { objectId } of members) {
    const userId = objectId === null ? undefined : connected.get(objectId);
    if (objectId !== null && userId !== undefined && objectId !== senderId?.toLowerCase())
      found.set(userId, { userId, objectId });
  }
  return [...found.values()];
}

/** Where the person lives; a zone that the runtime does not know is UTC. */
function minuteOfDay(now: number, zone: string): number {
  const at = Temporal.Instant.fromEpochMilliseconds(now);
  try {
    const { hour, minute } = at.toZonedDateTimeISO(zone);
    return hour * 60 + minute;
  } catch {
    const { hour, minute } = at.toZonedDateTimeISO("UTC");
    return hour * 60 + minute;
  }
}

async function inGroups<T>(all: readonly T[], size: number, run: (one: T) => Promise<void>): Promise<void> {
  const work = all.values();
  await Promise.all(
    Array.from({ length: Math.min(size, all.length) }, async () => {
      for (const one of work) await run(one);
    }),
  );
}
