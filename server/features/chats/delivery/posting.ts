/** Creates the bot's posts in a member's direct channel. */

import { findPostSince } from "../../../people/find-post.ts";
import type { Card } from "../../../platform/bot/cards.ts";
import type { Language } from "../../../platform/i18n/index.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChatsPorts } from "../ports.ts";
import type { Account } from "../recipients/people.ts";
import { chatWords } from "../words.ts";
import { GROUP_PROP, type Group, groupIn } from "./groups.ts";
import type { IncomingMessage } from "./incoming.ts";

export const CARD = "chats.message";
/** Lines about files, kept here so that an edited message keeps them. */
const NOTES_PROP = "teams_notes";
/** Buttons work as long as somebody may look at the post. */
const BUTTONS_MS = 30 * 24 * 3_600_000;
/** Difference between the clocks of one server's nodes. */
const CLOCKS_MS = 60_000;

export type PostingPorts = Pick<
  ChatsPorts,
  "api" | "bot" | "cards" | "clock" | "config" | "log" | "pluginId"
>;

export interface NewPost {
  readonly to: string;
  readonly language: Language;
  readonly chatId: string;
  readonly messageId: string;
  readonly text: string;
  readonly notes: string;
  readonly rootId: string | null;
  readonly fileIds: readonly string[];
  readonly sender: { readonly name: string; readonly account: Account | null };
  /** Set when the post may grow: the member wants quick messages of a chat together. */
  readonly group: Group | null;
}

export async function createPost(ports: PostingPorts, post: NewPost): Promise<Post> {
  const { bot, cards, clock } = ports;
  const buttons = await cards.props(buttonsOf(post.language, post.chatId), {
    userId: post.to,
    expiresAt: clock.now() + BUTTONS_MS,
  });
  return bot.direct(post.to, {
    text: withNotes(post.text, post.notes),
    props: {
      ...{ ...buttons, ...shownAs(ports, post), ...idsOf(post), [NOTES_PROP]: post.notes },
      ...(post.group ? { [GROUP_PROP]: post.group } : {}),
    },
    ...(post.rootId ? { rootId: post.rootId } : {}),
    ...(post.fileIds.length > 0 ? { fileIds: post.fileIds } : {}),
  });
}

export const withNotes = (text: string, notes: string) =>
  notes === "" ? text : `${text}\n\n${notes}`.trim();

export const notesOf = ({ Props }: Post): string => {
  const notes: unknown = Props?.[NOTES_PROP];
  return typeof notes === "string" ? notes : "";
};

const idsOf = ({ chatId, messageId }: Pick<IncomingMessage, "chatId" | "messageId">) => ({
  teams_chat_id: chatId,
  teams_message_id: messageId,
});

/** Mattermost shows another name and picture on a bot's post only when it came "from a webhook". */
function shownAs({ config }: PostingPorts, { sender }: NewPost): Record<string, string> {
  const site = config.current.siteUrl?.url;
  const picture =
    sender.account && site
      ? {
          override_icon_url: `${site}/api/v4/users/${sender.account.userId}/image?_=${sender.account.pictureAt}`,
        }
      : {};
  return { from_webhook: "true", override_username: sender.name, ...picture };
}

export function buttonsOf(language: Language, chatId: string): Card {
  const say = chatWords.in(language);
  return {
    name: CARD,
    actions: [
      { id: "mute_hour", label: say("mute_hour"), value: { chat: chatId } },
      { id: "mute", label: say("mute"), value: { chat: chatId } },
    ],
  };
}

/** Finds the post that an earlier attempt created, if any. */
export async function findPost(
  { api, bot }: Pick<ChatsPorts, "api" | "bot">,
  userId: string,
  matches: (props: Readonly<Record<string, unknown>>) => boolean,
  since: number,
): Promise<Post | null> {
  const [channelId, botId] = await Promise.all([bot.directChannel(userId), bot.userId()]);
  const isOurs = (one: Post) => one.UserId === botId && one.DeleteAt === 0 && matches(one.Props ?? {});
  return findPostSince(api, channelId, since - CLOCKS_MS, isOurs);
}

export const isMessage =
  ({ chatId, messageId }: Pick<IncomingMessage, "chatId" | "messageId">) =>
  (props: Readonly<Record<string, unknown>>): boolean =>
    props.teams_chat_id === chatId &&
    (props.teams_message_id === messageId ||
      groupIn(props)?.parts.some(({ id }) => id === messageId) === true);

/** Whether the server says that this post can never be created: the account or its channel is gone. */
export function isFinal(error: unknown): boolean {
  const status = (error as { statusCode?: unknown; StatusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

export const isGone = (error: unknown): boolean =>
  (error as { statusCode?: unknown } | null)?.statusCode === 404;
