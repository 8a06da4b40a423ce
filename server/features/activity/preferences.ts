/** What a member decides about activities: the rows, the words of `/teams notifications`, and the panel's options. */

import { onOff, type Preference, preference, preferences } from "../../platform/preferences/index.ts";
import { type Reason, reasons } from "./reasons.ts";

/** Minutes since midnight, in the member's time zone. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

const byReason = Object.fromEntries(
  reasons.map((reason) => [reason, onOff(`notifications_${reason}`)]),
) as Record<Reason, Preference<boolean>>;

export const activityPreferences = preferences({
  enabled: onOff("notifications"),
  onlyWhenAway: onOff("notifications_only_away"),
  quiet: preference<QuietHours | "off">("notifications_quiet", {
    read: (value) => (value === "off" ? "off" : parseQuiet(value)),
    print: (value) => (value === "off" ? value : printQuiet(value)),
  }),
  ...byReason,
});

/** `22:00-07:00`; anything else is none. */
export function parseQuiet(value: string): QuietHours | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(value.replace(/\s/g, ""));
  if (!match) return null;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number);
  const from = (fromHour ?? 0) * 60 + (fromMinute ?? 0);
  const to = (toHour ?? 0) * 60 + (toMinute ?? 0);
  return from === to ? null : { from, to };
}

export function printQuiet({ from, to }: QuietHours): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${time(from)}-${time(to)}`;
}
