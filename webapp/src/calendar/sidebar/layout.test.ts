import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { addMinutes } from "../dates.ts";
import { anEvent } from "../testing-event.ts";
import { planDay } from "./layout.ts";

const DAY = "2026-11-30";
const timed = (id: string, start: string, end: string) =>
  anEvent({ id, start: `${DAY}T${start}`, end: `${DAY}T${end}` });
const columns = (...events: ReturnType<typeof timed>[]) =>
  planDay(events, DAY).timed.map(({ column, columns: of, event }) => `${event.id} ${column}/${of}`);

describe("side by side", () => {
  test("a single event has the whole width, and so have adjacent ones", () => {
    expect(columns(timed("a", "09:00", "10:00"), timed("b", "10:00", "11:00"))).toEqual(["a 0/1", "b 0/1"]);
  });

  test("two overlapping events share it, the longer one first", () => {
    expect(columns(timed("short", "09:00", "09:30"), timed("long", "09:00", "11:00"))).toEqual([
      "long 0/2",
      "short 1/2",
    ]);
  });

  test("a free column is reused", () => {
    expect(
      columns(timed("a", "09:00", "12:00"), timed("b", "09:00", "10:00"), timed("c", "10:00", "11:00")),
    ).toEqual(["a 0/2", "b 1/2", "c 1/2"]);
  });

  test("a very short event keeps the space in which it is drawn", () => {
    expect(columns(timed("a", "09:00", "09:05"), timed("b", "09:10", "10:00"))).toEqual(["a 0/2", "b 1/2"]);
  });

  test("no two events of the same column overlap, whatever the day", () => {
    const wall = fc.integer({ min: 0, max: 1_439 }).map((minutes) => addMinutes(`${DAY}T00:00`, minutes));
    const event = fc
      .tuple(wall, fc.integer({ min: 0, max: 600 }), fc.uuid())
      .map(([start, length, id]) => anEvent({ id, start, end: addMinutes(start, length) }));
    fc.assert(
      fc.property(fc.uniqueArray(event, { maxLength: 30, selector: ({ id }) => id }), (events) => {
        const { allDay, timed: placed } = planDay(events, DAY);
        expect(placed.length + allDay.length).toBe(events.length);
        for (const one of placed) {
          expect(one.column).toBeLessThan(one.columns);
          expect(one.from).toBeLessThanOrEqual(one.to);
          for (const other of placed)
            if (one !== other && one.column === other.column && one.columns === other.columns)
              expect(
                one.to <= other.from ||
                  other.to <= one.from ||
                  one.from === one.to ||
                  other.from === other.to,
              ).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("the days of an event", () => {
  const on = (date: string, change: Partial<ReturnType<typeof anEvent>>) => {
    const { allDay, timed: placed } = planDay([anEvent(change)], date);
    return allDay.length > 0 ? "all day" : placed.map(({ from, to }) => `${from}–${to}`).join() || "none";
  };
  const night = { start: "2026-11-30T22:00", end: "2026-12-01T02:00" };

  test("across midnight: a part on each day", () => {
    expect(on("2026-11-30", night)).toBe("1320–1440");
    expect(on("2026-12-01", night)).toBe("0–120");
    expect(on("2026-12-02", night)).toBe("none");
  });

  test("until midnight: nothing on the next day", () => {
    const late = { start: "2026-11-30T22:00", end: "2026-12-01T00:00" };
    expect(on("2026-11-30", late)).toBe("1320–1440");
    expect(on("2026-12-01", late)).toBe("none");
  });

  test("a day in the middle of a long event has it in the row above", () => {
    const long = { start: "2026-11-29T12:00", end: "2026-12-02T12:00" };
    expect(["2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02"].map((date) => on(date, long))).toEqual([
      "720–1440",
      "all day",
      "all day",
      "0–720",
    ]);
  });

  test("all-day events are on their dates; the end is the first date after them", () => {
    const trip = { allDay: true, start: "2026-11-30", end: "2026-12-02" };
    expect(["2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02"].map((date) => on(date, trip))).toEqual([
      "none",
      "all day",
      "all day",
      "none",
    ]);
  });

  test("without a length, it is on its day", () => {
    expect(on(DAY, { start: `${DAY}T00:00`, end: `${DAY}T00:00` })).toBe("0–0");
  });
});
