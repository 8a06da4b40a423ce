/** Delegated permissions of Graph that connections ask for (docs/facts/microsoft.md 6.3). */

import type { Permission } from "../../platform/permissions.ts";
import type { Settings } from "../../platform/settings/index.ts";

const delegated = (setting: "channels_enabled", names: string) =>
  names
    .split(" ")
    .map((name): Permission => ({ kind: "delegated", name, isNeeded: (settings) => settings[setting] }));

/** Of features that have not moved in: each takes its line into its own folder when it does. */
export const expectedPermissions: readonly Permission[] = [
  ...delegated(
    "channels_enabled",
    "ChannelMessage.Read.All ChannelMessage.Send Team.ReadBasic.All Channel.ReadBasic.All",
  ),
];

/** Empty while no feature needs a connection. `User.Read` says whose account it is. */
export const neededPermissions = (ofFeatures: readonly string[]): readonly string[] =>
  ofFeatures.length === 0 ? [] : [...new Set(["User.Read", ...ofFeatures])];

/** Permissions for a person's own chats and calendar: the bot account has neither. */
const PERSONAL = /^(Calendars|MailboxSettings|Chat|ChatMessage|Presence)\./;

/** Of the bot account, which writes in linked channels for people without one. */
export const botPermissions = (
  { channels_enabled }: Pick<Settings, "channels_enabled">,
  needed: readonly string[],
): readonly string[] => (channels_enabled ? needed.filter((name) => !PERSONAL.test(name)) : []);
