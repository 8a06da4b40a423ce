/** Proposes three times at which the members of a channel could meet. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { localDate, localTime, type Period } from "./days.ts";

/** One member's calendar: a digit per slot, `0` is free. null is unknown and does not block a time. */
export type Availability = string | null;

export interface FindTimeInput {
  readonly from: number;
  readonly slotMinutes: number;
  readonly slots: number;
  readonly durationMinutes: number;
  readonly zone: ZoneId;
  readonly availability: readonly Availability[];
}

export interface ProposedTime extends Period {
  /** How many members are free, and for how many the calendar is known. */
  readonly free: number;
  readonly known: number;
}

const PROPOSALS = 3;
const MINUTE = 60_000;
/** Local working hours of the person who asks. */
const [EARLIEST, LATEST] = ["08:00", "18:00"];
const LAST_WORKDAY = 5;

/**
 * Answers at most three times that do not overlap: those when most members are free, and the earliest among equals.
 */
export function findTimes(input: FindTimeInput): ProposedTime[] {
  const { availability, durationMinutes, from, slotMinutes, slots } = input;
  const needed = Math.ceil(durationMinutes / slotMinutes);
  const views = availability.filter((one) => one !== null);
  const candidates: ProposedTime[] = [];
  for (let slot = 0; slot + needed <= slots; slot += 1) {
    const start = from + slot * slotMinutes * MINUTE;
    const time = { from: start, to: start + durationMinutes * MINUTE };
    if (!isWorkingTime(time, input.zone)) continue;
    const free = views.filter((view) =>
      /^0+$/.test(view.slice(slot, slot + needed).padEnd(needed, "0")),
    ).length;
    candidates.push({ ...time, free, known: views.length });
  }
  candidates.sort((a, b) => b.free - a.free || a.from - b.from);
  const chosen: ProposedTime[] = [];
  for (const one of candidates) {
    if (chosen.length === PROPOSALS) break;
    if (chosen.every((other) => one.to <= other.from || other.to <= one.from)) chosen.push(one);
  }
  return chosen.sort((a, b) => b.free - a.free || a.from - b.from);
}

function isWorkingTime({ from, to }: Period, zone: ZoneId): boolean {
  const date = localDate(from, zone);
  if (localDate(to - 1, zone) !== date) return false;
  if (Temporal.PlainDate.from(date).dayOfWeek > LAST_WORKDAY) return false;
  return localTime(from, zone) >= EARLIEST && localTime(to, zone) <= LATEST && localTime(to, zone) > EARLIEST;
}
