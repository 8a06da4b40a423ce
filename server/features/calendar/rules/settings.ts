/** A person's own calendar settings, and their defaults after connecting. */

import type { ShowAs } from "./event.ts";

export type WishedStatus = "off" | "away" | "dnd";

export interface SummarySettings {
  readonly enabled: boolean;
  /** `HH:MM`, in the person's zone. */
  readonly postTime: string;
  /** ISO weekdays; Monday is 1. */
  readonly weekdays: readonly number[];
}

export interface CalendarSettings {
  readonly status: WishedStatus;
  /** Ask before the status changes. */
  readonly confirm: boolean;
  readonly customStatus: boolean;
  readonly reminders: boolean;
  /** Minutes before the start, or as set for the event in Outlook. */
  readonly leadMinutes: number | "outlook";
  /** Cards for new, changed and cancelled events. */
  readonly notifications: boolean;
  readonly summary: SummarySettings;
  readonly busyShowAs: readonly ShowAs[];
  readonly allDayBusy: boolean;
  /** Ignore events without other people. */
  readonly needAttendee: boolean;
  /** Focus time sets the status, although nobody else takes part. */
  readonly focusBlocks: boolean;
  /** The person's own calendars beside the default one are read, too. */
  readonly otherCalendars: boolean;
  /** Ignore meetings outside the working hours of the mailbox. */
  readonly workingHoursOnly: boolean;
  /** The mailbox's zone, the Mattermost user's, or an IANA id. */
  readonly zone: "mailbox" | "mattermost" | (string & {});
}

/** Everything is off until the person switches it on. */
export const settingsAfterConnecting: CalendarSettings = {
  status: "off",
  confirm: false,
  customStatus: false,
  reminders: false,
  leadMinutes: 10,
  notifications: false,
  summary: { enabled: false, postTime: "08:00", weekdays: [1, 2, 3, 4, 5] },
  busyShowAs: ["busy"],
  allDayBusy: false,
  needAttendee: true,
  focusBlocks: false,
  otherCalendars: false,
  workingHoursOnly: false,
  zone: "mailbox",
};

/**
 * Answers whether a setting acts on each meeting, so that the person's events must be up to date at every moment.
 */
export function usesEvents({
  customStatus,
  reminders,
  status,
}: Pick<CalendarSettings, "customStatus" | "reminders" | "status">): boolean {
  return status !== "off" || customStatus || reminders;
}

export function needsEvents(settings: CalendarSettings): boolean {
  return usesEvents(settings) || settings.summary.enabled;
}
