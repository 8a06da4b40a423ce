/** Makes an event for tests; a test overrides the fields that matter to it. */

import type { CalendarEvent } from "./api.ts";

export const anEvent = (change: Partial<CalendarEvent> = {}): CalendarEvent => ({
  ...{ id: "e1", subject: "Weekly", start: "2026-11-30T09:00", end: "2026-11-30T10:00", zone: "UTC" },
  ...{ allDay: false, location: "", description: "", seriesMasterId: null, showAs: "busy", private: false },
  ...{
    cancelled: false,
    isOrganizer: false,
    organizer: null,
    attendees: [],
    answer: null,
    unanswered: false,
  },
  ...{ answerable: true, proposalsAllowed: true, joinUrl: null, webLink: null },
  ...change,
});
