/** Who is free when (docs/facts/microsoft-calendar.md 7). */

import { z } from "zod";
import type { GraphClient } from "../../../microsoft/graph/index.ts";
import { chunks } from "../../../platform/chunks.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { isoOf, type Period } from "../rules/days.ts";
import type { Mailbox } from "./events.ts";

export interface Availability {
  readonly address: string;
  /** Digits per slot: 0 is free. null where the address has no calendar that this person may ask for. */
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
/** Graph takes no more at once. */
const MOST_SCHEDULES = 20;

/** One request against the caller's own mailbox for twenty people. */
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
