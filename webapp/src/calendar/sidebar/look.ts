/** The appearance and the texts of an event in the sidebar. */

import type { CalendarEvent } from "../api.ts";
import { clockRange, type Writing, whenText } from "../dates.ts";
import type { CalendarSay, Word } from "../room.ts";

export type Look = "plain" | "open" | "maybe" | "off" | "free";

export function lookOf(event: CalendarEvent): Look {
  if (event.cancelled || event.answer === "decline") return "off";
  if (event.unanswered) return "open";
  if (event.answer === "tentative" || event.showAs === "tentative") return "maybe";
  return event.showAs === "free" ? "free" : "plain";
}

export const subjectOf = (event: CalendarEvent, say: CalendarSay): string =>
  event.subject.trim() || say("event.untitled");

/** The person's answer; null for own events and for events that need no answer. */
export function stateWord(event: CalendarEvent): Word | null {
  if (event.cancelled) return "state.cancelled";
  if (event.answer !== null) return `state.${event.answer}`;
  return event.unanswered ? "state.unanswered" : null;
}

/** The label for screen readers: `9:00 – 10:00 AM, Weekly, Room 4, not answered`. */
export function nameOf(event: CalendarEvent, writing: Writing, say: CalendarSay): string {
  const state = stateWord(event);
  const isOneDay = !event.allDay && event.start.slice(0, 10) === event.end.slice(0, 10);
  const time = isOneDay
    ? clockRange(event.start, event.end, writing)
    : event.allDay
      ? say("event.allDay")
      : whenText(event, writing, say("event.allDay"));
  return [
    time,
    subjectOf(event, say),
    event.location,
    event.private ? say("event.private") : "",
    state && say(state),
  ]
    .filter(Boolean)
    .join(", ");
}
