/** Members' preferences for activities: the rows, the words of `/teams notifications`, and the panel's options. */

import { onOff, type Preference, preferences, quietHours } from "../../../platform/preferences/index.ts";
import { type Reason, reasons } from "../rules/reasons.ts";

const byReason = Object.fromEntries(
  reasons.map((reason) => [reason, onOff(`notifications_${reason}`)]),
) as Record<Reason, Preference<boolean>>;

export const activityPreferences = preferences({
  enabled: onOff("notifications"),
  onlyWhenAway: onOff("notifications_only_away"),
  quiet: quietHours("notifications_quiet"),
  ...byReason,
});
