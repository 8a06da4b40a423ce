/** An event as the rules see it. Graph's JSON is read here and nowhere else (docs/facts/microsoft-calendar.md 2). */

import { z } from "zod";
import { instantOf } from "../../../microsoft/time-zones/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { isFocusTime } from "./focus.ts";

const showAsValues = ["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"] as const;
export type ShowAs = (typeof showAsValues)[number];
const responses = [
  "none",
  "organizer",
  "tentativelyAccepted",
  "accepted",
  "declined",
  "notResponded",
] as const;
export type Response = (typeof responses)[number];
const eventTypes = ["singleInstance", "occurrence", "exception", "seriesMaster"] as const;
export type EventType = (typeof eventTypes)[number];

/**
 * Moments are milliseconds since 1970; no event ends before it begins. All-day events have dates, not moments
 * (`2026-06-15`): they cover the same days wherever they are read, so they become moments only in a reader's zone.
 */
export type EventTime =
  | { readonly allDay: false; readonly start: number; readonly end: number }
  /** `endDate` is the first date after the event. */
  | { readonly allDay: true; readonly startDate: string; readonly endDate: string };

export interface Person {
  readonly name: string;
  readonly address: string;
}

/** Plain JSON, so that it can be stored unchanged. Missing texts are empty. */
export interface CalendarEvent {
  /** Differs per mailbox, and is case-sensitive. */
  readonly id: string;
  /**
   * The same for all occurrences of a series, even after a move. Together with the start it identifies one meeting.
   */
  readonly key: string;
  readonly iCalUId: string;
  readonly seriesMasterId: string;
  readonly type: EventType;
  /** The original start of an exception. */
  readonly originalStart: number | null;
  readonly changeKey: string;
  readonly createdAt: number | null;
  readonly subject: string;
  readonly location: string;
  readonly bodyPreview: string;
  readonly webLink: string;
  /** The meeting's own online room. `joinLink` finds links in the texts. */
  readonly joinUrl: string;
  readonly time: EventTime;
  readonly showAs: ShowAs;
  readonly response: Response;
  readonly private: boolean;
  readonly cancelled: boolean;
  readonly organizedByMe: boolean;
  readonly responseRequested: boolean;
  readonly proposalsAllowed: boolean;
  readonly organizer: Person | null;
  /** Without rooms and equipment, which make no meeting. */
  readonly guests: readonly Person[];
  /** Its owner keeps the time free for work. */
  readonly focus: boolean;
  /** As set in Outlook; null if the reminder is off. */
  readonly outlookReminderMinutes: number | null;
}

/** Microsoft adds fields and values, so unknown ones are tolerated. A missing id or time is not. */
const graphEvent = lazy(() => {
  const text = z.string().catch("");
  const flag = (otherwise: boolean) => z.boolean().catch(otherwise);
  const emailAddress = z.object({ name: text, address: text });
  const wallTime = z.object({ dateTime: z.string(), timeZone: z.string() });
  return z.object({
    id: z.string().min(1),
    uid: text,
    iCalUId: text,
    seriesMasterId: text,
    type: z.enum(eventTypes).catch("singleInstance"),
    originalStart: text,
    changeKey: text,
    createdDateTime: text,
    subject: text,
    location: z.object({ displayName: text }).catch({ displayName: "" }),
    bodyPreview: text,
    webLink: text,
    onlineMeeting: z.object({ joinUrl: text }).catch({ joinUrl: "" }),
    start: wallTime,
    end: wallTime,
    isAllDay: flag(false),
    showAs: z.enum(showAsValues).catch("unknown"),
    responseStatus: z.object({ response: z.enum(responses).catch("none") }).catch({ response: "none" }),
    // A missing value is normal; an unknown value is treated as private.
    sensitivity: z.string().nullish().catch("private"),
    isCancelled: flag(false),
    isOrganizer: flag(false),
    responseRequested: flag(true),
    allowNewTimeProposals: flag(true),
    organizer: z.object({ emailAddress }).nullable().catch(null),
    attendees: z.array(z.object({ type: text, emailAddress }).nullable().catch(null)).catch([]),
    categories: z.array(text).catch([]),
    isReminderOn: flag(false),
    reminderMinutesBeforeStart: z.number().nullable().catch(null),
  });
});
type GraphEvent = z.infer<ReturnType<typeof graphEvent>>;

/** Answers null without an id, or if a time cannot be read. An unknown zone is not guessed. */
export function readEvent(json: unknown): CalendarEvent | null {
  const parsed = graphEvent().safeParse(json);
  const time = parsed.success ? timeOf(parsed.data) : null;
  if (!parsed.success || !time) return null;
  const event = parsed.data;
  return {
    id: event.id,
    key: event.uid || event.iCalUId || event.seriesMasterId || event.id,
    iCalUId: event.iCalUId,
    seriesMasterId: event.seriesMasterId,
    type: event.type,
    originalStart: momentOfUtc(event.originalStart),
    changeKey: event.changeKey,
    createdAt: momentOfUtc(event.createdDateTime),
    subject: event.subject.trim(),
    location: event.location.displayName.trim(),
    bodyPreview: event.bodyPreview,
    webLink: event.webLink,
    joinUrl: event.onlineMeeting.joinUrl,
    time,
    showAs: event.showAs,
    response: event.responseStatus.response,
    private: (event.sensitivity ?? "normal") !== "normal",
    cancelled: event.isCancelled,
    organizedByMe: event.isOrganizer,
    responseRequested: event.responseRequested,
    proposalsAllowed: event.allowNewTimeProposals,
    organizer: event.organizer?.emailAddress ?? null,
    guests: event.attendees.flatMap((one) => (one && one.type !== "resource" ? [one.emailAddress] : [])),
    focus: isFocusTime(event.subject, event.categories),
    outlookReminderMinutes: reminderMinutes(event),
  };
}

function reminderMinutes({ isReminderOn, reminderMinutesBeforeStart: minutes }: GraphEvent): number | null {
  return isReminderOn && minutes !== null ? Math.max(0, minutes) : null;
}

function timeOf({ isAllDay, start, end }: GraphEvent): EventTime | null {
  if (isAllDay) {
    // It runs from midnight to midnight in the requested zone, so only the dates mean something.
    const [startDate, endDate] = [start, end].map(({ dateTime }) => dateOf(dateTime.slice(0, 10)));
    if (!startDate || !endDate) return null;
    return { allDay: true, startDate, endDate: endDate < startDate ? startDate : endDate };
  }
  const [from, to] = [instantOf(start), instantOf(end)];
  return from === null || to === null ? null : { allDay: false, start: from, end: Math.max(from, to) };
}

/** The date if it exists, in years 1 to 9999. */
export function dateOf(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith("0000")) return null;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString();
  } catch {
    return null;
  }
}

/**
 * Parses e.g. `2026-06-15T05:59:00Z`. Years that mean "never" (0001, 4501) are ordinary moments here.
 */
function momentOfUtc(text: string): number | null {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
}
