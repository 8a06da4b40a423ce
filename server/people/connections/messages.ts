/** The bot's messages to people about their connections, and to system admins about the bot account. */

import type { Bot } from "../../platform/bot/bot.ts";
import { type Language, languageOf } from "../../platform/i18n/index.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { BOT } from "./bot-account/bot-record.ts";
import { botWords } from "./bot-account/bot-words.ts";
import type { CardProps } from "./cards.ts";
import { plainAccount } from "./connection.ts";
import { connectionWords } from "./connection-words.ts";
import { inviteWords } from "./invitations/invite-words.ts";

export interface MessagePorts {
  readonly api: Pick<Api, "getUser">;
  readonly bot: Pick<Bot, "direct" | "update">;
  readonly card: CardProps;
  /** Sends a message to each system admin. */
  readonly tellAdmins: (message: (language: Language) => string) => Promise<void>;
  readonly link: () => string;
  readonly botLink: () => string;
}

export interface Messages {
  welcome(userId: string, account: string): Promise<void>;
  /** Sends the message about a loss. Returns its id when it is a single post. */
  lost(userId: string, account: string): Promise<string | undefined>;
  /** Updates messages that asked the person to connect: they state the result and lose their buttons. */
  answered(userId: string, account: string, posts: readonly string[]): Promise<void>;
}

export function createMessages({ api, bot, botLink, card, link, tellAdmins }: MessagePorts): Messages {
  async function direct(
    userId: string,
    key: "welcome" | "lost",
    account: string,
  ): Promise<string | undefined> {
    const user = await api.getUser(userId);
    if (user?.DeleteAt !== 0) return undefined;
    const language = languageOf(user.Locale);
    const props = await card(key === "lost" ? "connect" : "disconnect", userId, language);
    const text = connectionWords.in(language)(key, { account: plainAccount(account), link: link() });
    return (await bot.direct(userId, { text, props })).Id;
  }

  return {
    async welcome(userId, account) {
      await direct(userId, "welcome", account);
    },
    async lost(userId, account) {
      if (userId !== BOT) return direct(userId, "lost", account);
      const values = { account: plainAccount(account), link: botLink() };
      await tellAdmins((language) => botWords.in(language)("lost", values));
      return undefined;
    },
    async answered(userId, account, posts) {
      if (posts.length === 0) return;
      const user = await api.getUser(userId);
      const say = inviteWords.in(languageOf(user?.Locale ?? ""));
      for (const post of posts)
        await bot.update(post, { text: say("accepted", { account: plainAccount(account) }), props: {} });
    },
  };
}
