/** Words of private events are for their owner only. Application permissions bring them in full. */

import type { CalendarEvent } from "./event.ts";

/** The event as somebody else may see it: a private one keeps its time and loses every word and person. */
export function forOthers(event: CalendarEvent): CalendarEvent {
  if (!event.private) return event;
  return {
    ...event,
    subject: "",
    location: "",
    bodyPreview: "",
    webLink: "",
    joinUrl: "",
    organizer: null,
    guests: [],
  };
}
