/** Maps between Windows names and IANA ids of time zones. */

import { lazy } from "../../runtime/lazy.ts";
import { windowsZones } from "./windows-zones.gen.ts";

/** An IANA id whose rules this runtime knows. Only `zoneOf` creates one, so code that takes it cannot fail. */
export type ZoneId = string & { readonly knownZone: true };

/** Longer than any zone's name; the longest in CLDR has 32 characters. */
const LONGEST_NAME = 64;

const byLowerCaseName = lazy(
  () =>
    new Map(
      Object.entries(windowsZones).map(([name, ids]) => [name.toLowerCase(), ids.split(" ")[0] as string]),
    ),
);
const windowsNameById = lazy(
  () =>
    new Map(
      Object.entries(windowsZones).flatMap(([name, ids]) => ids.split(" ").map((id) => [id, name] as const)),
    ),
);
const known = lazy(() => new Map<string, ZoneId | null>());

/**
 * Returns the IANA id of a Windows name (in any case) or of an IANA id; null for everything else. It never guesses: a
 * wrong zone sends people to a meeting at the wrong hour, a missing one is reported.
 */
export function zoneOf(name: string): ZoneId | null {
  if (name.length > LONGEST_NAME) return null;
  const found = known().get(name);
  if (found !== undefined) return found;
  const zone = lookUp(name.trim());
  if (known().size < 1000) known().set(name, zone);
  return zone;
}

function lookUp(name: string): ZoneId | null {
  // CLDR says Etc/UTC; every other source says UTC.
  if (/^(utc|tzone:\/\/microsoft\/utc)$/i.test(name)) return "UTC" as ZoneId;
  const id = byLowerCaseName().get(name.toLowerCase()) ?? name;
  // Intl accepts offsets too ("+02:00"), but an offset is not a zone: it has no daylight saving time.
  if (!/^[a-z]/i.test(id)) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: id }).resolvedOptions().timeZone as ZoneId;
  } catch {
    return null;
  }
}

/**
 * Returns the Windows name of a zone, for calls that accept no IANA id; null when Windows has no zone with these
 * rules.
 */
export function windowsZoneOf(zone: ZoneId): string | null {
  if (zone === "UTC") return "UTC";
  const name = windowsNameById().get(zone);
  if (name) return name;
  // CLDR uses old ids (Asia/Calcutta, Europe/Kiev); Temporal knows which ids mean the same zone.
  const moment = Temporal.Instant.fromEpochMilliseconds(0);
  const wanted = moment.toZonedDateTimeISO(zone);
  for (const [id, windows] of windowsNameById())
    if (wanted.equals(moment.toZonedDateTimeISO(id))) return windows;
  return null;
}
