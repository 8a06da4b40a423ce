/** A mailbox's working hours, for people who want a meeting status only then. */

import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { localDate, nextDate, overlaps, type Period } from "./days.ts";
import { timeOf } from "./summary.ts";

export interface WorkingHours {
  /** ISO weekdays; Monday is 1. */
  readonly days: readonly number[];
  /** `HH:MM`; before `to` on the same day. */
  readonly from: string;
  readonly to: string;
  /** The mailbox's name of the zone. If it is empty or custom, the person's own zone is used. */
  readonly zone: string;
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** Reads Graph's `workingHours`; answers null if they make no span within a day. */
export function hoursOf(graph: {
  readonly daysOfWeek: readonly string[];
  readonly startTime: string;
  readonly endTime: string;
  readonly timeZone?: { readonly name: string } | null | undefined;
}): WorkingHours | null {
  const days = graph.daysOfWeek.flatMap((day) => weekdays.indexOf(day.toLowerCase()) + 1 || []);
  const [from, to] = [graph.startTime.slice(0, 5), graph.endTime.slice(0, 5)];
  if (days.length === 0 || !timeOf(from) || !timeOf(to) || to <= from) return null;
  return { days, from, to, zone: graph.timeZone?.name ?? "" };
}

/** Answers whether a part of the period is within the hours. Checks 15 days, which contain every working day. */
export function isInHours(period: Period, { days, from, to, zone }: WorkingHours, own: ZoneId): boolean {
  const where = zoneOf(zone) ?? own;
  const last = localDate(period.to - 1, where);
  let date = localDate(period.from, where);
  for (let day = 0; day < 15 && date <= last; day += 1, date = nextDate(date)) {
    const plain = Temporal.PlainDate.from(date);
    if (!days.includes(plain.dayOfWeek)) continue;
    const at = (plainTime: string) => plain.toZonedDateTime({ timeZone: where, plainTime }).epochMilliseconds;
    if (overlaps({ from: at(from), to: at(to) }, period)) return true;
  }
  return false;
}
