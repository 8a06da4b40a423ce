import { describe, expect, test } from "bun:test";
import { firstDates, recurrenceOf } from "./recurrence.ts";

const endless = { type: "noEnd" };
function dates(pattern: object, range: object = endless, start = "2026-06-15", count = 4) {
  const verdict = recurrenceOf({ pattern, range }, start, "W. Europe Standard Time");
  return verdict.ok ? firstDates(verdict.recurrence, count) : verdict.why;
}

describe("a series", () => {
  // 2026-06-15 is a Monday.
  const cases: [string, object, string[], string?][] = [
    ["every day", { type: "daily" }, ["2026-06-15", "2026-06-16", "2026-06-17", "2026-06-18"]],
    [
      "every third day",
      { type: "daily", interval: 3 },
      ["2026-06-15", "2026-06-18", "2026-06-21", "2026-06-24"],
    ],
    [
      "Mondays and Thursdays",
      { type: "weekly", daysOfWeek: ["thursday", "monday"] },
      ["2026-06-15", "2026-06-18", "2026-06-22", "2026-06-25"],
    ],
    [
      "every second week from Sunday on",
      { type: "weekly", interval: 2, daysOfWeek: ["monday", "sunday"] },
      ["2026-06-15", "2026-06-28", "2026-06-29", "2026-07-12"],
    ],
    [
      "every second week from Monday on",
      { type: "weekly", interval: 2, daysOfWeek: ["monday", "sunday"], firstDayOfWeek: "monday" },
      ["2026-06-15", "2026-06-21", "2026-06-29", "2026-07-05"],
    ],
    [
      "on a weekday that is not the first date's",
      { type: "weekly", daysOfWeek: ["sunday"] },
      ["2026-06-21", "2026-06-28", "2026-07-05", "2026-07-12"],
    ],
    [
      "on the 31st, or the last of a shorter month",
      { type: "absoluteMonthly", dayOfMonth: 31 },
      ["2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30"],
      "2026-08-31",
    ],
    [
      "on a day of the month that is over",
      { type: "absoluteMonthly", dayOfMonth: 1 },
      ["2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01"],
    ],
    [
      "the second Tuesday",
      { type: "relativeMonthly", daysOfWeek: ["tuesday"], index: "second" },
      ["2026-07-14", "2026-08-11", "2026-09-08", "2026-10-13"],
    ],
    [
      "the last working day",
      {
        type: "relativeMonthly",
        daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
        index: "last",
      },
      ["2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30"],
    ],
    [
      "every year on a leap day",
      { type: "absoluteYearly", month: 2, dayOfMonth: 29 },
      ["2027-02-28", "2028-02-29", "2029-02-28", "2030-02-28"],
    ],
    [
      "the first Sunday of October",
      { type: "relativeYearly", month: 10, daysOfWeek: ["sunday"] },
      ["2026-10-04", "2027-10-03", "2028-10-01", "2029-10-07"],
    ],
  ];
  for (const [name, pattern, expected, start] of cases)
    test(name, () => expect(dates(pattern, endless, start)).toEqual(expected));

  test("ends after its number of occurrences or on its end date, inclusive", () => {
    expect(dates({ type: "daily" }, { type: "numbered", numberOfOccurrences: 2 })).toEqual([
      "2026-06-15",
      "2026-06-16",
    ]);
    expect(dates({ type: "daily" }, { type: "endDate", endDate: "2026-06-16" })).toEqual([
      "2026-06-15",
      "2026-06-16",
    ]);
  });

  test("begins on the event's date, in the mailbox's zone", () => {
    const verdict = recurrenceOf({ pattern: { type: "daily" }, range: endless }, "2026-06-15", "UTC-11");
    expect(verdict).toEqual({
      ok: true,
      recurrence: {
        pattern: { type: "daily", interval: 1 },
        range: { type: "noEnd", startDate: "2026-06-15", recurrenceTimeZone: "UTC-11" },
      },
    });
  });

  for (const [name, pattern, range, why] of [
    [
      "an end before it begins",
      { type: "daily" },
      { type: "endDate", endDate: "2026-06-14" },
      "recurrence_end_before_start",
    ],
    [
      "an end before its first date",
      { type: "weekly", daysOfWeek: ["sunday"] },
      { type: "endDate", endDate: "2026-06-16" },
      "recurrence_empty",
    ],
    [
      "an end that does not exist",
      { type: "daily" },
      { type: "endDate", endDate: "2026-06-31" },
      "recurrence_invalid",
    ],
    ["no weekday", { type: "weekly", daysOfWeek: [] }, endless, "recurrence_invalid"],
    [
      "a weekday of another language",
      { type: "weekly", daysOfWeek: ["montag"] },
      endless,
      "recurrence_invalid",
    ],
    ["no step", { type: "daily", interval: 0 }, endless, "recurrence_invalid"],
    [
      "too many occurrences",
      { type: "daily" },
      { type: "numbered", numberOfOccurrences: 1000 },
      "recurrence_invalid",
    ],
    ["a 32nd of the month", { type: "absoluteMonthly", dayOfMonth: 32 }, endless, "recurrence_invalid"],
    ["a pattern that there is not", { type: "hourly" }, endless, "recurrence_invalid"],
    ["a field too many", { type: "daily", dayOfMonth: 1 }, endless, "recurrence_invalid"],
  ] as const)
    test(`with ${name}: ${why}`, () => expect(dates(pattern, range)).toBe(why));
});
