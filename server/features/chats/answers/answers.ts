/**
 * Sends a member's reply in the thread of a Teams message to that chat, as the member.
 *
 *   reply ─▶ queue (only ids) ─▶ files to OneDrive ─▶ recorded: about to send ─▶ Graph ─▶ recorded: sent
 *
 * Success causes no notice. A failure causes a reply of the bot with the reason and a button. When a process dies
 * between the two records, Graph may or may not have the message: the next attempt searches the chat first.
 */

import { createHash } from "node:crypto";
import { toTeams } from "../../../microsoft/teams-messages/index.ts";
import { NONCE_PROP, type Press, type PressReply } from "../../../platform/bot/cards.ts";
import { chatsSettings } from "../../../platform/settings/index.ts";
import { Once } from "../../../platform/work/once.ts";
import { type Outcome, Queue, type QueueWork } from "../../../platform/work/queue.ts";
import type { Post, Reaction } from "../../../runtime/mattermost/index.ts";
import { isGone } from "../delivery/posting.ts";
import { failureOf, isUnusable, mayPass } from "../graph-refusals.ts";
import { PRESSES_PREFIX } from "../members/mutes.ts";
import { type Answer, type AnswersPorts, type AnswerWork, idsOf, type ReactionTo, Unsent } from "./answer.ts";
import { Notices } from "./answer-notices.ts";
import { Sending } from "./answer-sending.ts";
import { answerWords } from "./answer-words.ts";
import { nameAndReason, shareFile, uploadFile } from "./uploads.ts";

export const ANSWERS_QUEUE = "chats_answers";

/** After this time the member decides, because an answer that arrives hours later may be worse than none. */
const GIVE_UP_MS = 3_600_000;
/** How long an answer waits for its files while Graph responds and the storage of files does not. */
const FILES_MS = 5 * 60_000;
const EXPIRY_MS = 24 * 3_600_000;
const MAX_WAITING = 10_000;
const CONCURRENCY = 8;
const MAX_TRIES = 10;

export class Answers {
  readonly #ports: AnswersPorts;
  readonly #queue: Queue<AnswerWork>;
  readonly #sending: Sending;
  readonly #notices: Notices;
  readonly #retries: Once;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
    this.#sending = new Sending(ports);
    this.#notices = new Notices(ports);
    this.#retries = new Once({ ...ports, prefix: PRESSES_PREFIX });
    this.#queue = new Queue<AnswerWork>(
      {
        name: ANSWERS_QUEUE,
        parse: parseWork,
        handle: (work) => this.#handle(work),
        expiryMs: () => EXPIRY_MS,
        maxEntries: MAX_WAITING,
        concurrency: CONCURRENCY,
        maxTries: MAX_TRIES,
      },
      ports,
    );
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  get state() {
    return this.#queue.state;
  }

  /** Handles a reply in a thread of the bot's direct channel. */
  async posted(post: Post, root: Post): Promise<void> {
    const { bot, config, threads } = this.#ports;
    const { chat, message } = idsOf(root);
    if (chat === null || root.UserId !== (await bot.userId())) return;
    if (!config.current.section(chatsSettings).chats_reply)
      return this.#notices.sayHow(post, root, chat, message);
    const isFirst = await threads.answered(post.UserId, chat, root.Id);
    const answer: Answer = {
      ...{ kind: "message", post: post.Id, root: root.Id, chat, user: post.UserId },
      quoted: isFirst ? message : null,
      ...{ files: [], sent: 0, trying: null, notice: null },
    };
    await this.#add(post.Id, answer);
  }

  /** Queues an answer. If it cannot be stored, the member gets a notice at once, because nothing retries it. */
  async #add(id: string, work: AnswerWork): Promise<boolean> {
    const at = this.#ports.clock.now();
    const result = await this.#queue
      .add({ id, key: keyOf(work), at, value: work })
      .catch((error: unknown) => {
        this.#ports.log.warn("An answer to a Teams chat could not be stored", { error: String(error) });
        return "failed" as const;
      });
    if (result === "added" || result === "duplicate") return true;
    await this.#notices.failed(work, "not_taken", {});
    return false;
  }

  async reacted(reaction: Reaction, post: Post, isRemoved: boolean): Promise<void> {
    const { bot, clock, config } = this.#ports;
    const { chat, message } = idsOf(post);
    const isOurs = post.UserId === (await bot.userId());
    if (!config.current.section(chatsSettings).chats_reply || chat === null || message === null || !isOurs)
      return;
    const value: ReactionTo = {
      ...{ kind: "reaction", chat, message, user: reaction.UserId, channel: post.ChannelId },
      ...{ emoji: reaction.EmojiName, isRemoved },
    };
    const id = `${post.Id}.${reaction.UserId}.${reaction.EmojiName}.${clock.now()}`;
    await this.#add(shortened(id), value);
  }

  async pressed(press: Press): Promise<PressReply> {
    const { people } = this.#ports;
    const language = (await people.accounts([press.userId])).get(press.userId)?.language;
    const given = press.value as { readonly post?: unknown; readonly root?: unknown } | null;
    const root = await this.#ports.api.getPost(String(given?.root ?? "")).catch(() => null);
    const { chat } = root ? idsOf(root) : { chat: null };
    if (!root || chat === null || typeof given?.post !== "string") return {};
    const answer: Answer = {
      ...{ kind: "message", post: given.post, root: root.Id, chat, user: press.userId, quoted: null },
      ...{ files: [], sent: 0, trying: null, notice: press.post.Id },
    };
    // Parts that Graph has are not sent again.
    const value = press.value as { readonly sent?: unknown };
    const sent = typeof value.sent === "number" ? value.sent : 0;
    // The second request of a double press may come after the answer was sent: its notice is still the same one.
    const notice = String(press.post.Props[NONCE_PROP]);
    const isTaken = await this.#retries.run(given.post, notice, async (turn) => {
      if ((await turn.noted()) !== null) return true;
      const isAdded = await this.#add(answer.post, { ...answer, sent });
      if (isAdded) await turn.note("taken");
      return isAdded;
    });
    return isTaken ? { ephemeral: answerWords.in(language)("trying") } : {};
  }

  async #handle(work: QueueWork<AnswerWork>): Promise<Outcome> {
    // The newest that is stored: a notice about a later part must not send the earlier ones again.
    let { value } = work.entry;
    const save = async (next: AnswerWork) => {
      await work.save(next);
      value = next;
    };
    try {
      if (value.kind === "reaction") await this.#sending.react(value, work.signal);
      else await this.#send(value, { ...work, save });
      this.#ports.metrics.answered(value.kind === "reaction" ? "reaction" : "sent");
      return { kind: "done" };
    } catch (error) {
      if (work.signal.aborted) return { kind: "retry", because: "stopped", counts: false };
      if (error instanceof Unsent) return this.#notices.failed(error.value, error.reason, error.values);
      const late = this.#ports.clock.now() - work.entry.at > GIVE_UP_MS;
      if (mayPass(error) && !late) {
        const afterMs = Math.min(Math.max(failureOf(error).retryAfterMs ?? 3_000, 500), 60_000);
        return { kind: "retry", because: "microsoft_busy", afterMs, counts: false };
      }
      const { code, status } = failureOf(error);
      if (status === null && !mayPass(error) && !isUnusable(error)) throw error;
      return this.#notices.failed(value, await this.#notices.reasonOf(error, value.user), {
        code: `${status ?? ""} ${code}`.trim(),
      });
    }
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────

  async #send(answer: Answer, { entry, save, signal }: QueueWork<AnswerWork>): Promise<void> {
    const { api, clock, config, connections, directory, people } = this.#ports;
    const post = await api.getPost(answer.post).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    const me = await people.objectIdOf(answer.user);
    if (me === null) throw new Unsent(answer, "not_connected", { link: connections.connectLink("dm") });
    if (!post || post.DeleteAt > 0) return;
    const credential = connections.credential(answer.user);
    const to = { chat: answer.chat, credential, me };
    let state = answer;
    const note = async (change: Partial<Answer>) => {
      state = { ...state, ...change };
      await save(state);
    };
    const fileIds = (post.FileIds ?? []).slice(0, 10);
    while (state.files.length < fileIds.length) {
      const file = await uploadFile(this.#ports, fileIds[state.files.length] ?? "", {
        credential,
        signal,
        isPatient: clock.now() - entry.at < FILES_MS,
      });
      const others = (await directory.find(answer.chat, [answer.user], signal)).members.flatMap(
        ({ objectId }) => (objectId === null || objectId === me.toLowerCase() ? [] : [objectId]),
      );
      // A person whom OneDrive does not know still sees the message, and learns about the file when they open it.
      if (file.item)
        await shareFile(this.#ports, file.item, others, credential).catch((error: unknown) => {
          if (mayPass(error)) throw error;
        });
      await note({ files: [...state.files, file] });
    }
    const account = (await people.accounts([answer.user])).get(answer.user);
    const converted = toTeams(
      { message: post.Message, type: post.Type, ...priorityOf(post) },
      {
        siteUrl: config.current.siteUrl?.url ?? "",
        team: null,
        personOf: await this.#sending.mentionable(answer.chat, signal),
        publicChannel: () => null,
        everybody: null,
        files: state.files.map(({ sent }) => sent),
        ...(account ? { language: account.language } : {}),
      },
    );
    if (converted.dropped !== null) return;
    for (const [index, draft] of converted.messages.entries()) {
      if (index < state.sent) continue;
      const isRepeat = state.trying !== null;
      if (!isRepeat) await note({ trying: clock.now(), others: this.#sending.earlier(to) });
      const before = { others: state.others ?? [], since: state.trying ?? 0 };
      const isThere = isRepeat && (await this.#sending.isThere({ ...to, signal }, draft, before));
      if (!isThere) await this.#sending.post(to, index === 0 ? answer.quoted : null, draft);
      if (index + 1 < converted.messages.length) await note({ sent: index + 1, trying: null });
    }
    const failed = state.files.filter(({ sent }) => "failed" in sent);
    if (failed.length > 0)
      throw new Unsent({ ...state, sent: converted.messages.length }, "files_failed", {
        names: failed.map((file) => nameAndReason(file, account?.language)).join(", "),
      });
    if (answer.notice) await api.deletePost(answer.notice).catch(() => {});
  }
}

/** A person's answers to a chat keep their order. */
const keyOf = ({ chat, user }: AnswerWork) => `${user} ${chat}`;

const shortened = (id: string) => createHash("sha256").update(id).digest("base64url").slice(0, 26);

function priorityOf({ Metadata }: Post): { readonly priority?: string } {
  const priority = Metadata?.Priority?.Priority;
  return typeof priority === "string" && priority !== "" ? { priority } : {};
}

function parseWork(value: unknown): AnswerWork {
  const it = value as Partial<Record<string, unknown>> | null;
  const texts = (names: readonly string[]) => names.every((name) => typeof it?.[name] === "string");
  if (it?.kind === "message" && texts(["post", "root", "chat", "user"]) && Array.isArray(it.files))
    return value as Answer;
  if (it?.kind === "reaction" && texts(["chat", "message", "user", "emoji"])) return value as ReactionTo;
  throw new Error("not an answer to a chat");
}
