/** Delegated permissions of Graph that the enabled features need of each person (docs/facts/microsoft.md 6.3). */

import type { Settings } from "../../platform/settings/index.ts";

const byFeature = {
  chats_enabled: ["Chat.Read", "ChatMessage.Read", "Files.Read.All"],
  channels_enabled: [
    "ChannelMessage.Read.All",
    "ChannelMessage.Send",
    "Team.ReadBasic.All",
    "Channel.ReadBasic.All",
  ],
  calendar_enabled: ["Calendars.ReadWrite", "MailboxSettings.Read"],
} as const satisfies Partial<Record<keyof Settings, readonly string[]>>;

/** Empty while no feature needs a connection. `User.Read` says whose account it is. */
export function neededPermissions(settings: Pick<Settings, keyof typeof byFeature>): readonly string[] {
  const needed = Object.entries(byFeature).flatMap(([name, permissions]) =>
    settings[name as keyof typeof byFeature] ? permissions : [],
  );
  return needed.length === 0 ? [] : ["User.Read", ...new Set(needed)];
}

/** Of the bot account, which writes in linked channels for people without one. */
export function botPermissions(settings: Pick<Settings, "channels_enabled">): readonly string[] {
  return settings.channels_enabled ? ["User.Read", ...byFeature.channels_enabled] : [];
}
