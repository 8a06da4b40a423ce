/** An event in the HTTP API, for its owner: wall times in one time zone, in the same form as they are accepted. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { isoOf, periodOf } from "../rules/days.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { joinLink } from "../rules/joining.ts";
import { isUnanswered } from "../rules/rows.ts";

const answers = {
  accepted: "accept",
  tentativelyAccepted: "tentative",
  declined: "decline",
} as const;

export function eventJson(event: CalendarEvent, zone: ZoneId) {
  const { time } = event;
  const { from, to } = periodOf(time, zone);
  const wall = (moment: number) =>
    Temporal.Instant.fromEpochMilliseconds(moment)
      .toZonedDateTimeISO(zone)
      .toPlainDateTime()
      .toString({ smallestUnit: "minute" });
  return {
    id: event.id,
    iCalUId: event.iCalUId,
    subject: event.subject,
    /** Wall times in `zone`. For an all-day event they are dates, and the end is the first date after it. */
    start: time.allDay ? time.startDate : wall(time.start),
    end: time.allDay ? time.endDate : wall(time.end),
    zone,
    allDay: time.allDay,
    /** The same as moments. */
    startsAt: isoOf(from),
    endsAt: isoOf(to),
    location: event.location,
    description: event.bodyPreview,
    type: event.type,
    seriesMasterId: event.seriesMasterId || null,
    showAs: event.showAs,
    private: event.private,
    cancelled: event.cancelled,
    isOrganizer: event.organizedByMe,
    organizer: event.organizer,
    attendees: event.guests,
    response: event.response,
    answer: answers[event.response as keyof typeof answers] ?? null,
    unanswered: isUnanswered(event),
    answerable: event.responseRequested && !event.organizedByMe && !event.cancelled,
    proposalsAllowed: event.proposalsAllowed,
    joinUrl: joinLink(event)?.url ?? null,
    webLink: event.webLink || null,
  };
}

export type EventJson = ReturnType<typeof eventJson>;
