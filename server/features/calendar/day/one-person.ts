/** Small parts of the driver that concern one person. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { hash } from "../../../platform/store/sharded-map.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { joinLink } from "../rules/joining.ts";
import { otherPeople } from "../rules/spans.ts";

/** What a day needs of an event: the texts of 10,000 people's meetings would be 100 MB. */
export function compact(event: CalendarEvent): CalendarEvent {
  return {
    ...event,
    joinUrl: joinLink(event)?.url ?? "",
    bodyPreview: "",
    webLink: "",
    guests: otherPeople(event).slice(0, 1),
  };
}

/** From 0 up to 1, always the same for one person. */
export function fraction(userId: string): number {
  return hash(userId) / 2 ** 32;
}

/** For logs: a code, never a sentence of another system, which may repeat what somebody wrote. */
export function codeOf(error: unknown): string {
  if (error instanceof GraphError) return `${error.status} ${error.code}`;
  if (error instanceof ProductError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}

/** Lets everything else run: requests of people do not wait for thousands of looks. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
