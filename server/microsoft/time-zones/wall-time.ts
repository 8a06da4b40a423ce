/** Graph's `dateTimeTimeZone`: a wall time without an offset, and its time zone. */

import { type ZoneId, zoneOf } from "./zone.ts";

export interface ZonedWallTime {
  /** `2026-03-08T07:00:00.0000000`. */
  readonly dateTime: string;
  /** A Windows name or an IANA id. */
  readonly timeZone: string;
}

/**
 * Returns milliseconds since 1970; null when the wall time or the time zone does not exist.
 *
 * A wall time that the clock skips means the later reading; of one that it shows twice, the first is used. Temporal
 * calls this "compatible".
 */
export function instantOf({ dateTime, timeZone }: ZonedWallTime): number | null {
  const zone = zoneOf(timeZone);
  const wall = wallTimeOf(dateTime);
  return zone && wall ? momentOf(wall, zone) : null;
}

export function momentOf(wall: Temporal.PlainDateTime, zone: ZoneId): number {
  return wall.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
}

/**
 * Accepts years 1 to 9999, as Exchange does; null for a date or time that does not exist, and for one with an offset.
 */
export function wallTimeOf(text: string): Temporal.PlainDateTime | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?$/.test(text) || text.startsWith("0000")) return null;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: "reject" });
  } catch {
    return null;
  }
}
