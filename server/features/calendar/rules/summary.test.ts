import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { isoOf } from "./days.ts";
import { postTimeOf, summaryDue, typedPostTime } from "./summary.ts";
import { at } from "./testing/events.ts";

function due(now: string, postTime = "08:00", zone = "Europe/Berlin", lastSentFor: string | null = null) {
  const settings = { enabled: true, postTime, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const found = summaryDue({ settings, zone: zoneOf(zone) as ZoneId, lastSentFor }, at(now));
  return { ...found, next: found.next && isoOf(found.next) };
}

describe("the daily summary", () => {
  test("is due for two hours, and late after a minute", () => {
    expect(due("2026-06-15T05:59:59")).toMatchObject({ forDate: null, next: "2026-06-15T06:00:00Z" });
    expect(due("2026-06-15T06:00:00")).toMatchObject({ forDate: "2026-06-15", late: false });
    expect(due("2026-06-15T06:01:01")).toMatchObject({ forDate: "2026-06-15", late: true });
    expect(due("2026-06-15T07:59:59")).toMatchObject({ forDate: "2026-06-15", late: true });
    expect(due("2026-06-15T08:00:00")).toMatchObject({ forDate: null, late: false });
  });

  test("comes at the later reading of an hour that the clock skips", () => {
    expect(due("2026-03-29T00:59", "02:30")).toMatchObject({ forDate: null, next: "2026-03-29T01:30:00Z" });
    expect(due("2026-03-29T01:30", "02:30").forDate).toBe("2026-03-29");
  });

  test("comes once, at the first reading, in an hour that the clock repeats", () => {
    expect(due("2026-10-25T00:30", "02:30").forDate).toBe("2026-10-25");
    expect(due("2026-10-25T01:30", "02:30", "Europe/Berlin", "2026-10-25")).toMatchObject({
      forDate: null,
      next: "2026-10-26T01:30:00Z",
    });
  });

  test("is for the local date, whatever the UTC date", () => {
    expect(due("2026-06-14T18:00", "08:00", "Pacific/Kiritimati").forDate).toBe("2026-06-15");
    expect(due("2026-06-15T19:00", "08:00", "UTC-11").forDate).toBe("2026-06-15");
  });

  test("is not caught up after midnight", () => {
    expect(due("2026-06-15T21:45", "23:30").forDate).toBe("2026-06-15");
    expect(due("2026-06-15T22:15", "23:30").forDate).toBeNull();
  });

  test("never comes with an invalid hour or without weekdays", () => {
    expect(due("2026-06-15T06:00", "8:00")).toEqual({ forDate: null, late: false, next: null });
    const settings = { enabled: true, postTime: "08:00", weekdays: [] };
    const zone = zoneOf("UTC") as ZoneId;
    expect(summaryDue({ settings, zone, lastSentFor: null }, at("2026-06-15T08:00")).next).toBeNull();
  });
});

describe("the hour that a person types", () => {
  for (const [typed, postTime] of [
    ["7:45pm", "19:45"],
    ["19:45", "19:45"],
    ["07:45 PM", "19:45"],
    ["8:00AM", "08:00"],
    ["08:00am", "08:00"],
    ["12:00am", "00:00"],
    ["12:30PM", "12:30"],
    [" 0:15 ", "00:15"],
  ] as const)
    test(`${typed} is ${postTime}`, () => expect(typedPostTime(typed)).toEqual({ ok: true, postTime }));
  for (const typed of ["8:10", "7:59pm"])
    test(`${typed} is not a quarter of an hour`, () =>
      expect(typedPostTime(typed)).toEqual({ ok: false, why: "quarter_hours_only" }));
  for (const typed of [
    "",
    "8",
    "8am",
    "25:00",
    "8:60",
    "0:15am",
    "13:00pm",
    "8:00 xm",
    "8:00m",
    "-8:00",
    "eight",
  ])
    test(`"${typed}" is not a time`, () =>
      expect(typedPostTime(typed)).toEqual({ ok: false, why: "no_time" }));
  test("any minute can be stored", () => expect(postTimeOf("8:10AM")).toBe("08:10"));
});
