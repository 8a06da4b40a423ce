/**
 * Answers: what a member writes into the thread of a message from Teams goes into that chat, as the member.
 *
 *   reply ─▶ queue (ids alone) ─▶ files to OneDrive ─▶ noted: about to send ─▶ Graph ─▶ noted: sent
 *
 * Success is silent. A failure is a reply of the bot with the reason and a button. A process that dies between the
 * two notes leaves it open whether Graph has the message: the next attempt looks for it in the chat first.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { Credential } from "../../microsoft/graph/index.ts";
import { type TeamsDraft, toTeams } from "../../microsoft/teams-messages/index.ts";
import type { Press, PressReply } from "../../platform/bot/cards.ts";
import { emojiText } from "../../platform/markdown/emoji.ts";
import { type Outcome, Queue, type QueueWork } from "../../platform/work/queue.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Post, Reaction } from "../../runtime/mattermost/index.ts";
import { type AnswerWord, answerWords } from "./answer-words.ts";
import type { ChatDirectory } from "./chat-directory.ts";
import type { Figures } from "./figures.ts";
import { failureOf, isUnusable, mayPass } from "./graph-refusals.ts";
import type { People } from "./people.ts";
import type { ChatsPorts } from "./ports.ts";
import { isGone } from "./posting.ts";
import type { Threads } from "./threads.ts";
import { type ChatFile, shareFile, type UploadPorts, uploadFile } from "./uploads.ts";
import { deepLink } from "./wording.ts";

export const ANSWER_CARD = "chats.answer";
export const ANSWERS_QUEUE = "chats_answers";

interface Answer {
  readonly kind: "message";
  readonly post: string;
  readonly root: string;
  readonly chat: string;
  /** The message that the first answer of a thread quotes; null: none. */
  readonly quoted: string | null;
  readonly user: string;
  readonly files: readonly ChatFile[];
  /** Parts that Graph has. */
  readonly sent: number;
  /** About to send the next part, since. */
  readonly trying: number | null;
  /** The bot's reply about an earlier failure. */
  readonly notice: string | null;
}

interface ReactionTo {
  readonly kind: "reaction";
  readonly chat: string;
  readonly message: string;
  readonly user: string;
  readonly channel: string;
  readonly emoji: string;
  readonly isRemoved: boolean;
}

type Work = Answer | ReactionTo;

export interface AnswersPorts extends ChatsPorts, UploadPorts {
  readonly people: People;
  readonly threads: Threads;
  readonly directory: ChatDirectory;
  readonly figures: Figures;
}

/** Then the member decides: an answer that arrives hours later may be worse than none. */
const GIVE_UP_MS = 3_600_000;
const EXPIRY_MS = 24 * 3_600_000;
const MAX_WAITING = 10_000;
const CONCURRENCY = 8;
const MAX_TRIES = 10;
const BUTTON_MS = 7 * 24 * 3_600_000;
/** Clocks of ours and of Microsoft's differ. */
const CLOCKS_MS = 2 * 60_000;

const sentMessage = lazy(() =>
  z.object({
    id: z.string(),
    createdDateTime: z.string().nullish(),
    from: z.object({ user: z.object({ id: z.string().nullish() }).nullish() }).nullish(),
    body: z.object({ content: z.string().nullish() }).nullish(),
  }),
);
const messages = lazy(() => z.object({ value: z.array(sentMessage()) }));

export class Answers {
  readonly #ports: AnswersPorts;
  readonly #queue: Queue<Work>;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
    this.#queue = new Queue<Work>(
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

  /** A reply in a thread of the bot's direct channel. */
  async posted(post: Post, root: Post): Promise<void> {
    const { bot, clock, config, threads } = this.#ports;
    const { chat, message } = idsOf(root);
    if (chat === null || root.UserId !== (await bot.userId())) return;
    if (!config.current.settings.chats_reply) return this.#sayHow(post, root, chat, message);
    const isFirst = await threads.answered(post.UserId, chat, root.Id);
    const answer: Answer = {
      ...{ kind: "message", post: post.Id, root: root.Id, chat, user: post.UserId },
      quoted: isFirst ? message : null,
      ...{ files: [], sent: 0, trying: null, notice: null },
    };
    await this.#queue.add({ id: post.Id, key: keyOf(answer), at: clock.now(), value: answer });
  }

  async reacted(reaction: Reaction, post: Post, isRemoved: boolean): Promise<void> {
    const { bot, clock, config } = this.#ports;
    const { chat, message } = idsOf(post);
    const isOurs = post.UserId === (await bot.userId());
    if (!config.current.settings.chats_reply || chat === null || message === null || !isOurs) return;
    const value: ReactionTo = {
      ...{ kind: "reaction", chat, message, user: reaction.UserId, channel: post.ChannelId },
      ...{ emoji: reaction.EmojiName, isRemoved },
    };
    const id = `${post.Id}.${reaction.UserId}.${reaction.EmojiName}.${clock.now()}`;
    await this.#queue.add({ id: shortened(id), key: keyOf(value), at: clock.now(), value });
  }

  async pressed(press: Press): Promise<PressReply> {
    const { clock, people } = this.#ports;
    const language = (await people.accounts([press.userId])).get(press.userId)?.language;
    const given = press.value as { readonly post?: unknown; readonly root?: unknown } | null;
    const root = await this.#ports.api.getPost(String(given?.root ?? "")).catch(() => null);
    const { chat } = root ? idsOf(root) : { chat: null };
    if (!root || chat === null || typeof given?.post !== "string") return {};
    const answer: Answer = {
      ...{ kind: "message", post: given.post, root: root.Id, chat, user: press.userId, quoted: null },
      ...{ files: [], sent: 0, trying: null, notice: press.post.Id },
    };
    // The parts that Graph has stay sent: it is looked for before each part.
    const value = press.value as { readonly sent?: unknown };
    const sent = typeof value.sent === "number" ? value.sent : 0;
    const added = { ...answer, sent };
    await this.#queue.add({ id: given.post, key: keyOf(answer), at: clock.now(), value: added });
    return { ephemeral: answerWords.in(language)("trying") };
  }

  async #handle(work: QueueWork<Work>): Promise<Outcome> {
    const { value } = work.entry;
    try {
      if (value.kind === "reaction") await this.#react(value, work.signal);
      else await this.#send(value, work);
      this.#ports.figures.answered(value.kind === "reaction" ? "reaction" : "sent");
      return { kind: "done" };
    } catch (error) {
      if (work.signal.aborted) return { kind: "retry", because: "stopped", counts: false };
      if (error instanceof Unsent) return this.#failed(error.value, error.reason, error.values);
      const late = this.#ports.clock.now() - work.entry.at > GIVE_UP_MS;
      if (mayPass(error) && !late) {
        const afterMs = Math.min(Math.max(failureOf(error).retryAfterMs ?? 3_000, 500), 60_000);
        return { kind: "retry", because: "microsoft_busy", afterMs, counts: false };
      }
      const { code, status } = failureOf(error);
      if (status === null && !mayPass(error) && !isUnusable(error)) throw error;
      return this.#failed(value, await this.#reasonOf(error, value.user), {
        code: `${status ?? ""} ${code}`.trim(),
      });
    }
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────

  async #send(answer: Answer, { save, signal }: QueueWork<Work>): Promise<void> {
    const { api, clock, config, connections, directory, people } = this.#ports;
    const post = await api.getPost(answer.post).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    const me = await people.objectIdOf(answer.user);
    if (me === null) throw new Unsent(answer, "not_connected", { link: connections.connectLink("dm") });
    if (!post || post.DeleteAt > 0) return;
    const credential = connections.credential(answer.user);
    let state = answer;
    const note = async (change: Partial<Answer>) => {
      state = { ...state, ...change };
      await save(state);
    };
    const fileIds = (post.FileIds ?? []).slice(0, 10);
    while (state.files.length < fileIds.length) {
      const file = await uploadFile(this.#ports, fileIds[state.files.length] ?? "", credential, signal);
      const others = (await directory.find(answer.chat, [answer.user], signal)).members.flatMap(
        ({ objectId }) => (objectId === null || objectId === me.toLowerCase() ? [] : [objectId]),
      );
      // Whom OneDrive does not know still sees the message; the file says so when they open it.
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
        personOf: await this.#mentionable(answer.chat, signal),
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
      if (!isRepeat) await note({ trying: clock.now() });
      const isThere =
        isRepeat && (await this.#isThere(answer.chat, me, draft, state.trying ?? 0, credential, signal));
      if (!isThere) await this.#post(answer.chat, index === 0 ? answer.quoted : null, draft, credential);
      if (index + 1 < converted.messages.length) await note({ sent: index + 1, trying: null });
    }
    const failed = state.files.flatMap(({ sent }) => ("failed" in sent ? [sent.name] : []));
    if (failed.length > 0)
      throw new Unsent({ ...state, sent: converted.messages.length }, "files_failed", {
        names: failed.map((name) => `\`${name.replaceAll("`", "")}\``).join(", "),
      });
    if (answer.notice) await api.deletePost(answer.notice).catch(() => {});
  }

  async #post(chat: string, quoted: string | null, draft: TeamsDraft, credential: Credential): Promise<void> {
    const { graph } = this.#ports;
    const path = `/chats/${encodeURIComponent(chat)}/messages`;
    const { attachments, content, importance, mentions } = draft;
    const message = {
      body: { contentType: "html", content },
      ...(mentions.length > 0 ? { mentions } : {}),
      ...(attachments.length > 0 ? { attachments } : {}),
      ...(importance === "normal" ? {} : { importance }),
    };
    if (quoted !== null) {
      const body = { messageIds: [quoted], replyMessage: message };
      try {
        return await graph.request({ method: "POST", path: `${path}/replyWithQuote`, body, credential });
      } catch (error) {
        // The quoted message is gone, or this cloud cannot quote (docs/facts/microsoft-chat.md 8).
        if (![400, 404, 405, 501].includes(failureOf(error).status ?? 0)) throw error;
      }
    }
    await graph.request({ method: "POST", path, body: message, credential });
  }

  /** An attempt before this one may have come so far. */
  async #isThere(
    chat: string,
    me: string,
    draft: TeamsDraft,
    since: number,
    credential: Credential,
    signal: AbortSignal,
  ): Promise<boolean> {
    const path = `/chats/${encodeURIComponent(chat)}/messages?$top=50`;
    const { value } = await this.#ports.graph.request({ path, answer: messages(), credential, signal });
    return value.some(
      ({ body, createdDateTime, from }) =>
        from?.user?.id?.toLowerCase() === me.toLowerCase() &&
        Date.parse(createdDateTime ?? "") >= since - CLOCKS_MS &&
        visible(body?.content ?? "").endsWith(visible(draft.content)),
    );
  }

  async #mentionable(chatId: string, signal: AbortSignal) {
    const { directory, people } = this.#ports;
    const [chat, connected] = await Promise.all([
      directory.find(chatId, [], signal).catch(() => null),
      people.connected(),
    ]);
    const members = (chat?.members ?? []).flatMap(({ name, objectId }) => {
      const userId = objectId === null ? undefined : connected.get(objectId);
      return userId && objectId && name !== "" ? [{ userId, id: objectId, displayName: name }] : [];
    });
    const accounts = await people.accounts(members.map(({ userId }) => userId));
    const byName = new Map(
      members.flatMap((one) => {
        const account = accounts.get(one.userId);
        return account ? [[account.username, { id: one.id, displayName: one.displayName }] as const] : [];
      }),
    );
    return (username: string) => byName.get(username.toLowerCase()) ?? null;
  }

  async #react({ chat, emoji, isRemoved, message, user }: ReactionTo, signal: AbortSignal): Promise<void> {
    const { connections, graph } = this.#ports;
    const reactionType = emojiText(emoji);
    // A custom emoji is a picture that Teams does not have.
    if (reactionType.startsWith(":")) return;
    const id = encodeURIComponent;
    const name = isRemoved ? "unsetReaction" : "setReaction";
    try {
      await graph.request({
        method: "POST",
        path: `/chats/${id(chat)}/messages/${id(message)}/${name}`,
        body: { reactionType },
        credential: connections.credential(user),
        signal,
      });
    } catch (error) {
      // Teams does not know this emoji as a reaction, or the message is gone.
      if (![400, 404].includes(failureOf(error).status ?? 0)) throw error;
    }
  }

  // ── what the member sees ─────────────────────────────────────────────────────────────────────────────

  async #reasonOf(error: unknown, userId: string): Promise<AnswerWord> {
    const { code, status } = failureOf(error);
    if (code === "not_connected" || code === "connection_lost") return "not_connected";
    if (mayPass(error)) return "expired";
    if (status === 401 || status === 403) {
      const state = await this.#ports.connections.state(userId).catch(() => null);
      return (state?.missing?.length ?? 0) > 0 ? "consent" : "forbidden";
    }
    if (status === 404) return "gone";
    return status === 413 ? "too_large" : "refused";
  }

  async #failed(work: Work, reason: AnswerWord, values: Readonly<Record<string, string>>): Promise<Outcome> {
    const { api, bot, cards, clock, connections, figures, people } = this.#ports;
    const language = (await people.accounts([work.user])).get(work.user)?.language;
    const say = answerWords.in(language);
    const because = say(reason, { link: connections.connectLink("dm"), ...values });
    if (work.kind === "reaction") {
      const text = say("reaction_not_sent", { reason: because });
      await bot.ephemeral({ userId: work.user, channelId: work.channel }, text).catch(() => {});
      return { kind: "drop", because: reason };
    }
    figures.answered(reason);
    const text = `⚠️ ${say("not_sent", { reason: because })}`;
    // Files that are in doubt are not worth a second message of the same text.
    const isPartly = reason === "files_failed";
    const buttons = isPartly
      ? {}
      : await cards.props(
          {
            name: ANSWER_CARD,
            actions: [
              {
                id: "retry",
                label: say("retry"),
                value: { post: work.post, root: work.root, sent: work.sent },
              },
            ],
          },
          { userId: work.user, expiresAt: clock.now() + BUTTON_MS },
        );
    const props = { ...buttons, teams_answer_post: work.post };
    // An attempt that died may have said so already.
    const said = work.notice ?? (await this.#noticeOf(work));
    const updated = said === null ? null : await bot.update(said, { text, props }).catch(() => null);
    if (!updated) {
      try {
        await bot.direct(work.user, { text, props, rootId: work.root });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    void api;
    return { kind: "drop", because: reason };
  }

  async #noticeOf(answer: Answer): Promise<string | null> {
    const posts = await this.#thread(answer.root);
    return posts.find((one) => one.Props?.teams_answer_post === answer.post)?.Id ?? null;
  }

  /** Once for each thread: how to answer where this server does not. */
  async #sayHow(post: Post, root: Post, chat: string, message: string | null): Promise<void> {
    const { bot, config, people } = this.#ports;
    const posts = await this.#thread(root.Id);
    if (posts.some((one) => one.Props?.teams_how === "true")) return;
    const language = (await people.accounts([post.UserId])).get(post.UserId)?.language;
    const link = deepLink(config.current, chat, message ?? "0");
    const text = answerWords.in(language)("how", { link });
    await bot.direct(post.UserId, { text, rootId: root.Id, props: { teams_how: "true" } });
  }

  /** Of the bot. */
  async #thread(rootId: string): Promise<Post[]> {
    const { api, bot } = this.#ports;
    const botId = await bot.userId();
    const list = await api.getPostThread(rootId).catch(() => null);
    return Object.values(list?.Posts ?? {}).filter(
      (one): one is Post => one !== null && one.UserId === botId && one.DeleteAt === 0,
    );
  }
}

class Unsent extends Error {
  readonly value: Answer;
  readonly reason: AnswerWord;
  readonly values: Readonly<Record<string, string>>;
  constructor(value: Answer, reason: AnswerWord, values: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.value = value;
    this.reason = reason;
    this.values = values;
  }
}

/** The chat that a post of the bot is about. */
export function idsOf({ Props }: Pick<Post, "Props">): { chat: string | null; message: string | null } {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  return { chat: text(Props?.teams_chat_id), message: text(Props?.teams_message_id) };
}

/** One person's answers to one chat keep their order. */
const keyOf = ({ chat, user }: Work) => `${user} ${chat}`;

const shortened = (id: string) => createHash("sha256").update(id).digest("base64url").slice(0, 26);

/** Without marks and blanks: Graph rewrites the markup that it takes. */
const visible = (html: string) =>
  html
    .replace(/<[^>]*>/g, "")
    .replace(/&nbsp;|&#160;/g, " ")
    .replace(/\s+/g, "");

function priorityOf({ Metadata }: Post): { readonly priority?: string } {
  const priority = Metadata?.Priority?.Priority;
  return typeof priority === "string" && priority !== "" ? { priority } : {};
}

function parseWork(value: unknown): Work {
  const it = value as Partial<Record<string, unknown>> | null;
  const texts = (names: readonly string[]) => names.every((name) => typeof it?.[name] === "string");
  if (it?.kind === "message" && texts(["post", "root", "chat", "user"]) && Array.isArray(it.files))
    return value as Answer;
  if (it?.kind === "reaction" && texts(["chat", "message", "user", "emoji"])) return value as ReactionTo;
  throw new Error("not an answer to a chat");
}
