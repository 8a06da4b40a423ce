import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { type FindTimeInput, findTimes } from "./find-time.ts";

const at = (text: string) => Temporal.Instant.from(`${text}Z`).epochMilliseconds;
const iso = (moment: number) => new Date(moment).toISOString().slice(5, 16);
/** Monday, 8:00 in Berlin. */
const MONDAY = at("2026-06-15T06:00:00");
const DAY = 48;

function find(availability: (string | null)[], part: Partial<FindTimeInput> = {}) {
  return findTimes({
    ...{ from: MONDAY, slotMinutes: 30, slots: DAY, durationMinutes: 60 },
    zone: zoneOf("Europe/Berlin") as ZoneId,
    availability,
    ...part,
  }).map(({ free, from, known }) => `${iso(from)} ${free}/${known}`);
}

describe("proposing three times", () => {
  test("prefers the earliest times at which all are free, without overlap", () => {
    expect(find(["0".repeat(DAY)])).toEqual(["06-15T06:00 1/1", "06-15T07:00 1/1", "06-15T08:00 1/1"]);
  });

  test("falls back to the times when most are free", () => {
    const busyAtNine = `00${"2".repeat(DAY - 2)}`;
    const busyAtEight = `22${"2".repeat(DAY - 2)}`;
    expect(find([busyAtNine, busyAtEight, "0".repeat(DAY)])[0]).toBe("06-15T06:00 2/3");
  });

  test("ignores an unknown calendar", () => {
    expect(find([null, "0".repeat(DAY)])[0]).toBe("06-15T06:00 1/1");
    expect(find([null])[0]).toBe("06-15T06:00 0/0");
  });

  test("stays within working hours on weekdays, in the asker's zone", () => {
    const saturday = at("2026-06-20T06:00:00");
    expect(find(["0".repeat(DAY)], { from: saturday })).toEqual([]);
    expect(find(["0".repeat(DAY)], { from: at("2026-06-15T14:00:00") })[0]).toBe("06-15T14:00 1/1");
    // 17:30 to 18:30 would be too late.
    expect(find(["0".repeat(6)], { from: at("2026-06-15T15:30:00"), slots: 6 })).toEqual([]);
  });

  test("treats tentative, out of office and working elsewhere as busy", () => {
    for (const busy of ["1", "2", "3", "4"])
      expect(find([busy.repeat(2).padEnd(DAY, "0")])[0]).toBe("06-15T07:00 1/1");
  });
});
