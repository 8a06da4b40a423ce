/** The rows of one day, for the daily summary and the commands `today` and `tomorrow`. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { byTime, compareText, dayOf, daysBetween, localTime, overlaps, periodOf } from "./days.ts";
import type { CalendarEvent, EventTime } from "./event.ts";
import { type JoinLink, joinLink } from "./joining.ts";

export type RowFlag = "tentative" | "unanswered" | "private";

/** Times are `HH:MM` in the reader's zone. */
export type RowTime =
  /** For example day 2 of 3. */
  | { readonly kind: "allDay"; readonly day: number; readonly of: number }
  | { readonly kind: "range"; readonly from: string; readonly to: string }
  /** Began on an earlier day. */
  | { readonly kind: "until"; readonly to: string }
  /** Ends on a later day. */
  | { readonly kind: "from"; readonly from: string }
  /** Began earlier and ends later. */
  | { readonly kind: "through" };

export interface Row {
  readonly event: CalendarEvent;
  readonly time: RowTime;
  readonly flags: readonly RowFlag[];
  readonly join: JoinLink | null;
  /** Buttons for an answer make sense. */
  readonly answerable: boolean;
}

/** All-day events first, by subject; then by time. Cancelled and declined events are left out. */
export function rowsOf(events: readonly CalendarEvent[], date: string, zone: ZoneId): Row[] {
  const shown = events.filter((event) => !event.cancelled && event.response !== "declined");
  const allDay = shown.filter(({ time }) => time.allDay).sort(bySubject);
  const timed = shown.filter(({ time }) => !time.allDay).sort(byTime(zone));
  return [...allDay, ...timed].flatMap((event) => {
    const time = rowTime(event.time, date, zone);
    return time
      ? [{ event, time, flags: flagsOf(event), join: joinLink(event), answerable: asks(event) }]
      : [];
  });
}

function rowTime(time: EventTime, date: string, zone: ZoneId): RowTime | null {
  if (time.allDay) {
    const of = Math.max(1, daysBetween(time.startDate, time.endDate));
    const day = daysBetween(time.startDate, date) + 1;
    return day >= 1 && day <= of ? { kind: "allDay", day, of } : null;
  }
  const day = dayOf(date, zone);
  const period = periodOf(time, zone);
  if (!overlaps(period, day)) return null;
  const [from, to] = [localTime(time.start, zone), localTime(time.end, zone)];
  if (period.from < day.from) return period.to > day.to ? { kind: "through" } : { kind: "until", to };
  return period.to > day.to ? { kind: "from", from } : { kind: "range", from, to };
}

function flagsOf(event: CalendarEvent): RowFlag[] {
  const flags: RowFlag[] = [];
  if (event.response === "tentativelyAccepted") flags.push("tentative");
  if (isUnanswered(event)) flags.push("unanswered");
  if (event.private) flags.push("private");
  return flags;
}

/** `none` means the same as `notResponded`, but an own event without guests has it too. */
export function isUnanswered({ response, organizedByMe, guests }: CalendarEvent): boolean {
  if (organizedByMe) return false;
  return response === "notResponded" || (response === "none" && guests.length > 0);
}

/** The person can answer, or change an earlier answer. */
export function canAnswer(event: CalendarEvent): boolean {
  const { cancelled, guests, organizedByMe, response, responseRequested } = event;
  return !organizedByMe && !cancelled && responseRequested && guests.length > 0 && response !== "organizer";
}

function asks(event: CalendarEvent): boolean {
  return isUnanswered(event) && event.responseRequested;
}

/** The same order on every machine, whatever its language. */
function bySubject(a: CalendarEvent, b: CalendarEvent): number {
  return compareText(a.subject, b.subject) || compareText(a.id, b.id);
}
