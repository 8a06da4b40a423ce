/** Delegated permissions of Graph that connections ask for (docs/facts/microsoft.md 6.3). */

import type { Settings } from "../../platform/settings/index.ts";

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
