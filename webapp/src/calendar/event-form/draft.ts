/** A new event while it is being filled in, and the request it becomes. The server validates the request. */

import {
  addDays,
  addMinutes,
  dateOf,
  dayOfMonth,
  daysBetween,
  isDate,
  minutesBetween,
  monthOf,
  nextSlot,
  timeOf,
  weekdayOf,
} from "../dates.ts";

export const repeats = ["never", "daily", "weekly", "monthly", "yearly"] as const;
export type Repeat = (typeof repeats)[number];

export interface Guest {
  /** A user id, or an e-mail address. */
  readonly value: string;
  readonly name: string;
  /** False for a Mattermost user without a connected account. */
  readonly connected: boolean;
}

export interface Draft {
  /** Identifies this submission, so that repeating it does not create a second event. */
  readonly requestId: string;
  readonly subject: string;
  readonly startDate: string;
  readonly startTime: string;
  /** For an all-day event: its last day. */
  readonly endDate: string;
  readonly endTime: string;
  readonly allDay: boolean;
  readonly zone: string;
  readonly location: string;
  readonly description: string;
  readonly guests: readonly Guest[];
  readonly onlineMeeting: boolean;
  /** A channel that gets a post about the event and its updates. */
  readonly channelId: string | null;
  readonly repeat: Repeat;
  readonly interval: number;
  /** For a weekly series; Monday is 1. */
  readonly weekdays: readonly number[];
  /** The last date of the series; "": no end. */
  readonly until: string;
}

const weekdayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export interface Recurrence {
  readonly pattern: Readonly<Record<string, unknown>> & { readonly type: string; readonly interval: number };
  readonly range: { readonly type: "noEnd" } | { readonly type: "endDate"; readonly endDate: string };
}

export interface EventRequest {
  readonly requestId: string;
  readonly subject: string;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly zone: string;
  readonly location: string;
  readonly description: string;
  readonly attendees: readonly string[];
  readonly channelId?: string;
  readonly onlineMeeting: boolean;
  readonly recurrence?: Recurrence;
}

export interface DraftStart {
  readonly requestId: string;
  /** Wall time in `zone`; the form begins with the next half hour after it. */
  readonly wall: string;
  readonly zone: string;
  readonly subject?: string;
  readonly description?: string;
  readonly channelId?: string | null;
}

const USUAL_MINUTES = 30;

export function newDraft({
  wall,
  channelId = null,
  description = "",
  requestId,
  subject = "",
  zone,
}: DraftStart): Draft {
  const start = nextSlot(wall);
  const end = addMinutes(start, USUAL_MINUTES);
  return {
    ...{ requestId, subject, description, channelId, zone },
    ...{ startDate: dateOf(start), startTime: timeOf(start), endDate: dateOf(end), endTime: timeOf(end) },
    ...{ allDay: false, location: "", guests: [], onlineMeeting: false },
    ...{ repeat: "never", interval: 1, weekdays: [weekdayOf(dateOf(start))], until: "" },
  };
}

const startOf = ({ startDate, startTime }: Draft) => `${startDate}T${startTime || "00:00"}`;
const endOf = ({ endDate, endTime }: Draft) => `${endDate}T${endTime || "00:00"}`;

/** Moves the end with the start, so that the event keeps its length. */
export function withStart(draft: Draft, change: Partial<Pick<Draft, "startDate" | "startTime">>): Draft {
  const next = { ...draft, ...change };
  if (!isDate(next.startDate) || !isDate(draft.startDate) || !isDate(draft.endDate)) return next;
  if (next.allDay)
    return { ...next, endDate: addDays(next.startDate, daysBetween(draft.startDate, draft.endDate)) };
  if (next.startTime === "" || draft.startTime === "" || draft.endTime === "") return next;
  const end = addMinutes(startOf(next), minutesBetween(startOf(draft), endOf(draft)));
  const alone = draft.weekdays.length === 1 && draft.weekdays[0] === weekdayOf(draft.startDate);
  return {
    ...next,
    ...{ endDate: dateOf(end), endTime: timeOf(end) },
    weekdays: alone ? [weekdayOf(next.startDate)] : next.weekdays,
  };
}

export function withTimes(draft: Draft, start: string, end: string): Draft {
  const moved = { startDate: dateOf(start), startTime: timeOf(start), endDate: dateOf(end) };
  return { ...draft, ...moved, endTime: timeOf(end), allDay: false };
}

/** In minutes; the default length while the times are invalid. */
export function lengthOf(draft: Draft): number {
  const minutes = draft.allDay ? 0 : minutesBetween(startOf(draft), endOf(draft));
  return minutes > 0 ? minutes : USUAL_MINUTES;
}

/**
 * Finds the problems that the form itself can detect; the server checks everything else. The codes are the server's.
 */
export function problemsOf(draft: Draft): Readonly<Record<string, string>> {
  const { allDay, endDate, endTime, startDate, startTime } = draft;
  const problems: Record<string, string> = {};
  if (draft.subject.trim() === "") problems.subject = "subject_empty";
  if (startDate === "") problems.start = "date_missing";
  else if (!allDay && startTime === "") problems.start = "time_missing";
  if (endDate === "") problems.end = "date_missing";
  else if (!allDay && endTime === "") problems.end = "time_missing";
  else if (!problems.start && (allDay ? endDate < startDate : endOf(draft) <= startOf(draft)))
    problems.end = "end_before_start";
  if (draft.repeat === "weekly" && draft.weekdays.length === 0) problems.recurrence = "recurrence_empty";
  return problems;
}

export function requestOf(draft: Draft): EventRequest {
  const { allDay, channelId, description, guests, onlineMeeting, requestId, zone } = draft;
  const recurrence = recurrenceOf(draft);
  return {
    ...{ requestId, allDay, zone, description, onlineMeeting },
    subject: draft.subject.trim(),
    location: draft.location.trim(),
    start: allDay ? draft.startDate : startOf(draft),
    end: allDay ? addDays(draft.endDate, 1) : endOf(draft),
    attendees: guests.map(({ value }) => value),
    ...(channelId === null ? {} : { channelId }),
    ...(recurrence ? { recurrence } : {}),
  };
}

/** Graph's patternedRecurrence without the start of its range (docs/facts/microsoft-calendar.md 6). */
function recurrenceOf({ interval, repeat, startDate, until, weekdays }: Draft): Recurrence | null {
  if (repeat === "never") return null;
  const range = until === "" ? ({ type: "noEnd" } as const) : ({ type: "endDate", endDate: until } as const);
  const daysOfWeek = [...weekdays].sort().flatMap((day) => weekdayNames[day - 1] ?? []);
  const pattern = {
    daily: { type: "daily", interval },
    weekly: { type: "weekly", interval, daysOfWeek, firstDayOfWeek: "monday" },
    monthly: { type: "absoluteMonthly", interval, dayOfMonth: dayOfMonth(startDate) },
    yearly: {
      type: "absoluteYearly",
      interval,
      dayOfMonth: dayOfMonth(startDate),
      month: monthOf(startDate),
    },
  }[repeat];
  return { pattern, range };
}

/** Also works when the page is not on https, where `crypto.randomUUID` is missing. */
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
