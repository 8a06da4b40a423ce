/** Validates how a new series repeats, in Graph's own shape (patternedRecurrence), and lists its first dates. */

import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import { dateOf } from "./event.ts";

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const indexes = ["first", "second", "third", "fourth", "last"] as const;

/** Exchange's own limits. */
const MOST_OCCURRENCES = 999;
const LONGEST_INTERVAL = 99;

const recurrenceShape = lazy(() => {
  const interval = z.int().min(1).max(LONGEST_INTERVAL).default(1);
  const daysOfWeek = z.array(z.enum(weekdays)).min(1).max(7);
  const firstDayOfWeek = z.enum(weekdays).default("sunday");
  const dayOfMonth = z.int().min(1).max(31);
  const month = z.int().min(1).max(12);
  const index = z.enum(indexes).default("first");
  const date = z.string().refine((text) => dateOf(text) !== null);
  return z.strictObject({
    pattern: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("daily"), interval }),
      z.strictObject({ type: z.literal("weekly"), interval, daysOfWeek, firstDayOfWeek }),
      z.strictObject({ type: z.literal("absoluteMonthly"), interval, dayOfMonth }),
      z.strictObject({ type: z.literal("relativeMonthly"), interval, daysOfWeek, index }),
      z.strictObject({ type: z.literal("absoluteYearly"), interval, dayOfMonth, month }),
      z.strictObject({ type: z.literal("relativeYearly"), interval, daysOfWeek, index, month }),
    ]),
    range: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("endDate"), endDate: date }),
      z.strictObject({
        type: z.literal("numbered"),
        numberOfOccurrences: z.int().min(1).max(MOST_OCCURRENCES),
      }),
      z.strictObject({ type: z.literal("noEnd") }),
    ]),
  });
});
type Shape = z.output<ReturnType<typeof recurrenceShape>>;

/** As Graph takes it: the range begins on the date of the event. */
export interface Recurrence {
  readonly pattern: Shape["pattern"];
  readonly range: Shape["range"] & { readonly startDate: string; readonly recurrenceTimeZone: string };
}

export type RecurrenceVerdict =
  | { readonly ok: true; readonly recurrence: Recurrence }
  | {
      readonly ok: false;
      readonly why: "recurrence_invalid" | "recurrence_end_before_start" | "recurrence_empty";
    };

/** `zone` is the name as the mailbox has it. */
export function recurrenceOf(json: unknown, startDate: string, zone: string): RecurrenceVerdict {
  const parsed = recurrenceShape().safeParse(json);
  if (!parsed.success) return { ok: false, why: "recurrence_invalid" };
  const { pattern, range } = parsed.data;
  if (range.type === "endDate" && range.endDate < startDate)
    return { ok: false, why: "recurrence_end_before_start" };
  const recurrence = { pattern, range: { ...range, startDate, recurrenceTimeZone: zone } };
  return firstDates(recurrence, 1).length === 0
    ? { ok: false, why: "recurrence_empty" }
    : { ok: true, recurrence };
}

/** The first dates of the series, for a preview; at most `count`. */
export function firstDates({ pattern, range }: Recurrence, count: number): string[] {
  const start = Temporal.PlainDate.from(range.startDate);
  const most = range.type === "numbered" ? Math.min(count, range.numberOfOccurrences) : count;
  const dates: string[] = [];
  // A round is a day, week, month or year of the pattern. The first round may lie before the start, and few are
  // empty.
  for (let round = 0; dates.length < most && round < most + 12; round += 1) {
    for (const date of datesOfRound(pattern, start, round * pattern.interval)) {
      if (Temporal.PlainDate.compare(date, start) < 0) continue;
      if (range.type === "endDate" && Temporal.PlainDate.compare(date, range.endDate) > 0) return dates;
      if (dates.length < most) dates.push(date.toString());
    }
  }
  return dates;
}

function datesOfRound(
  pattern: Shape["pattern"],
  start: Temporal.PlainDate,
  steps: number,
): Temporal.PlainDate[] {
  switch (pattern.type) {
    case "daily":
      return [start.add({ days: steps })];
    case "weekly": {
      const sinceFirst = (start.dayOfWeek - isoDay(pattern.firstDayOfWeek) + 7) % 7;
      const week = start.subtract({ days: sinceFirst }).add({ weeks: steps });
      return Array.from({ length: 7 }, (_, days) => week.add({ days })).filter((date) =>
        isOn(date, pattern.daysOfWeek),
      );
    }
    case "absoluteMonthly":
      return [dayIn(start.add({ months: steps }), pattern.dayOfMonth)];
    case "relativeMonthly":
      return indexedDay(start.with({ day: 1 }).add({ months: steps }), pattern);
    case "absoluteYearly":
      return [dayIn(start.with({ day: 1, month: pattern.month }).add({ years: steps }), pattern.dayOfMonth)];
    case "relativeYearly":
      return indexedDay(start.with({ day: 1, month: pattern.month }).add({ years: steps }), pattern);
  }
}

/** In a shorter month, the 31st becomes the last day. */
function dayIn(month: Temporal.PlainDate, day: number): Temporal.PlainDate {
  return month.with({ day }, { overflow: "constrain" });
}

/** For example the second Tuesday, or the last working day. */
function indexedDay(
  month: Temporal.PlainDate,
  {
    daysOfWeek,
    index,
  }: { readonly daysOfWeek: readonly Weekday[]; readonly index: (typeof indexes)[number] },
): Temporal.PlainDate[] {
  const days = Array.from({ length: month.daysInMonth }, (_, day) => month.with({ day: day + 1 }));
  const on = days.filter((date) => isOn(date, daysOfWeek));
  return on.slice(index === "last" ? -1 : indexes.indexOf(index)).slice(0, 1);
}

type Weekday = (typeof weekdays)[number];

function isoDay(day: Weekday): number {
  return weekdays.indexOf(day) + 1;
}

function isOn(date: Temporal.PlainDate, days: readonly Weekday[]): boolean {
  return days.some((day) => isoDay(day) === date.dayOfWeek);
}
