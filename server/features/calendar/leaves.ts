import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "a connected member uses the calendar, and before each boundary of their day",
    what: "requests for their events, time zone and working hours",
  },
  {
    to: "Graph",
    when: "a member answers an invitation or makes an event",
    what: "the answer with its comment; the event's subject, times, place, description and the addresses of those invited",
  },
];
