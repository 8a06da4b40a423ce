/** The bot's notices about an answer that did not reach Teams. An answer that did causes none. */

import type { Outcome } from "../../../platform/work/queue.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { isGone } from "../delivery/posting.ts";
import { deepLink } from "../delivery/wording.ts";
import { failureOf, mayPass } from "../graph-refusals.ts";
import type { Answer, AnswersPorts, AnswerWork } from "./answer.ts";
import { type AnswerWord, answerWords } from "./answer-words.ts";

export const ANSWER_CARD = "chats.answer";
const BUTTON_MS = 7 * 24 * 3_600_000;

export class Notices {
  readonly #ports: AnswersPorts;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  async reasonOf(error: unknown, userId: string): Promise<AnswerWord> {
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

  async failed(
    work: AnswerWork,
    reason: AnswerWord,
    values: Readonly<Record<string, string>>,
  ): Promise<Outcome> {
    const { bot, cards, clock, connections, metrics, people } = this.#ports;
    const language = (await people.accounts([work.user])).get(work.user)?.language;
    const say = answerWords.in(language);
    const because = say(reason, { link: connections.connectLink("dm"), ...values });
    if (work.kind === "reaction") {
      const text = say("reaction_not_sent", { reason: because });
      await bot.ephemeral({ userId: work.user, channelId: work.channel }, text).catch(() => {});
      return { kind: "drop", because: reason };
    }
    metrics.answered(reason);
    const text = `⚠️ ${say("not_sent", { reason: because })}`;
    // Files that may be missing are not worth a second message with the same text.
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
    // An earlier attempt that died may have posted the notice already.
    const said = work.notice ?? (await this.#noticeOf(work));
    const updated = said === null ? null : await bot.update(said, { text, props }).catch(() => null);
    if (!updated) {
      try {
        await bot.direct(work.user, { text, props, rootId: work.root });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    return { kind: "drop", because: reason };
  }

  async #noticeOf(answer: Answer): Promise<string | null> {
    const posts = await this.#thread(answer.root);
    return posts.find((one) => one.Props?.teams_answer_post === answer.post)?.Id ?? null;
  }

  /** Posts once per thread how to answer when this server does not send answers. */
  async sayHow(post: Post, root: Post, chat: string, message: string | null): Promise<void> {
    const { bot, config, people } = this.#ports;
    const posts = await this.#thread(root.Id);
    if (posts.some((one) => one.Props?.teams_how === "true")) return;
    const language = (await people.accounts([post.UserId])).get(post.UserId)?.language;
    const link = deepLink(config.current, chat, message ?? "0");
    const text = answerWords.in(language)("how", { link });
    await bot.direct(post.UserId, { text, rootId: root.Id, props: { teams_how: "true" } });
  }

  /** Returns the bot's posts in a thread. */
  async #thread(rootId: string): Promise<Post[]> {
    const { api, bot } = this.#ports;
    const botId = await bot.userId();
    const list = await api.getPostThread(rootId).catch(() => null);
    return Object.values(list?.Posts ?? {}).filter(
      (one): one is Post => one !== null && one.UserId === botId && one.DeleteAt === 0,
    );
  }
}
