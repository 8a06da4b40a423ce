/** Computes when a person is in meetings. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { compareText, periodOf } from "./days.ts";
import type { CalendarEvent, Person } from "./event.ts";
import type { CalendarSettings } from "./settings.ts";
import { isInHours, type WorkingHours } from "./working-hours.ts";

/** Milliseconds since 1970; `end` is after `start`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Ids of the events in it, by start. */
  readonly events: readonly string[];
}

export type BusySettings = Pick<CalendarSettings, "busyShowAs" | "allDayBusy" | "needAttendee"> & {
  /** Focus time is busy without other people. */
  readonly focusBlocks?: boolean;
  /** Meetings outside of these hours are ignored. */
  readonly hours?: WorkingHours | null;
};

export function makesBusy(event: CalendarEvent, settings: BusySettings): boolean {
  return (
    !event.cancelled &&
    event.response !== "declined" &&
    settings.busyShowAs.includes(event.showAs) &&
    (otherPeople(event).length > 0 || !settings.needAttendee || isFocusBlock(event, settings)) &&
    (!event.time.allDay || settings.allDayBusy)
  );
}

/** Outlook lists an organiser who invited themselves among the guests. */
export function otherPeople({ guests, organizedByMe, organizer }: CalendarEvent): readonly Person[] {
  const own = organizedByMe ? organizer?.address.toLowerCase() : undefined;
  return guests.filter(({ address }) => address === "" || address.toLowerCase() !== own);
}

function isFocusBlock(event: CalendarEvent, { focusBlocks = false }: BusySettings): boolean {
  return focusBlocks && event.focus;
}

/** True for a span of focus time alone, without a meeting. */
export function isFocusSpan(span: Span, events: readonly CalendarEvent[]): boolean {
  const inside = events.filter(({ id }) => span.events.includes(id));
  return inside.length > 0 && inside.every((event) => event.focus && otherPeople(event).length === 0);
}

/**
 * Joins meetings that overlap or follow each other without a gap into one span, so that the status does not flicker
 * between them. Spans are in order and never touch.
 */
export function busySpans(events: readonly CalendarEvent[], settings: BusySettings, zone: ZoneId): Span[] {
  const meetings = events
    .filter((event) => makesBusy(event, settings))
    .map(({ id, time }) => ({ id, ...periodOf(time, zone) }))
    .filter(({ from, to }) => to > from)
    .filter((period) => !settings.hours || isInHours(period, settings.hours, zone))
    .sort((a, b) => a.from - b.from || compareText(a.id, b.id));
  const spans: { start: number; end: number; events: string[] }[] = [];
  for (const { id, from, to } of meetings) {
    const current = spans.at(-1);
    if (current && from <= current.end) {
      current.end = Math.max(current.end, to);
      if (!current.events.includes(id)) current.events.push(id);
    } else spans.push({ start: from, end: to, events: [id] });
  }
  return spans;
}

/** The span that contains a moment; the end is exclusive. */
export function spanAt(spans: readonly Span[], now: number): Span | null {
  return spans.find(({ start, end }) => start <= now && now < end) ?? null;
}
