/**
 * The commands `/teams connect`, `disconnect`, `connect-bot` and `disconnect-bot`, and the connection lines of
 * `/teams status`.
 */

import type { Subcommand } from "../../platform/commands/index.ts";
import type { Language } from "../../platform/i18n/index.ts";
import { botWords } from "./bot-account/bot-words.ts";
import { plainAccount } from "./connection.ts";
import { connectionWords } from "./connection-words.ts";
import type { Connections } from "./index.ts";

export function connectionCommands(connections: Connections): Subcommand[] {
  return [
    {
      name: "connect",
      help: (language) => connectionWords.in(language)("connect_help"),
      isOffered: connections.isOn,
      run: (_, { language, userId }) => connectAnswer(connections, userId, language),
    },
    {
      name: "disconnect",
      help: (language) => connectionWords.in(language)("disconnect_help"),
      isOffered: connections.isOn,
      async run(_, { language, userId }) {
        const ended = await connections.disconnect(userId, { userId, requestId: "" });
        return connectionWords.in(language)(ended ? "disconnected" : "not_connected");
      },
    },
    {
      name: "connect-bot",
      help: (language) => botWords.in(language)("connect_help"),
      role: "system_admin",
      isOffered: connections.needsBot,
      async run(_, { language }) {
        const say = botWords.in(language);
        const bot = await connections.bot();
        const isComplete = bot && !bot.lost && connections.missingOfBot(bot).length === 0;
        return isComplete
          ? say("already", { account: plainAccount(bot.account) })
          : say("open", { link: connections.botLink() });
      },
    },
    {
      name: "disconnect-bot",
      help: (language) => botWords.in(language)("disconnect_help"),
      role: "system_admin",
      // Offered even when no feature uses the bot any more, because otherwise its token could not be removed.
      isOffered: connections.isOn,
      async run(_, { language, userId }) {
        const ended = await connections.disconnectBot({ userId, requestId: "" });
        return botWords.in(language)(ended ? "disconnected" : "not_connected");
      },
    },
  ];
}

/** Returns the link, or the reason why there is none. */
export async function connectAnswer(
  connections: Connections,
  userId: string,
  language: Language | undefined,
): Promise<string> {
  const { account, connected, missing, refusal } = await connections.state(userId);
  const say = connectionWords.in(language);
  if (connected && missing?.length === 0) return say("already", { account: plainAccount(account) });
  if (refusal) {
    const { outcomeWords } = await import("./flow/outcome-words.ts");
    return outcomeWords.in(language)(refusal);
  }
  return say("open", { link: connections.connectLink("dm") });
}

/** Returns null while no feature needs a connection. */
export async function connectionStatus(
  connections: Connections,
  userId: string,
  language: Language | undefined,
): Promise<string | null> {
  if (!connections.isOn()) return null;
  const { account, connected, lost, missing, since } = await connections.state(userId);
  const say = connectionWords.in(language);
  const link = connections.connectLink("dm");
  if (lost) return say("status_lost", { link });
  if (!connected) return say("not_connected");
  const date = new Date(since ?? 0).toISOString().slice(0, 10);
  const line = say("status", { account: plainAccount(account), date });
  return missing && missing.length > 0 ? `${line}\n${say("status_missing", { link })}` : line;
}
