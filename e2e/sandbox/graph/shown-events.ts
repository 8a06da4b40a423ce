/** Shows an event of the fake Graph as a request wants it: selected properties, time zone, time window. */

import type { Context } from "hono";
import { type ZonedWallTime, zoneOf } from "../../../server/microsoft/time-zones/index.ts";
import type { GraphToken } from "../entra/server.ts";
import { momentIn } from "./event-times.ts";
import type { StoredEvent } from "./mailbox.ts";
import { badRequest, forbidden, Refusal } from "./refusal.ts";

type Json = Record<string, unknown>;
export type CalendarContext = Context<{ Variables: { token: GraphToken } }>;

/** Properties that `$select` may name, beside those that are always present. */
const selectable = new Set(
  `id subject bodyPreview body start end isAllDay showAs responseStatus sensitivity isCancelled isOrganizer
   organizer attendees location locations iCalUId seriesMasterId type originalStart changeKey webLink
   onlineMeeting isOnlineMeeting onlineMeetingProvider onlineMeetingUrl responseRequested allowNewTimeProposals
   isReminderOn reminderMinutesBeforeStart importance categories hideAttendees recurrence transactionId
   originalStartTimeZone originalEndTimeZone hasAttachments createdDateTime lastModifiedDateTime isDraft
   occurrenceId`
    .trim()
    .split(/\s+/),
);

/** Both bounds are required. An offset in the value is respected; without one it is UTC. */
export function momentOf(c: CalendarContext, name: string): number {
  const text = c.req.query(name);
  if (!text)
    throw badRequest(
      "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
    );
  const at = Date.parse(/(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) throw badRequest(`The value '${text}' of parameter '${name}' is invalid.`);
  return at;
}

/** One preference of the header `Prefer`. */
export function prefer(c: CalendarContext, name: string): string | null {
  const found = (c.req.header("Prefer") ?? "")
    .split(",")
    .map((one) => one.trim().split("="))
    .find(([wish = ""]) => wish.trim().toLowerCase() === name.toLowerCase());
  return found?.slice(1).join("=").replace(/^"|"$/g, "") ?? null;
}

/**
 * An event as requested: with the selected properties and times in the wanted zone. All-day events stay at midnight.
 */
export function shown(event: StoredEvent, c: CalendarContext): Json {
  const zoneName = prefer(c, "outlook.timezone") ?? "UTC";
  const zone = zoneOf(zoneName);
  if (!zone)
    throw new Refusal(400, "TimeZoneNotSupportedException", `The time zone '${zoneName}' is not supported.`);
  const inZone = (time: ZonedWallTime): ZonedWallTime =>
    event.isAllDay === true
      ? { ...time, timeZone: zoneName }
      : {
          dateTime: `${Temporal.Instant.fromEpochMilliseconds(momentIn(time))
            .toZonedDateTimeISO(zone)
            .toPlainDateTime()
            .toString({ smallestUnit: "second" })}.0000000`,
          timeZone: zoneName,
        };
  const whole: Json = { ...event, start: inZone(event.start), end: inZone(event.end) };
  const etag = { "@odata.etag": `W/"${event.changeKey}"` };
  const select = c.req.query("$select");
  if (select === undefined) return { ...etag, ...whole };
  const names = select.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !selectable.has(name));
  if (unknown !== undefined)
    throw badRequest(
      `Could not find a property named '${unknown}' on type 'Microsoft.OutlookServices.Event'.`,
    );
  if (c.req.path.endsWith("/calendarView")) {
    const dates = names.find((name) => name === "createdDateTime" || name === "lastModifiedDateTime");
    if (dates) throw forbidden(`${dates} cannot be selected in a calendar view.`);
  }
  return { ...etag, id: event.id, ...Object.fromEntries(names.map((name) => [name, whole[name]])) };
}
