/** Reads free/busy information with Graph's getSchedule (docs/facts/microsoft-calendar.md 7). */

import { z } from "zod";
import type { GraphClient } from "../../../microsoft/graph/index.ts";
import { chunks } from "../../../platform/chunks.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { isoOf, type Period } from "../rules/days.ts";
import type { Mailbox } from "./events.ts";

export interface Availability {
  readonly address: string;
  /** One digit per slot; 0 is free. null if the address has no calendar that this person may query. */
  readonly view: string | null;
}

const schedules = lazy(() =>
  z.object({
    value: z.array(
      z.object({
        scheduleId: z.string(),
        availabilityView: z.string().nullish(),
        error: z.unknown().optional(),
      }),
    ),
  }),
);
/** Graph's limit per request. */
const MOST_SCHEDULES = 20;

/** Reads the availability of up to twenty people with one request against the caller's own mailbox. */
export async function availabilityOf(
  graph: GraphClient,
  { base, credential }: Mailbox,
  addresses: readonly string[],
  { from, to, slotMinutes }: Period & { readonly slotMinutes: number },
): Promise<Availability[]> {
  const utc = (moment: number) => ({ dateTime: isoOf(moment).replace("Z", ""), timeZone: "UTC" });
  const answers: Availability[] = [];
  for (const some of chunks(addresses, MOST_SCHEDULES)) {
    const { value } = await graph.request({
      method: "POST",
      path: `${base}/calendar/getSchedule`,
      headers: { Prefer: 'outlook.timezone="UTC"' },
      body: {
        schedules: some,
        startTime: utc(from),
        endTime: utc(to),
        availabilityViewInterval: slotMinutes,
      },
      answer: schedules(),
      tries: 2,
      ...(credential ? { credential } : {}),
    });
    for (const { scheduleId, availabilityView, error } of value)
      answers.push({ address: scheduleId, view: error ? null : (availabilityView ?? null) });
  }
  return answers;
}
