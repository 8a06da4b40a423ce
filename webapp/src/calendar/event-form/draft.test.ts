import { describe, expect, test } from "bun:test";
import { newEventOf } from "../../../../server/features/calendar/rules/new-event.ts";
import { type Draft, newDraft, newRequestId, problemsOf, requestOf, withStart } from "./draft.ts";

const NOW = Date.UTC(2026, 10, 30, 9, 40);
const draft = (change: Partial<Draft> = {}): Draft => ({
  ...newDraft({ requestId: "r1", wall: "2026-11-30T09:40", zone: "UTC", subject: "Weekly" }),
  ...change,
});
/** The server's own check of the draft. */
const verdict = (one: Draft) => newEventOf(requestOf(one), "UTC", NOW);

test("begins with the next half hour and lasts half an hour", () => {
  const { endTime, startDate, startTime } = draft();
  expect([startDate, startTime, endTime]).toEqual(["2026-11-30", "10:00", "10:30"]);
});

describe("the server accepts what the form produces", () => {
  const cases: [name: string, change: Partial<Draft>, expected: object][] = [
    ["a plain event", {}, { start: { dateTime: "2026-11-30T10:00:00", timeZone: "UTC" }, isAllDay: false }],
    [
      "two whole days",
      { allDay: true, endDate: "2026-12-01" },
      {
        start: { dateTime: "2026-11-30T00:00:00", timeZone: "UTC" },
        end: { dateTime: "2026-12-02T00:00:00", timeZone: "UTC" },
      },
    ],
    [
      "across midnight",
      { startTime: "23:30", endDate: "2026-12-01", endTime: "00:30" },
      { end: { dateTime: "2026-12-01T00:30:00", timeZone: "UTC" } },
    ],
    ["a Teams meeting", { onlineMeeting: true }, { isOnlineMeeting: true }],
    [
      "every second day",
      { repeat: "daily", interval: 2 },
      {
        recurrence: {
          pattern: { type: "daily", interval: 2 },
          range: { type: "noEnd", startDate: "2026-11-30", recurrenceTimeZone: "UTC" },
        },
      },
    ],
    [
      "weekly on two days until a date",
      { repeat: "weekly", weekdays: [3, 1], until: "2027-01-31" },
      {
        recurrence: {
          pattern: {
            type: "weekly",
            interval: 1,
            daysOfWeek: ["monday", "wednesday"],
            firstDayOfWeek: "monday",
          },
          range: {
            type: "endDate",
            endDate: "2027-01-31",
            startDate: "2026-11-30",
            recurrenceTimeZone: "UTC",
          },
        },
      },
    ],
    [
      "monthly",
      { repeat: "monthly" },
      { recurrence: { pattern: { type: "absoluteMonthly", interval: 1, dayOfMonth: 30 } } },
    ],
    [
      "yearly",
      { repeat: "yearly" },
      { recurrence: { pattern: { type: "absoluteYearly", interval: 1, dayOfMonth: 30, month: 11 } } },
    ],
  ];
  for (const [name, change, expected] of cases) {
    test(name, () => {
      const answer = verdict(draft(change));
      if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
      expect(answer.body).toMatchObject(expected);
    });
  }
});

describe("an error found by the form is also found by the server, with the same code", () => {
  const cases: [name: string, change: Partial<Draft>][] = [
    ["no subject", { subject: "  " }],
    ["no start date", { startDate: "" }],
    ["no start time", { startTime: "" }],
    ["an end before the start", { endDate: "2026-11-29" }],
    ["an end at the start", { endTime: "10:00" }],
    ["days the wrong way round", { allDay: true, endDate: "2026-11-29" }],
  ];
  for (const [name, change] of cases) {
    test(name, () => {
      const found = problemsOf(draft(change));
      expect(Object.keys(found).length).toBeGreaterThan(0);
      const request = requestOf({ ...draft(change), startDate: change.startDate ?? "2026-11-30" });
      // A missing time in the form is not a valid time for the server.
      const start = change.startTime === "" ? "2026-11-30T" : request.start.replace(/^T.*/, "");
      const answer = newEventOf({ ...request, start }, "UTC", NOW);
      expect(answer.ok ? {} : answer.errors).toMatchObject(found);
    });
  }

  test("a complete draft has no problem", () => expect(problemsOf(draft())).toEqual({}));
  test("a week without days", () =>
    expect(problemsOf(draft({ repeat: "weekly", weekdays: [] }))).toEqual({
      recurrence: "recurrence_empty",
    }));
});

describe("the end moves with the start", () => {
  const moved = (change: Partial<Draft>, base: Partial<Draft> = {}) => {
    const { endDate, endTime, weekdays } = withStart(draft(base), change);
    return [endDate, endTime, weekdays.join()];
  };
  test("to a later time, over midnight, to another day", () => {
    expect(moved({ startTime: "14:00" })).toEqual(["2026-11-30", "14:30", "1"]);
    expect(moved({ startTime: "23:45" })).toEqual(["2026-12-01", "00:15", "1"]);
    expect(moved({ startDate: "2026-12-02" })).toEqual(["2026-12-02", "10:30", "3"]);
  });
  test("an all-day event keeps its number of days", () =>
    expect(moved({ startDate: "2026-12-24" }, { allDay: true, endDate: "2026-12-02" })[0]).toBe(
      "2026-12-26",
    ));
  test("a date that is being typed changes nothing else", () =>
    expect(moved({ startDate: "" })).toEqual(["2026-11-30", "10:30", "1"]));
  test("chosen weekdays stay", () =>
    expect(moved({ startDate: "2026-12-02" }, { weekdays: [1, 2] })[2]).toBe("1,2"));
});

test("each submission has its own id", () => {
  const ids = new Set(Array.from({ length: 100 }, newRequestId));
  expect(ids.size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
