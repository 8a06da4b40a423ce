import { describe, expect, test } from "bun:test";
import {
  recurrenceOf,
  firstDates as serverDates,
} from "../../../../server/features/calendar/rules/recurrence.ts";
import { type Draft, newDraft, requestOf } from "./draft.ts";
import { firstDates } from "./repeat-preview.ts";

const draft = (part: Partial<Draft>): Draft => ({
  ...newDraft({ wall: "2026-01-31T09:00", zone: "UTC", requestId: "one" } as never),
  ...{ subject: "x", startDate: "2026-01-31", endDate: "2026-01-31", startTime: "09:00", endTime: "09:30" },
  ...part,
});

describe("F7: the first dates of a series are those that the server computes", () => {
  for (const part of [
    { repeat: "daily" },
    { repeat: "daily", interval: 3, until: "2026-02-05" },
    { repeat: "weekly", weekdays: [1, 3] },
    { repeat: "weekly", weekdays: [6], interval: 2 },
    { repeat: "weekly", weekdays: [5, 1], interval: 2, startDate: "2026-03-25", endDate: "2026-03-25" },
    { repeat: "monthly" },
    { repeat: "monthly", interval: 5 },
    { repeat: "yearly", startDate: "2028-02-29", endDate: "2028-02-29" },
    { repeat: "daily", until: "2026-01-31" },
  ] as const)
    test(JSON.stringify(part), () => {
      const one = draft({ interval: 1, ...part } as Partial<Draft>);
      const made = recurrenceOf(requestOf(one).recurrence, one.startDate, "UTC");
      if (!made.ok) throw new Error(made.why);
      const dates = firstDates(one, 3);
      expect(dates).toEqual(serverDates(made.recurrence, 3));
      expect(dates.length).toBeGreaterThan(0);
    });

  test("there are none without a series, for a week without days, or while a date is being typed", () => {
    expect(firstDates(draft({ repeat: "never" }), 3)).toEqual([]);
    expect(firstDates(draft({ repeat: "weekly", weekdays: [] }), 3)).toEqual([]);
    expect(firstDates(draft({ repeat: "daily", startDate: "2026-1" }), 3)).toEqual([]);
  });
});
