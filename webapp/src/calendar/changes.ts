/** Finds what changed when the calendar was read again, for screen readers. */

import type { CalendarEvent } from "./api.ts";

export interface Changes {
  readonly added: readonly CalendarEvent[];
  readonly removed: readonly CalendarEvent[];
  /** Events that were moved or cancelled. */
  readonly changed: readonly CalendarEvent[];
}

export function changesBetween(before: readonly CalendarEvent[], after: readonly CalendarEvent[]): Changes {
  const [old, now] = [byId(before), byId(after)];
  return {
    added: after.filter(({ id }) => !old.has(id)),
    removed: before.filter(({ id }) => !now.has(id)),
    changed: after.filter((event) => {
      const was = old.get(event.id);
      return was && (was.start !== event.start || was.end !== event.end || was.cancelled !== event.cancelled);
    }),
  };
}

const byId = (events: readonly CalendarEvent[]) => new Map(events.map((event) => [event.id, event]));
