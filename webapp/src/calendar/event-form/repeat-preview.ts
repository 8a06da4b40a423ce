/** The first dates of a series while it is being filled in, computed as on the server. */

import { addDays, addMonths, isDate, weekdayOf } from "../dates.ts";
import type { Draft } from "./draft.ts";

type Series = Pick<Draft, "interval" | "repeat" | "startDate" | "until" | "weekdays">;

/** The search stops after this many rounds of the pattern without a date. */
const MOST_ROUNDS = 60;

export function firstDates(series: Series, count: number): readonly string[] {
  const { repeat, startDate, until } = series;
  if (repeat === "never" || !isDate(startDate)) return [];
  const dates: string[] = [];
  for (let round = 0; round < MOST_ROUNDS && dates.length < count; round += 1)
    for (const date of datesOf(series, round)) {
      if (date < startDate) continue;
      if (until !== "" && date > until) return dates;
      if (dates.length < count) dates.push(date);
    }
  return dates;
}

function datesOf({ interval, repeat, startDate, weekdays }: Series, round: number): readonly string[] {
  const steps = round * interval;
  if (repeat === "daily") return [addDays(startDate, steps)];
  if (repeat === "monthly") return [addMonths(startDate, steps)];
  if (repeat === "yearly") return [addMonths(startDate, steps * 12)];
  const monday = addDays(startDate, 1 - weekdayOf(startDate) + steps * 7);
  return [...weekdays].sort().map((day) => addDays(monday, day - 1));
}
