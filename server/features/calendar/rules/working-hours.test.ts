import { describe, expect, test } from "bun:test";
import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { hoursOf, isInHours } from "./working-hours.ts";

const graph = {
  daysOfWeek: ["monday", "Tuesday", "friday"],
  startTime: "08:00:00.0000000",
  endTime: "17:00:00.0000000",
  timeZone: { name: "W. Europe Standard Time" },
};
const hours = hoursOf(graph);
const utc = "UTC" as ZoneId;
const at = (text: string) => Date.parse(`${text}Z`);
const period = (from: string, to: string) => ({ from: at(`2026-06-${from}`), to: at(`2026-06-${to}`) });

describe("the working hours of a mailbox", () => {
  test("are read from Graph; null if they make no span within a day", () => {
    expect(hours).toEqual({ days: [1, 2, 5], from: "08:00", to: "17:00", zone: "W. Europe Standard Time" });
    for (const part of [
      { daysOfWeek: [] },
      { startTime: "17:00" },
      { endTime: "late" },
      { daysOfWeek: ["someday"] },
    ])
      expect(hoursOf({ ...graph, ...part })).toBeNull();
  });

  // Monday, 15 June 2026; Berlin is two hours ahead of UTC.
  for (const [from, to, isIn] of [
    ["15T08:00", "15T09:00", true],
    ["15T18:00", "15T19:00", false],
    ["15T05:00", "15T06:00", false],
    ["15T05:00", "15T06:01", true],
    ["15T15:00", "15T16:00", false],
    ["15T14:59", "15T16:00", true],
    ["17T08:00", "17T09:00", false],
    ["17T20:00", "19T07:00", true],
    ["20T08:00", "21T09:00", false],
  ] as const)
    test(`${from} to ${to} UTC: ${isIn ? "in" : "outside"}`, () =>
      expect(hours && isInHours(period(from, to), hours, utc)).toBe(isIn));

  test("use the person's zone if theirs has no name", () => {
    const custom = hoursOf({ ...graph, timeZone: { name: "Customized Time Zone" } });
    expect(custom && isInHours(period("15T07:00", "15T08:00"), custom, utc)).toBe(false);
    expect(custom && isInHours(period("15T16:00", "15T16:30"), custom, utc)).toBe(true);
  });
});
