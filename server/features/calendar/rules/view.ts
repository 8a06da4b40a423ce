/**
 * Turns the pages of a calendar view into a person's next two days (docs/facts/microsoft-calendar.md 1 and 3).
 */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { byTime, daysBetween, localDate, overlaps, type Period, periodOf, startOfDay } from "./days.ts";
import { type CalendarEvent, readEvent } from "./event.ts";

const HOUR = 3_600_000;
/** At least today and tomorrow, even on the longest day. */
const AHEAD_HOURS = 48;
/** Exchange stores all-day events in the zone of their creator, which is at most 14 hours from UTC. */
const ALL_DAY_HOURS = 14;

export interface View {
  /** Events to keep: from the person's midnight until 48 hours ahead. */
  readonly wanted: Period;
  /** The wider period that Graph is asked for. */
  readonly asked: Period;
}

export function viewAt(now: number, zone: ZoneId): View {
  const wanted = { from: startOfDay(localDate(now, zone), zone), to: now + AHEAD_HOURS * HOUR };
  return { wanted, asked: widened(wanted) };
}

export function widened({ from, to }: Period): Period {
  return { from: from - ALL_DAY_HOURS * HOUR, to: to + ALL_DAY_HOURS * HOUR };
}

export interface Merged {
  /** By time; each meeting once. */
  readonly events: readonly CalendarEvent[];
  /** Number of entries that are not events or have an unreadable time. Show the number, not the entries. */
  readonly unreadable: number;
}

/**
 * Graph pages by skip, so an event can come twice and pages have no order. A series master is no meeting, since its
 * occurrences are listed too. An exception replaces the occurrence at its original place in the series.
 */
export function mergePages(pages: readonly (readonly unknown[])[], wanted: Period, zone: ZoneId): Merged {
  const read = pages.flat().map(readEvent);
  // An event that moved between two pages is on both: the later version is right, even outside the wanted period.
  const byId = new Map<string, CalendarEvent>();
  for (const event of read) if (event && event.type !== "seriesMaster") byId.set(event.id, event);
  const all = [...byId.values()];
  const replaced = new Set(all.flatMap((event) => placeOfException(event) ?? []));
  const events = all.filter(
    (event) => isWithin(event, wanted, zone) && !replaced.has(placeOfOccurrence(event) ?? ""),
  );
  return { events: events.sort(byTime(zone)), unreadable: read.filter((event) => event === null).length };
}

/** An all-day event belongs to its dates, whatever the moments by which Graph found it. */
export function isWithin({ time }: CalendarEvent, wanted: Period, zone: ZoneId): boolean {
  if (!time.allDay) return overlaps(periodOf(time, zone), wanted);
  // The end of the wanted period is exclusive.
  const [first, last] = [localDate(wanted.from, zone), localDate(wanted.to - 1, zone)];
  const length = Math.max(1, daysBetween(time.startDate, time.endDate));
  return daysBetween(time.startDate, last) >= 0 && daysBetween(time.startDate, first) < length;
}

function placeOfException({ type, seriesMasterId, originalStart }: CalendarEvent): string | null {
  return type === "exception" && originalStart !== null ? `${seriesMasterId} ${originalStart}` : null;
}

function placeOfOccurrence({ type, seriesMasterId, time }: CalendarEvent): string | null {
  return type === "occurrence" && !time.allDay ? `${seriesMasterId} ${time.start}` : null;
}

/**
 * Combines a bare occurrence of a delta query, which has nothing but its time, with its series. Answers null if the
 * two do not belong together, or if one of them cannot be read.
 */
export function withSeries(bare: unknown, master: unknown): CalendarEvent | null {
  const [occurrence, series] = [readEvent(bare), readEvent(master)];
  if (!occurrence || !series || occurrence.seriesMasterId !== series.id) return null;
  const { id, type, originalStart, time, changeKey, seriesMasterId } = occurrence;
  return { ...series, id, type, originalStart, time, changeKey, seriesMasterId };
}
