/**
 * Delivers a change of a Teams chat as posts of the bot.
 *
 *   change ─▶ message ─▶ recipients ─▶ gate ─▶ record: recipients ─▶ files, texts ─▶ posts ─▶ record: delivered
 *
 * The change is durable in the inbox of `microsoft/subscriptions`, which calls again until this is done; its contents
 * stay encrypted there, so we store no text of a chat. A process may die after any step: the record is written before
 * the first post, and the process that finds it unfinished looks for each post before creating it.
 */

import { atOnce } from "../../../platform/work/at-once.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { kindOf } from "../chat-ids.ts";
import { failureOf, mayPass } from "../graph-refusals.ts";
import type { Reason } from "../metrics.ts";
import type { Chat } from "../recipients/chat-directory.ts";
import { recipientsOf, throughGate } from "../recipients/recipients.ts";
import type { DeliveryPorts, ReceivedChange, Work } from "../work.ts";
import { Writing } from "../writing.ts";
import { Aftermath, AHEAD_MS } from "./aftermath.ts";
import { conversionOf } from "./conversion.ts";
import { groupIn, grown, OpenGroups, withPart } from "./groups.ts";
import { GrowingPosts } from "./growing-posts.ts";
import { type IncomingMessage, readIncoming } from "./incoming.ts";
import {
  isOpen,
  LEFT_OUT,
  type MessageRecord,
  newRecord,
  PENDING,
  QUIET,
  type SeenRecord,
  SUMMED,
} from "./message-records.ts";
import { createPost, findPost, isFinal, isMessage, type NewPost } from "./posting.ts";
import { readMessage } from "./reading.ts";

/** Older messages become one summary per chat: nobody wants yesterday's questions one by one. */
export const LATE_MS = 2 * 3_600_000;
/** How long a message waits for its files. */
const PATIENCE_MS = 3 * 60_000;
const POSTS_AT_ONCE = 12;
const TAKEN: Outcome = { kind: "retry", because: "taken", afterMs: 500, counts: false };
/** A process that has begun and is silent for this long is dead: its lease expires in the same time. */
const DEAD_MS = 15_000;

export class Delivery {
  readonly #ports: DeliveryPorts;
  /** Distinguishes records of this process from those of others. */
  readonly #me: string = crypto.randomUUID().slice(0, 8);
  /** Messages that this process is posting. */
  readonly #working = new Set<string>();
  readonly #groups = new OpenGroups();
  readonly #growing: GrowingPosts;
  readonly #writing: Writing;
  readonly #aftermath: Aftermath;

  constructor(ports: DeliveryPorts) {
    this.#ports = ports;
    this.#writing = new Writing(ports);
    this.#growing = new GrowingPosts(ports);
    this.#aftermath = new Aftermath(ports, this.#growing);
  }

  /** Never throws for temporary failures: they are returned as a retry. */
  async handle(change: ReceivedChange, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#handle(change, signal);
    } catch (error) {
      if (!mayPass(error)) throw error;
      const { retryAfterMs, status } = failureOf(error);
      const because = status === 429 ? "microsoft_busy" : "microsoft_unreachable";
      this.#ports.metrics.failed(because);
      // Not counted as a failed attempt: an outage of Microsoft is not the message's fault, and it stays in the queue
      // for a day.
      const tries = Math.min(Math.max(retryAfterMs ?? 2_000, 500), 60_000);
      return { kind: "retry", because, afterMs: tries, counts: false };
    }
  }

  /** Handles one change of a message at a time: a gap may contain what a notification has just brought. */
  async #handle(change: ReceivedChange, signal: AbortSignal): Promise<Outcome> {
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

  async #work(change: ReceivedChange, signal: AbortSignal): Promise<Outcome> {
    const { chatId } = change;
    if (kindOf(chatId) === "notes") return this.#discard("chat_size");
    const connected = await this.#ports.people.connected();
    if (connected.size === 0) return this.#discard("no_connected_user");
    if (change.changeType === "deleted") return this.#aftermath.gone(change, "deleted", signal);

    let message = change.content ? readIncoming(chatId, change.messageId, change.content) : null;
    if (message?.event) {
      if (message.event !== "other") this.#ports.directory.forget(chatId);
      return this.#discard("no_user_event");
    }
    if (message?.isDeleted) return this.#aftermath.gone(change, "deleted", signal);
    if (message?.isBlocked) return this.#aftermath.gone(change, "blocked", signal);

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
      if (message.isDeleted) return this.#aftermath.gone(change, "deleted", signal);
      if (message.isBlocked) return this.#aftermath.gone(change, "blocked", signal);
    }
    if (chat.members.length <= 1) return this.#discard("chat_size");
    return this.#follow({ change, chat, message, readers, connected }, signal);
  }

  async #follow(work: Work, signal: AbortSignal): Promise<Outcome> {
    const { change, chat } = work;
    let { message } = work;
    let seen = await this.#ports.records.read(chat.id, message.messageId);
    if (seen?.record.isGone) return this.#discard("duplicate");
    if (seen && seen.record.plannedAt > 0) {
      const pending = Object.values(seen.record.people).some(isOpen);
      if (pending)
        return this.#isTaken(seen.record) ? TAKEN : this.#post({ ...work, seen, isFirst: false }, signal);
      if (message.modifiedAt > seen.record.modifiedAt) return this.#aftermath.edited(work, seen, signal);
      return this.#discard("duplicate");
    }
    if (change.changeType === "updated") {
      const isFresh = this.#ports.clock.now() - message.createdAt < AHEAD_MS;
      // The message itself may still be on its way; it will then find that this state is newer.
      if (isFresh)
        await this.#ports.records.change(
          message,
          (record) => record ?? { ...newRecord(message), plannedAt: 0 },
        );
      return this.#discard("notifications_only");
    }
    if (seen && seen.record.modifiedAt > message.modifiedAt) {
      const content = await readMessage(this.#ports, change, work.readers, signal);
      if (content) message = readIncoming(chat.id, message.messageId, content);
      if (message.isDeleted) return this.#aftermath.gone(change, "deleted", signal);
      if (message.isBlocked) return this.#aftermath.gone(change, "blocked", signal);
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
    // Their tokens may be tried when the app's own is refused: people who are known to be in the chat.
    const known = [message?.sender?.userId ?? "", ...(message?.mentions ?? [])];
    const readers = known.flatMap((objectId) => connected.get(objectId.toLowerCase()) ?? []);
    try {
      return await this.#ports.directory.find(chatId, readers, signal);
    } catch (error) {
      if (mayPass(error) || signal.aborted) throw error;
      return null;
    }
  }

  /** Records who should get the message. */
  async #plan(work: Work, before: SeenRecord | null): Promise<SeenRecord | Outcome> {
    const { chat, connected, message } = work;
    const { clock } = this.#ports;
    const recipients = recipientsOf(chat, connected, message.sender?.userId ?? null);
    if (recipients.length === 0) return this.#discard("no_connected_user");
    const isGroup = chat.kind !== "direct";
    const people: Record<string, string> = {};
    for (const [userId, refused] of await throughGate(this.#ports, recipients, chat, message)) {
      people[userId] = refused === null ? PENDING : refused === "quiet_hours" ? QUIET : LEFT_OUT;
      if (refused) this.#ports.metrics.discarded(refused, isGroup);
    }
    const record = { ...newRecord(message), plannedAt: clock.now(), by: this.#me, people };
    const written = await this.#ports.records.write(message, before, record);
    // The same message came through gap filling, here or on another node.
    return written ?? TAKEN;
  }

  // ── posts ────────────────────────────────────────────────────────────────────────────────────────────

  async #post(
    work: Work & { readonly seen: SeenRecord; readonly isFirst: boolean },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { change, chat, isFirst, message, readers, seen } = work;
    const { clock, metrics, late } = this.#ports;
    const noted = Object.entries(seen.record.people);
    if (!noted.some(([, one]) => isOpen(one)) || !message.sender) return { kind: "done" };
    const pending = noted.flatMap(([userId, one]) => (one === PENDING ? [userId] : []));
    const found = new Map<string, string>();
    let failed: unknown = null;
    const isLate = clock.now() - message.createdAt > LATE_MS;
    for (const [userId, one] of noted) {
      if (one !== QUIET && !(isLate && one === PENDING)) continue;
      try {
        await (one === QUIET ? late.hold(userId, chat, message) : late.add(userId, chat, message, signal));
        found.set(userId, SUMMED);
      } catch (error) {
        if (signal.aborted) throw error;
        failed = error;
      }
    }
    if (!isLate) {
      if (!isFirst) {
        // An earlier attempt may have posted it.
        for (const userId of pending) {
          const post = await findPost(this.#ports, userId, isMessage(message), seen.record.plannedAt);
          if (post) found.set(userId, post.Id);
        }
      }
      const left = pending.filter((userId) => !found.has(userId));
      const isPatient = clock.now() - change.receivedAt < PATIENCE_MS;
      const conversion = await conversionOf(this.#ports, message, readers, signal);
      const prepared = await this.#writing.prepare({ ...work, conversion, isPatient, to: left }, signal);
      await atOnce(left, POSTS_AT_ONCE, async (userId) => {
        const one = prepared.get(userId);
        if (!one) return void found.set(userId, LEFT_OUT);
        try {
          const post = (await this.#grow(one, signal)) ?? (await createPost(this.#ports, one));
          found.set(userId, post.Id);
          this.#ports.connections.used(userId);
          if (one.group) this.#groups.keep(userId, chat.id, post.Id, clock.now());
          metrics.delivered({
            isGroup: chat.kind !== "direct",
            hasFiles: one.fileIds.length > 0,
            delayMs: clock.now() - message.createdAt,
          });
          if (one.rootId) await this.#ports.threads.went(userId, chat.id).catch(() => {});
        } catch (error) {
          if (signal.aborted) throw error;
          if (isFinal(error)) {
            metrics.discarded("internal_error");
            found.set(userId, LEFT_OUT);
          } else failed = error;
        }
      });
    }
    const settled = (record: MessageRecord) => ({
      ...record,
      people: { ...record.people, ...Object.fromEntries(found) },
    });
    if (!(await this.#ports.records.write(message, seen, settled(seen.record)))) {
      const record = await this.#ports.records.change(message, (now) => now && settled(now));
      // Another node received the deletion meanwhile, and could not remove a post that did not exist yet.
      if (record?.isGone) return this.#aftermath.gone(change, "deleted", signal);
    }
    if (failed === null) return { kind: "done" };
    metrics.failed("post_failed");
    this.#ports.log.warn("A message of a Teams chat could not be posted", { error: String(failed) });
    return { kind: "retry", because: "post_failed" };
  }

  /** Adds the message to the previous post, if the member wants that. Null: it becomes a separate post. */
  async #grow(one: NewPost, signal: AbortSignal): Promise<Post | null> {
    const { api, clock } = this.#ports;
    const [part] = one.group?.parts ?? [];
    const open = part ? this.#groups.find(one.to, one.chatId, clock.now()) : null;
    if (open === null || !part) return null;
    return this.#growing.change(open, signal, async (post) => {
      const group = post && groupIn(post.Props ?? {});
      const next = group && withPart(group, part);
      if (!post || !next) return null;
      return (await api.updatePost(grown(post, next))) ?? post;
    });
  }

  #discard(reason: Reason): Outcome {
    this.#ports.metrics.discarded(reason);
    return { kind: "drop", because: reason };
  }
}
