/** Time zones as Microsoft 365 names them, and wall times with a time zone (docs/facts/timezones.md). */

export { instantOf, type ZonedWallTime } from "./wall-time.ts";
export { windowsZoneOf, type ZoneId, zoneOf } from "./zone.ts";
