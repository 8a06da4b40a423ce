import { describe, expect, test } from "bun:test";
import * as dates from "./dates.ts";

const en = { locale: "en", hour12: undefined };
const de = { locale: "de", hour12: undefined };
/** ICU versions differ in the spaces around dashes and before AM. */
const plain = (text: string) => text.replace(/[\u00a0\u2009\u202f]/g, " ");

describe("days", () => {
  test("begin at midnight in their time zone, also when the clock changes", () => {
    expect(dates.startOfDay("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
    expect(dates.startOfDay("2026-03-30", "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
    // A day without midnight: clocks went from 24:00 to 01:00.
    expect(dates.startOfDay("2026-04-24", "Africa/Cairo")).toBe("2026-04-23T22:00:00.000Z");
  });

  test("follow each other over months, years and leap days", () => {
    expect(dates.addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(dates.addDays("2028-03-01", -1)).toBe("2028-02-29");
    expect(dates.daysBetween("2026-10-24", "2026-10-26")).toBe(2);
  });

  test("a week begins as in the person's country", () => {
    expect(dates.weekOf("2026-12-02", "en-US")[0]).toBe("2026-11-29");
    expect(dates.weekOf("2026-12-02", "de-DE")[0]).toBe("2026-11-30");
    expect(dates.weekOf("2026-12-02", "de-DE")).toHaveLength(7);
  });
});

describe("wall times", () => {
  test("now, in the person's time zone", () => {
    const now = Date.UTC(2026, 10, 30, 23, 30);
    expect(dates.wallNow(now, "UTC")).toBe("2026-11-30T23:30");
    expect(dates.wallNow(now, "Asia/Tokyo")).toBe("2026-12-01T08:30");
  });

  const slots: [string, string][] = [
    ["2026-11-30T09:00", "2026-11-30T09:00"],
    ["2026-11-30T09:01", "2026-11-30T09:30"],
    ["2026-11-30T09:30", "2026-11-30T09:30"],
    ["2026-11-30T23:45", "2026-12-01T00:00"],
  ];
  for (const [wall, slot] of slots)
    test(`a new event after ${wall} begins at ${slot}`, () => expect(dates.nextSlot(wall)).toBe(slot));
});

describe("texts", () => {
  test("a time on one day, over midnight, and all-day", () => {
    const when = (start: string, end: string, allDay = false, writing = en) =>
      plain(dates.whenText({ start, end, allDay }, writing, "All day"));
    expect(when("2026-11-30T09:00", "2026-11-30T10:30")).toBe("Monday, November 30 · 9:00 – 10:30 AM");
    expect(when("2026-11-30T09:00", "2026-11-30T10:30", false, de)).toBe(
      "Montag, 30. November · 09:00–10:30 Uhr",
    );
    expect(when("2026-11-30T23:00", "2026-12-01T01:00")).toBe(
      "Monday, November 30 11:00 PM – Tuesday, December 1 1:00 AM",
    );
    expect(when("2026-11-30", "2026-12-01", true)).toBe("Monday, November 30 · All day");
    expect(when("2026-11-30", "2026-12-02", true)).toBe(
      "Monday, November 30 – Tuesday, December 1 · All day",
    );
  });

  test("24 hours when the person chose them, including midnight", () => {
    const writing = { locale: "en", hour12: false };
    expect(dates.clock("2026-11-30T00:05", writing)).toBe("00:05");
    expect(plain(dates.clock("2026-11-30T00:05", en))).toBe("12:05 AM");
  });
});
