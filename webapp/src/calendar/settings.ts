/** A member's calendar settings (`GET` and `PUT /api/v1/calendar/settings`). */

export const busyValues = ["busy", "tentative", "oof", "workingElsewhere"] as const;

export interface CalendarSettings {
  readonly status: "off" | "away" | "dnd";
  readonly confirm: boolean;
  readonly customStatus: boolean;
  readonly reminders: boolean;
  readonly leadMinutes: number | "outlook";
  readonly notifications: boolean;
  readonly summary: {
    readonly enabled: boolean;
    /** `HH:MM` */
    readonly postTime: string;
    /** Monday is 1. */
    readonly weekdays: readonly number[];
  };
  readonly busyShowAs: readonly string[];
  readonly allDayBusy: boolean;
  readonly needAttendee: boolean;
  /** These three are absent while they were not chosen. */
  readonly focusBlocks?: boolean;
  readonly otherCalendars?: boolean;
  readonly workingHoursOnly?: boolean;
  /** `mailbox`, `mattermost`, or an IANA name. */
  readonly zone: string;
}

export type SettingsChange = Partial<Omit<CalendarSettings, "summary">> & {
  readonly summary?: Partial<CalendarSettings["summary"]>;
};

export const changed = (settings: CalendarSettings, change: SettingsChange): CalendarSettings => ({
  ...settings,
  ...change,
  summary: { ...settings.summary, ...change.summary },
});
