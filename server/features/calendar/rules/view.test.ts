import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { isoOf } from "./days.ts";
import { allDay, allDayEvent, at, event, graphEvent } from "./testing/events.ts";
import { isWithin, mergePages, viewAt, widened, withSeries } from "./view.ts";

const berlin = zoneOf("Europe/Berlin") as ZoneId;
const now = at("2026-06-15T10:00");
const { wanted } = viewAt(now, berlin);
const ids = (...pages: unknown[][]) => mergePages(pages, wanted, berlin).events.map(({ id }) => id);

describe("the calendar view", () => {
  test("covers the person's midnight to 48 hours ahead, and asks for 14 hours more on each side", () => {
    const view = viewAt(now, berlin);
    expect([isoOf(view.wanted.from), isoOf(view.wanted.to)]).toEqual([
      "2026-06-14T22:00:00Z",
      "2026-06-17T10:00:00Z",
    ]);
    expect([isoOf(view.asked.from), isoOf(view.asked.to)]).toEqual([
      "2026-06-14T08:00:00Z",
      "2026-06-18T00:00:00Z",
    ]);
  });

  test("keeps events that overlap it, not those that only touch it", () => {
    const within = (time: string) => isWithin(event("a", time), wanted, berlin);
    expect(within("2026-06-14T20:00/22:00")).toBe(false);
    expect(within("2026-06-14T20:00/22:01")).toBe(true);
    expect(within("2026-06-17T10:00/11:00")).toBe(false);
    expect(within("2026-06-17T09:59/11:00")).toBe(true);
    expect(within("2026-06-01T00:00/2026-07-01T00:00")).toBe(true);
  });

  test("keeps all-day events of its dates, in every zone from UTC-11 to UTC+14", () => {
    for (const name of [
      "UTC-11",
      "America/New_York",
      "Europe/Berlin",
      "Pacific/Chatham",
      "Pacific/Kiritimati",
    ]) {
      const zone = zoneOf(name) as ZoneId;
      const midnight = Temporal.PlainDate.from("2026-06-15").toZonedDateTime(zone).epochMilliseconds;
      const day = { from: midnight, to: midnight + 86_400_000 };
      const within = (from: string, to: string) => isWithin(allDay("a", from, to), day, zone);
      expect([name, within("2026-06-14", "2026-06-15")]).toEqual([name, false]);
      expect([name, within("2026-06-15", "2026-06-16")]).toEqual([name, true]);
      expect([name, within("2026-06-10", "2026-06-20")]).toEqual([name, true]);
      expect([name, within("2026-06-16", "2026-06-17")]).toEqual([name, false]);
    }
  });

  test("finds an all-day event that was created in any zone with the 14 extra hours", () => {
    const day = { from: at("2026-06-15T00:00"), to: at("2026-06-16T00:00") };
    for (const name of ["Etc/GMT+12", "Pacific/Kiritimati", "Asia/Kolkata"]) {
      const made = Temporal.PlainDate.from("2026-06-15").toZonedDateTime(
        zoneOf(name) as ZoneId,
      ).epochMilliseconds;
      const asked = widened(day);
      expect(made < asked.to && made + 86_400_000 > asked.from).toBe(true);
    }
  });

  test("merges pages in any order, with each event once, and the newer of two versions", () => {
    const a = graphEvent("a", "2026-06-15T12:00/13:00");
    const b = graphEvent("b", "2026-06-15T08:00/09:00");
    const newer = graphEvent("a", "2026-06-15T14:00/15:00");
    expect(ids([a, b], [a])).toEqual(["b", "a"]);
    expect(mergePages([[a], [newer]], wanted, berlin).events[0]?.time).toMatchObject({
      start: at("2026-06-15T14:00"),
    });
    expect(ids()).toEqual([]);
  });

  test("keeps two ids that differ only by case apart", () => {
    expect(
      ids([graphEvent("AAa=", "2026-06-15T12:00/13:00"), graphEvent("AAA=", "2026-06-15T13:00/14:00")]),
    ).toEqual(["AAa=", "AAA="]);
  });

  test("a series is not a meeting, and an exception replaces its occurrence", () => {
    const series = { seriesMasterId: "s" };
    const master = graphEvent("s", "2026-06-15T08:00/09:00", { type: "seriesMaster" });
    const occurrence = graphEvent("o", "2026-06-15T08:00/09:00", { ...series, type: "occurrence" });
    const other = graphEvent("p", "2026-06-16T08:00/09:00", { ...series, type: "occurrence" });
    const exception = graphEvent("x", "2026-06-15T15:00/16:00", {
      ...series,
      type: "exception",
      originalStart: "2026-06-15T08:00:00Z",
    });
    expect(ids([master, occurrence, other], [exception])).toEqual(["x", "p"]);
    expect(ids([occurrence, other])).toEqual(["o", "p"]);
  });

  test("counts unreadable entries and reads the others", () => {
    const bad = graphEvent("b", "2026-06-15T08:00/09:00", { start: { dateTime: "x", timeZone: "UTC" } });
    const merged = mergePages([[bad, null], [graphEvent("a", "2026-06-15T12:00/13:00")]], wanted, berlin);
    expect(merged.events.map(({ id }) => id)).toEqual(["a"]);
    expect(merged.unreadable).toBe(2);
  });
});

describe("a bare occurrence of a delta query", () => {
  const utc = (dateTime: string) => ({ dateTime, timeZone: "UTC" });
  const bare = {
    id: "o",
    type: "occurrence",
    seriesMasterId: "s",
    start: utc("2026-06-16T08:00:00"),
    end: utc("2026-06-16T09:00:00"),
  };
  const master = graphEvent("s", "2019-06-15T08:00/09:00", { type: "seriesMaster", subject: "Weekly" });

  test("gets the texts of its series and keeps its own time", () => {
    expect(withSeries(bare, master)).toMatchObject({
      id: "o",
      key: "uid-s",
      type: "occurrence",
      subject: "Weekly",
      showAs: "busy",
      time: { start: at("2026-06-16T08:00") },
    });
  });

  test("is null with another series, or without one", () => {
    expect(withSeries({ ...bare, seriesMasterId: "t" }, master)).toBeNull();
    expect(withSeries(bare, null)).toBeNull();
    expect(withSeries(allDayEvent("", "2026-06-15", "2026-06-16"), master)).toBeNull();
  });
});

describe("what changed between two pages", () => {
  const slot = "2026-06-15T08:00:00Z";
  const occurrence = (time: string, more: object = {}) =>
    graphEvent("daily", time, { type: "occurrence", seriesMasterId: "m", ...more });

  test("the later version of an event is right, also where it left the view", () => {
    const moved = occurrence("2026-06-17T11:00/12:00", { type: "exception", originalStart: slot });
    expect(ids([occurrence("2026-06-15T08:00/09:00")], [moved])).toEqual([]);
    expect(ids([occurrence("2026-06-15T08:00/09:00")], [occurrence("2026-06-15T09:00/10:00")])).toEqual([
      "daily",
    ]);
  });

  test("an exception that moved to another day takes its place with it", () => {
    const moved = graphEvent("x", "2026-06-16T08:00/09:00", {
      ...{ type: "exception", seriesMasterId: "m", originalStart: slot },
    });
    expect(ids([occurrence("2026-06-15T08:00/09:00"), moved])).toEqual(["x"]);
    const away = { ...moved, ...graphEvent("x", "2026-06-17T20:00/21:00"), type: "exception" };
    expect(
      ids([occurrence("2026-06-15T08:00/09:00"), { ...away, seriesMasterId: "m", originalStart: slot }]),
    ).toEqual([]);
  });
});
