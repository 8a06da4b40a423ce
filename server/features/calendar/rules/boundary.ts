/** Finds the next moment at which something happens in a person's day. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import type { CalendarEvent } from "./event.ts";
import type { ReminderMemory, ReminderSettings } from "./reminders.ts";
import { reminders } from "./reminders.ts";
import { type BusySettings, busySpans } from "./spans.ts";

export interface BoundaryInput {
  readonly events: readonly CalendarEvent[];
  readonly settings: BusySettings & ReminderSettings;
  readonly memory: ReminderMemory;
  readonly zone: ZoneId;
}

/**
 * The earliest start or end of a span, or reminder, strictly after `now`; null if nothing is ahead.
 */
export function nextBoundary({ events, settings, memory, zone }: BoundaryInput, now: number): number | null {
  const spans = busySpans(events, settings, zone).flatMap(({ start, end }) => [start, end]);
  const moments = [...spans, ...reminders(events, settings, memory).map(({ at }) => at)];
  return earliest(moments.filter((at) => at > now));
}

export function earliest(moments: readonly (number | null)[]): number | null {
  return moments.reduce<number | null>(
    (first, at) => (at === null || (first !== null && first <= at) ? first : at),
    null,
  );
}
