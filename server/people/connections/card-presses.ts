/**
 * Handles presses of the buttons under the bot's messages about a connection. A press cannot open a page, so
 * *Connect* answers with the link; the messages contain it in their text, too.
 */

import type { Bot } from "../../platform/bot/bot.ts";
import type { CardHandler } from "../../platform/bot/cards.ts";
import { languageOf } from "../../platform/i18n/index.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { connectAnswer } from "./command.ts";
import { connectionWords } from "./connection-words.ts";
import type { Connections } from "./index.ts";

export interface CardPressPorts {
  readonly api: Pick<Api, "getUser">;
  readonly bot: Pick<Bot, "update">;
  readonly connections: Connections;
}

export const cardPresses =
  ({ api, bot, connections }: CardPressPorts): CardHandler =>
  async ({ action, post, userId }) => {
    const user = await api.getUser(userId);
    const language = languageOf(user?.Locale ?? "");
    if (action === "connect") return { ephemeral: await connectAnswer(connections, userId, language) };
    const ended = await connections.disconnect(userId, { userId, requestId: "" });
    const text = connectionWords.in(language)(ended ? "disconnected" : "not_connected");
    await bot.update(post.Id, { text, props: {} });
    return {};
  };
