/**
 * Validates a new event as a person fills it in: answers one code per wrong field, or the body for Graph.
 */

import { z } from "zod";
import { type ZonedWallTime, type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { momentOf, wallTimeOf } from "../../../microsoft/time-zones/wall-time.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { daysBetween, localDate, nextDate } from "./days.ts";
import { dateOf } from "./event.ts";
import { type Recurrence, type RecurrenceVerdict, recurrenceOf } from "./recurrence.ts";

/** Exchange's limit for a subject and a location. */
const LONGEST_LINE = 255;
const LONGEST_DESCRIPTION = 8000;
const MOST_GUESTS = 100;
const LONGEST_REQUEST_ID = 64;

const newEvent = lazy(() =>
  z.object({
    subject: z.string().default(""),
    /** `2026-11-30T09:00` on the wall clock of `zone`; for an all-day event `2026-11-30`. */
    start: z.string().default(""),
    /** For an all-day event the first date after it; without it, the event lasts one day. */
    end: z.string().default(""),
    allDay: z.boolean().default(false),
    /** Defaults to the mailbox's zone. */
    zone: z.string().optional(),
    location: z.string().default(""),
    description: z.string().default(""),
    attendees: z.array(z.string()).default([]),
    channelId: z.string().optional(),
    onlineMeeting: z.boolean().default(false),
    /** Graph's patternedRecurrence, without the start of its range. */
    recurrence: z.unknown().optional(),
    /** Identifies this submission, so that a second click creates no second event. */
    requestId: z.string().min(1).max(LONGEST_REQUEST_ID),
  }),
);
export type NewEvent = z.input<ReturnType<typeof newEvent>>;
type Filled = z.output<ReturnType<typeof newEvent>>;

export type NewEventField = keyof Filled;
export type NewEventProblem =
  | "invalid"
  | "subject_empty"
  | "subject_too_long"
  | "location_too_long"
  | "description_too_long"
  | "attendees_too_many"
  | "date_missing"
  | "date_invalid"
  | "time_missing"
  | "time_invalid"
  | "start_past"
  | "end_before_start"
  | "zone_unknown"
  | "attendee_empty"
  | (RecurrenceVerdict & { ok: false })["why"];

type Problems = Partial<Record<NewEventField, NewEventProblem>>;

/** The part of Graph's body that needs no further call; the caller resolves the guests. */
export interface NewEventBody {
  readonly subject: string;
  readonly isAllDay: boolean;
  readonly start: ZonedWallTime;
  readonly end: ZonedWallTime;
  readonly transactionId: string;
  readonly location?: { readonly displayName: string };
  readonly body?: { readonly contentType: "text"; readonly content: string };
  readonly isOnlineMeeting?: true;
  readonly onlineMeetingProvider?: "teamsForBusiness";
  readonly recurrence?: Recurrence;
}

export type NewEventVerdict =
  | {
      readonly ok: true;
      readonly body: NewEventBody;
      /** User ids and addresses, each once. */
      readonly attendees: readonly string[];
      readonly channelId: string | null;
    }
  | { readonly ok: false; readonly errors: Readonly<Problems> };

/**
 * `mailboxZone` is the name as the mailbox has it: Exchange gets its own name back, and applies its own rules to it.
 */
export function newEventOf(json: unknown, mailboxZone: string, now: number): NewEventVerdict {
  const parsed = newEvent().safeParse(json);
  if (!parsed.success) return { ok: false, errors: shapeErrors(parsed.error) };
  const event = parsed.data;
  const zoneName = event.zone ?? mailboxZone;
  const zone = zoneOf(zoneName);
  const times = zone ? timesOf(event, zone, now) : { zone: "zone_unknown" as const };
  const attendees = guestsOf(event.attendees);
  const series =
    event.recurrence == null || !("startAt" in times)
      ? null
      : recurrenceOf(event.recurrence, times.startAt.slice(0, 10), zoneName);
  const errors = present({
    subject: subjectProblem(event.subject.trim()),
    location: length(event.location.trim()) > LONGEST_LINE ? "location_too_long" : null,
    description: length(event.description) > LONGEST_DESCRIPTION ? "description_too_long" : null,
    attendees: attendees.includes("")
      ? "attendee_empty"
      : attendees.length > MOST_GUESTS
        ? "attendees_too_many"
        : null,
    recurrence: series && !series.ok ? series.why : null,
    ...("startAt" in times ? {} : times),
  });
  if (Object.keys(errors).length > 0 || !("startAt" in times)) return { ok: false, errors };
  return {
    ok: true,
    body: {
      subject: event.subject.trim(),
      isAllDay: event.allDay,
      start: { dateTime: times.startAt, timeZone: zoneName },
      end: { dateTime: times.endAt, timeZone: zoneName },
      transactionId: event.requestId,
      ...(event.location.trim() === "" ? {} : { location: { displayName: event.location.trim() } }),
      ...(event.description === ""
        ? {}
        : { body: { contentType: "text" as const, content: event.description } }),
      ...(event.onlineMeeting
        ? { isOnlineMeeting: true as const, onlineMeetingProvider: "teamsForBusiness" as const }
        : {}),
      ...(series?.ok ? { recurrence: series.recurrence } : {}),
    },
    attendees,
    channelId: event.channelId ?? null,
  };
}

type Times = { readonly startAt: string; readonly endAt: string };
type TimeProblems = { readonly start?: NewEventProblem; readonly end?: NewEventProblem };

function timesOf(event: Filled, zone: ZoneId, now: number): Times | TimeProblems {
  return event.allDay ? datesOf(event, zone, now) : wallTimesOf(event, zone, now);
}

/** Runs from midnight to midnight; Graph refuses everything else. */
function datesOf({ start, end }: Filled, zone: ZoneId, now: number): Times | TimeProblems {
  const [first, given] = [start.split("T")[0] ?? "", end.split("T")[0] ?? ""];
  const firstDate = dateOf(first);
  if (!firstDate) return { start: first === "" ? "date_missing" : "date_invalid" };
  const endDate = given === "" ? nextDate(firstDate) : dateOf(given);
  if (!endDate) return { end: "date_invalid" };
  if (daysBetween(firstDate, endDate) < 1) return { end: "end_before_start" };
  if (daysBetween(localDate(now, zone), firstDate) < 0) return { start: "start_past" };
  return { startAt: `${firstDate}T00:00:00`, endAt: `${endDate}T00:00:00` };
}

function wallTimesOf({ start, end }: Filled, zone: ZoneId, now: number): Times | TimeProblems {
  const [from, to] = [wallTime(start), wallTime(end)];
  if (typeof from === "string" || typeof to === "string")
    return {
      ...(typeof from === "string" ? { start: from } : {}),
      ...(typeof to === "string" ? { end: to } : {}),
    };
  const [startsAt, endsAt] = [momentOf(from, zone), momentOf(to, zone)];
  if (endsAt <= startsAt) return { end: "end_before_start" };
  if (startsAt < now) return { start: "start_past" };
  return {
    startAt: from.toString({ smallestUnit: "second" }),
    endAt: to.toString({ smallestUnit: "second" }),
  };
}

function wallTime(text: string): Temporal.PlainDateTime | NewEventProblem {
  const [date = "", time = ""] = text.split("T");
  if (date === "") return "date_missing";
  if (!dateOf(date)) return "date_invalid";
  if (time === "") return "time_missing";
  return wallTimeOf(text) ?? "time_invalid";
}

/** Counts characters as people see them in a form: an emoji is one, whatever its encoding. */
function length(text: string): number {
  return [...text].length;
}

function subjectProblem(subject: string): NewEventProblem | null {
  if (subject === "") return "subject_empty";
  return length(subject) > LONGEST_LINE ? "subject_too_long" : null;
}

function guestsOf(attendees: readonly string[]): string[] {
  const byAddress = new Map(attendees.map((one) => [one.trim().toLowerCase(), one.trim()]));
  return [...byAddress.values()];
}

function present(errors: Readonly<Record<string, NewEventProblem | null>>): Problems {
  return Object.fromEntries(Object.entries(errors).filter(([, code]) => code !== null));
}

/** Contains only names of fields; nothing that the person wrote is repeated. */
function shapeErrors(error: z.ZodError): Problems {
  const errors: Problems = {};
  for (const { path } of error.issues) {
    const field = path[0] as NewEventField | undefined;
    if (field && field in newEvent().shape) errors[field] ??= "invalid";
  }
  return Object.keys(errors).length > 0 ? errors : { subject: "subject_empty" };
}
