/** Small helpers of the driver for one person. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { hash } from "../../../platform/store/sharded-map.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { joinLink } from "../rules/joining.ts";
import { otherPeople } from "../rules/spans.ts";

/** Keeps only what a day needs of an event: the texts of 10,000 people's meetings would take 100 MB. */
export function compact(event: CalendarEvent): CalendarEvent {
  return {
    ...event,
    joinUrl: joinLink(event)?.url ?? "",
    bodyPreview: "",
    webLink: "",
    guests: otherPeople(event).slice(0, 1),
  };
}

/** A number from 0 up to 1 that is constant for a person. */
export function fraction(userId: string): number {
  return hash(userId) / 2 ** 32;
}

/** For logs: returns a code, never the text of another system, which may repeat what somebody wrote. */
export function codeOf(error: unknown): string {
  if (error instanceof GraphError) return `${error.status} ${error.code}`;
  if (error instanceof ProductError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}

/** Lets other work run, so that requests do not wait for thousands of looks. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
