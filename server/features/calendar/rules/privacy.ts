/**
 * Hides private events from everybody but their owner. With application permissions, Graph returns them in full.
 */

import type { CalendarEvent } from "./event.ts";

/** The event as other people may see it. A private event keeps its time and loses all texts and people. */
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
