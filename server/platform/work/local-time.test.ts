import { describe, expect, test } from "bun:test";
import { type DailyTime, nextDailyTime } from "./local-time.ts";

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const cases: { name: string; daily: Partial<DailyTime>; after: string; next: string | null }[] = [
  { name: "later today", daily: {}, after: "2026-01-05T06:00:00Z", next: "2026-01-05T07:00:00Z" },
  {
    name: "is strictly later: exactly now means tomorrow",
    daily: {},
    after: "2026-01-05T07:00:00Z",
    next: "2026-01-06T07:00:00Z",
  },
  {
    name: "Friday evening to Monday",
    daily: { weekdays: [1, 2, 3, 4, 5] },
    after: "2026-01-09T20:00:00Z",
    next: "2026-01-12T07:00:00Z",
  },
  {
    name: "one weekday, just over",
    daily: { weekdays: [1] },
    after: "2026-01-05T07:00:00Z",
    next: "2026-01-12T07:00:00Z",
  },
  { name: "no weekday: null", daily: { weekdays: [] }, after: "2026-01-05T07:00:00Z", next: null },
  {
    name: "the day on which the clock goes forward is 23 hours away",
    daily: {},
    after: "2026-03-28T07:00:00Z",
    next: "2026-03-29T06:00:00Z",
  },
  {
    name: "the day on which the clock goes back is 25 hours away",
    daily: {},
    after: "2026-10-24T06:00:00Z",
    next: "2026-10-25T07:00:00Z",
  },
  {
    name: "a wall time that does not exist becomes the later reading",
    daily: { hour: 2, minute: 30 },
    after: "2026-03-28T20:00:00Z",
    next: "2026-03-29T01:30:00Z",
  },
  {
    name: "of a wall time that exists twice, the first is used",
    daily: { hour: 2, minute: 30 },
    after: "2026-10-24T20:00:00Z",
    next: "2026-10-25T00:30:00Z",
  },
  {
    name: "midnight where midnight is skipped",
    daily: { zone: "America/Havana", hour: 0, minute: 0 },
    after: "2026-03-07T12:00:00Z",
    next: "2026-03-08T05:00:00Z",
  },
  {
    name: "a zone with 45 minutes",
    daily: { zone: "Pacific/Chatham" },
    after: "2026-01-05T12:00:00Z",
    next: "2026-01-05T18:15:00Z",
  },
];

describe("the next time of day", () => {
  for (const { name, daily, after, next } of cases) {
    test(name, () => {
      const time: DailyTime = { zone: "Europe/Berlin", hour: 8, minute: 0, weekdays: everyDay, ...daily };
      const at = nextDailyTime(time, Date.parse(after));
      expect(at === null ? null : new Date(at).toISOString().replace(".000", "")).toBe(next);
    });
  }

  test("throws for an unknown zone instead of using another one", () => {
    expect(() =>
      nextDailyTime({ zone: "W. Europe Standard Time", hour: 8, minute: 0, weekdays: everyDay }, 0),
    ).toThrow(RangeError);
  });
});
