/** Sends one direct message from the plugin's bot to each system admin. Throws when it reached none of them. */

import type { Api } from "../../runtime/mattermost/index.ts";
import { type Language, languageOf } from "../i18n/language.ts";

export type MessageApi = Pick<Api, "ensureBotUser" | "getUsers" | "getDirectChannel" | "createPost">;

/** Messages at most this many admins, so that a large installation is not flooded. */
const MAX_ADMINS = 50;

export async function tellSystemAdmins(
  api: MessageApi,
  pluginId: string,
  message: (language: Language) => string,
): Promise<void> {
  const bot = await api.ensureBotUser({
    Username: pluginId,
    DisplayName: "Mission Collaboration for Microsoft 365",
    Description: "Tells system admins when Microsoft 365 needs them.",
    OwnerId: pluginId,
  });
  const admins = await api.getUsers({ Role: "system_admin", Active: true, Page: 0, PerPage: MAX_ADMINS });
  const failures: unknown[] = [];
  let reached = 0;
  for (const admin of admins) {
    if (admin.IsBot) continue;
    try {
      const channel = await api.getDirectChannel(bot, admin.Id);
      if (!channel) continue;
      await api.createPost({
        ChannelId: channel.Id,
        UserId: bot,
        Message: message(languageOf(admin.Locale)),
      });
      reached += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (reached === 0 && failures.length > 0) throw failures[0];
}
