/** Graph's `dateTimeTimeZone`: a wall time without an offset, and its zone. */

import { type ZoneId, zoneOf } from "./zone.ts";

export interface ZonedWallTime {
  /** `2026-03-08T07:00:00.0000000`. */
  readonly dateTime: string;
  /** A Windows name or an IANA id. */
  readonly timeZone: string;
}

/**
 * Milliseconds since 1970; null for a wall time or a zone that does not exist.
 *
 * A wall time that the clock skips is the later reading, one that it shows twice the first: "compatible" in
 * Temporal.
 */
export function instantOf({ dateTime, timeZone }: ZonedWallTime): number | null {
  const zone = zoneOf(timeZone);
  const wall = wallTimeOf(dateTime);
  return zone && wall ? momentOf(wall, zone) : null;
}

export function momentOf(wall: Temporal.PlainDateTime, zone: ZoneId): number {
  return wall.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
}

/** Years 1 to 9999, as Exchange has them; null for a date or time that does not exist, and for one with an offset. */
export function wallTimeOf(text: string): Temporal.PlainDateTime | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?$/.test(text) || text.startsWith("0000")) return null;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: "reject" });
  } catch {
    return null;
  }
}
