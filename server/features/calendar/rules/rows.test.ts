import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import type { CalendarEvent } from "./event.ts";
import { rowsOf } from "./rows.ts";
import { allDay, event, guest } from "./testing/events.ts";

const zone = (name: string) => zoneOf(name) as ZoneId;
const berlin = zone("Europe/Berlin");
const rows = (events: CalendarEvent[], date = "2026-06-15", where = berlin) =>
  rowsOf(events, date, where).map(({ event: { id }, time }) => ({ id, ...time }));

describe("the rows of a day", () => {
  test("mark an event over midnight as from, through and until, by the reader's clock", () => {
    // From 23:00 on the 14th until 01:00 on the 16th in Berlin.
    const long = [event("a", "2026-06-14T21:00/2026-06-15T23:00")];
    expect(rows(long, "2026-06-14")).toEqual([{ id: "a", kind: "from", from: "23:00" }]);
    expect(rows(long, "2026-06-15")).toEqual([{ id: "a", kind: "through" }]);
    expect(rows(long, "2026-06-16")).toEqual([{ id: "a", kind: "until", to: "01:00" }]);
    expect(rows(long, "2026-06-17")).toEqual([]);
  });

  test("show an event until midnight on one day only", () => {
    const late = [event("a", "2026-06-15T20:00/22:00")];
    expect(rows(late)).toEqual([{ id: "a", kind: "range", from: "22:00", to: "00:00" }]);
    expect(rows(late, "2026-06-16")).toEqual([]);
  });

  test("show an event without a length on the day on which it begins", () => {
    const moment = [event("a", "2026-06-14T22:00/22:00")];
    expect(rows(moment, "2026-06-14")).toEqual([]);
    expect(rows(moment)).toEqual([{ id: "a", kind: "range", from: "00:00", to: "00:00" }]);
  });

  test("cover whole days of 23 and 25 hours", () => {
    const spring = [event("a", "2026-03-28T23:00/23:30"), event("b", "2026-03-29T21:30/21:59")];
    expect(rows(spring, "2026-03-29").map(({ id }) => id)).toEqual(["a", "b"]);
    const autumn = [event("a", "2026-10-24T22:00/22:30"), event("b", "2026-10-25T22:30/22:59")];
    expect(rows(autumn, "2026-10-25").map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test("cover a day that begins at one o'clock", () => {
    const first = [event("a", "2026-03-08T05:00/06:00")];
    const day = rows(first, "2026-03-08", zone("America/Havana"));
    expect(day).toEqual([{ id: "a", kind: "range", from: "01:00", to: "02:00" }]);
  });

  test("list all-day events first by subject, then the others by start, end and id, for any order of input", () => {
    const events = [
      event("z", "2026-06-15T08:00/09:00"),
      event("y", "2026-06-15T08:00/08:30"),
      event("x", "2026-06-15T08:00/09:00"),
      event("yesterday", "2026-06-14T20:00/2026-06-15T07:00"),
      allDay("2", "2026-06-15", "2026-06-16", { subject: "Trip" }),
      allDay("1", "2026-06-14", "2026-06-17", { subject: "Fair" }),
    ];
    const sorted = ["1", "2", "yesterday", "y", "x", "z"];
    expect(rows(events).map(({ id }) => id)).toEqual(sorted);
    expect(rows(events.reverse()).map(({ id }) => id)).toEqual(sorted);
  });

  test("show an all-day event on its dates in every zone", () => {
    const trip = [allDay("a", "2026-06-15", "2026-06-18")];
    for (const name of ["Pacific/Kiritimati", "UTC-11", "Pacific/Chatham"]) {
      expect(rows(trip, "2026-06-14", zone(name))).toEqual([]);
      expect(rows(trip, "2026-06-15", zone(name))).toEqual([{ id: "a", kind: "allDay", day: 1, of: 3 }]);
      expect(rows(trip, "2026-06-17", zone(name))).toEqual([{ id: "a", kind: "allDay", day: 3, of: 3 }]);
      expect(rows(trip, "2026-06-18", zone(name))).toEqual([]);
    }
  });

  const flags = (different: object) =>
    rowsOf([event("a", "2026-06-15T08:00/09:00", { ...different })], "2026-06-15", berlin)[0];
  for (const [name, different, shown, answerable] of [
    ["accepted", {}, [], false],
    ["tentatively accepted", { responseStatus: { response: "tentativelyAccepted" } }, ["tentative"], false],
    ["not answered", { responseStatus: { response: "notResponded" } }, ["unanswered"], true],
    ["not answered, the other way to say it", { responseStatus: { response: "none" } }, ["unanswered"], true],
    [
      "no answer wanted",
      { responseStatus: { response: "none" }, responseRequested: false },
      ["unanswered"],
      false,
    ],
    ["an own block", { responseStatus: { response: "none" }, attendees: [] }, [], false],
    ["organised by the person", { responseStatus: { response: "none" }, isOrganizer: true }, [], false],
    ["private", { sensitivity: "confidential" }, ["private"], false],
  ] as const)
    test(`${name}: ${shown.join(", ") || "no flag"}`, () => {
      expect(flags(different)?.flags).toEqual([...shown]);
      expect(flags(different)?.answerable).toBe(answerable);
    });

  test("B20: contain the join link", () => {
    const zoom = {
      location: { displayName: "https://example.zoom.us/j/123?pwd=x" },
      attendees: [guest("Kim")],
    };
    expect(flags(zoom)?.join).toEqual({ url: "https://example.zoom.us/j/123?pwd=x", service: "zoom" });
  });
});
