// Scenarios of a day, driven by a clock that the tests move. The letters and numbers name the scenarios that we
// support.
import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import type { CalendarSettings } from "./settings.ts";
import { at } from "./testing/events.ts";
import { SimulatedPerson } from "./testing/simulated-person.ts";

describe("B: the daily summary", () => {
  const summary = { enabled: true, postTime: "08:00", weekdays: [1, 2, 3, 4, 5] };
  const berlin = (now: string, settings: Partial<CalendarSettings> = {}) => {
    const sam = new SimulatedPerson(at(now), [], { ...settings });
    sam.zone = zoneOf("Europe/Berlin") as ZoneId;
    sam.settings = { ...sam.settings, summary: { ...summary, ...settings.summary } };
    sam.look();
    return sam;
  };

  test("B1, B2: arrives at the person's hour, Monday to Friday, across a change to summer time", () => {
    const sam = berlin("2026-03-26T12:00");
    sam.passTo(at("2026-03-31T12:00"));
    expect(sam.seen).toEqual([
      "08:00 summary 2026-03-27",
      "08:00 summary 2026-03-30",
      "08:00 summary 2026-03-31",
    ]);
  });

  test("B2: supports a week from Sunday to Thursday", () => {
    const sam = berlin("2026-06-18T12:00", { summary: { ...summary, weekdays: [7, 1, 2, 3, 4] } });
    sam.passTo(at("2026-06-22T12:00"));
    expect(sam.seen).toEqual(["08:00 summary 2026-06-21", "08:00 summary 2026-06-22"]);
  });

  test("B8: uses a new zone from the next day on", () => {
    const sam = berlin("2026-06-15T05:00");
    sam.passTo(at("2026-06-15T12:00"));
    sam.zone = zoneOf("Eastern Standard Time") as ZoneId;
    sam.look();
    sam.passTo(at("2026-06-16T11:59"));
    expect(sam.seen).toEqual(["08:00 summary 2026-06-15"]);
    sam.passTo(at("2026-06-16T12:00"));
    expect(sam.seen.at(-1)).toBe("08:00 summary 2026-06-16");
  });

  test("B10: arrives late after an outage from 7:55 to 8:40; is skipped after one until 11:00", () => {
    const sam = berlin("2026-06-15T05:00");
    sam.passTo(at("2026-06-15T05:55"));
    sam.kill();
    sam.passTo(at("2026-06-15T06:40"));
    sam.restart();
    expect(sam.seen).toEqual(["08:40 summary 2026-06-15 late"]);
    sam.passTo(at("2026-06-16T05:55"));
    sam.kill();
    sam.passTo(at("2026-06-16T09:00"));
    sam.restart();
    sam.passTo(at("2026-06-16T20:00"));
    expect(sam.seen.length).toBe(1);
  });

  test("B11: is not sent again by a second look in the same minute", () => {
    const sam = berlin("2026-06-15T06:00");
    sam.look();
    sam.restart();
    expect(sam.seen).toEqual(["08:00 summary 2026-06-15"]);
  });

  test("B13: is tried again after a failure, and reported once when the catch-up time is over", () => {
    const sam = berlin("2026-06-15T05:00");
    sam.summariesFail = true;
    sam.passTo(at("2026-06-15T07:00"));
    expect(sam.seen).toEqual([]);
    sam.passTo(at("2026-06-15T20:00"));
    expect(sam.seen).toEqual(["10:00 summary failed 2026-06-15"]);
    sam.summariesFail = false;
    sam.passTo(at("2026-06-16T06:00"));
    expect(sam.seen.at(-1)).toBe("08:00 summary 2026-06-16");
  });

  test("B13: does not report a failure that passes", () => {
    const sam = berlin("2026-06-15T05:00");
    sam.summariesFail = true;
    sam.passTo(at("2026-06-15T06:30"));
    sam.summariesFail = false;
    sam.passTo(at("2026-06-15T20:00"));
    expect(sam.seen).toEqual(["08:32 summary 2026-06-15 late"]);
  });
});
