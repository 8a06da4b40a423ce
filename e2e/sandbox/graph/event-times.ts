/** Converts between moments and the wall times with a zone that Graph prints in events. */

import { instantOf, type ZonedWallTime } from "../../../server/microsoft/time-zones/index.ts";
import { badRequest } from "./refusal.ts";

/** A moment as Graph prints it in UTC; for a date, its midnight. */
export function wallTime(moment: number | string): ZonedWallTime {
  const text =
    typeof moment === "string" ? `${moment}T00:00:00` : new Date(moment).toISOString().slice(0, 19);
  return { dateTime: `${text}.0000000`, timeZone: "UTC" };
}

export function momentIn(time: ZonedWallTime): number {
  const at = instantOf(time);
  if (at === null) throw badRequest(`The time '${time.dateTime}' '${time.timeZone}' is not valid.`);
  return at;
}
