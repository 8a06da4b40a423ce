/**
 * Builds events as Graph sends them, for tests: an accepted busy meeting with one guest, plus the fields that a test
 * overrides.
 */

import { type CalendarEvent, readEvent } from "../event.ts";

export type Json = Readonly<Record<string, unknown>>;

/** `time` is `2026-06-15T08:00/09:00`, in UTC; the end may have its own date. */
export function graphEvent(id: string, time: string, different: Json = {}): Json {
  const [start = "", end = ""] = time.split("/");
  const utc = (dateTime: string) => ({ dateTime: `${dateTime}:00.0000000`, timeZone: "UTC" });
  return {
    "@odata.etag": `W/"${id}"`,
    id,
    uid: `uid-${id}`,
    iCalUId: `ical-${id}`,
    changeKey: "k1",
    createdDateTime: "2026-06-15T05:59:00Z",
    subject: `Meeting ${id}`,
    bodyPreview: "",
    type: "singleInstance",
    start: utc(start),
    end: utc(end.includes("T") ? end : `${start.split("T")[0]}T${end}`),
    isAllDay: false,
    isCancelled: false,
    isOrganizer: false,
    responseRequested: true,
    showAs: "busy",
    sensitivity: "normal",
    responseStatus: { response: "accepted", time: "2026-06-01T00:00:00Z" },
    attendees: [guest("Kim Sample")],
    organizer: { emailAddress: { name: "Olga Organizer", address: "olga@example.com" } },
    location: { displayName: "" },
    ...different,
  };
}

/** Takes dates; the second is the first date after the event. */
export function allDayEvent(id: string, startDate: string, endDate: string, different: Json = {}): Json {
  return graphEvent(id, `${startDate}T00:00/${endDate}T00:00`, { isAllDay: true, ...different });
}

export function guest(name: string, type = "required"): Json {
  const address = `${name.split(" ")[0]?.toLowerCase()}@example.com`;
  return {
    type,
    status: { response: "none", time: "0001-01-01T00:00:00Z" },
    emailAddress: { name, address },
  };
}

export function event(id: string, time: string, different: Json = {}): CalendarEvent {
  return readEvent(graphEvent(id, time, different)) as CalendarEvent;
}

export function allDay(id: string, startDate: string, endDate: string, different: Json = {}): CalendarEvent {
  return readEvent(allDayEvent(id, startDate, endDate, different)) as CalendarEvent;
}

/** Parses `2026-06-15T08:00` in UTC to milliseconds since 1970. */
export function at(text: string): number {
  return Temporal.Instant.from(`${text}Z`).epochMilliseconds;
}
