/**
 * Local dates and the moments at which they begin. Handles days of 23 and 25 hours, and days without a midnight.
 */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import type { CalendarEvent, EventTime } from "./event.ts";

/** From `from` (inclusive) to `to` (exclusive); milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** `date` must exist, e.g. `2026-06-15`. */
export function dayOf(date: string, zone: ZoneId): Period {
  return daysOf(date, nextDate(date), zone);
}

/** All days from `date` (inclusive) to `endDate` (exclusive). */
export function daysOf(date: string, endDate: string, zone: ZoneId): Period {
  return { from: startOfDay(date, zone), to: startOfDay(endDate, zone) };
}

export function startOfDay(date: string, zone: ZoneId): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
}

export function nextDate(date: string): string {
  return Temporal.PlainDate.from(date).add({ days: 1 }).toString();
}

export function localDate(moment: number, zone: ZoneId): string {
  return inZone(moment, zone).toPlainDate().toString();
}

/** `09:05`, for tables and forms. Texts for people use Intl. */
export function localTime(moment: number, zone: ZoneId): string {
  return inZone(moment, zone).toPlainTime().toString({ smallestUnit: "minute" });
}

/** From `date` to `later`; negative if `later` is the earlier one. */
export function daysBetween(date: string, later: string): number {
  return Temporal.PlainDate.from(date).until(later, { largestUnit: "days" }).days;
}

/** The period of an event for a reader in this zone. */
export function periodOf(time: EventTime, zone: ZoneId): Period {
  return time.allDay ? daysOf(time.startDate, time.endDate, zone) : { from: time.start, to: time.end };
}

/** An event without a length belongs to the period in which it begins. */
export function overlaps(event: Period, period: Period): boolean {
  return event.from < period.to && (event.to > period.from || event.from >= period.from);
}

/** `2026-06-15T08:00:00Z` */
export function isoOf(moment: number): string {
  return Temporal.Instant.fromEpochMilliseconds(moment).toString();
}

/** Orders by start, then end, then id, so that the order of Graph's pages does not matter. */
export function byTime(zone: ZoneId): (a: CalendarEvent, b: CalendarEvent) => number {
  return (a, b) => {
    const [one, other] = [periodOf(a.time, zone), periodOf(b.time, zone)];
    return one.from - other.from || one.to - other.to || compareText(a.id, b.id);
  };
}

/** Compares by code unit: ids are case-sensitive, and the order must not depend on the machine's language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inZone(moment: number, zone: ZoneId): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
}
