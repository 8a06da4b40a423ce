import { z } from "zod";
import type { GraphClient, GraphRequest } from "../../../microsoft/graph/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { isoOf } from "../rules/days.ts";
import { OUTLOOK_HEADERS } from "./fields.ts";

const HOUR_MS = 3_600_000;
const events = lazy(() => z.object({ value: z.array(z.unknown()) }));

/**
 * Reads the id of one event of the coming hour, to find out whether the calendar can be read at all. Throws what the
 * client throws. `base` is the mailbox: `/me`, or `/users/{object id}`.
 */
export async function readNextHour(
  graph: Pick<GraphClient, "request">,
  base: string,
  now: number,
  how: Pick<GraphRequest<never>, "credential" | "limitMs" | "tries">,
): Promise<void> {
  const span = `startDateTime=${isoOf(now)}&endDateTime=${isoOf(now + HOUR_MS)}`;
  const path = `${base}/calendarView?${span}&$select=id&$top=1`;
  await graph.request({ path, headers: OUTLOOK_HEADERS, answer: events(), ...how });
}
