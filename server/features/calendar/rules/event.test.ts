import { describe, expect, test } from "bun:test";
import { readEvent } from "./event.ts";
import { allDay, allDayEvent, at, event, graphEvent, guest } from "./testing/events.ts";

const time = "2026-06-15T08:00/09:00";

describe("Graph's JSON of an event", () => {
  test("is read in the zone given with each time", () => {
    const start = { dateTime: "2026-06-15T10:00:00.0000000", timeZone: "W. Europe Standard Time" };
    const end = { dateTime: "2026-06-15T18:30:00.0000000", timeZone: "Tokyo Standard Time" };
    expect(event("a", time, { start, end }).time).toEqual({
      allDay: false,
      start: at("2026-06-15T08:00"),
      end: at("2026-06-15T09:30"),
    });
  });

  test("of an all-day event has dates, whatever its zones say", () => {
    for (const timeZone of ["UTC", "Tonga Standard Time", "tzone://Microsoft/Custom", "Nowhere"]) {
      const start = { dateTime: "2026-06-15T00:00:00.0000000", timeZone };
      expect(allDay("a", "2026-06-15", "2026-06-16", { start }).time).toEqual({
        allDay: true,
        startDate: "2026-06-15",
        endDate: "2026-06-16",
      });
    }
  });

  test("with fields and values that we do not know is still read", () => {
    const odd = event("a", time, {
      newField: { of: ["Microsoft"] },
      showAs: "focusing",
      type: "somethingNew",
      responseStatus: { response: "maybeLater" },
      attendees: [null, 7, { emailAddress: null }, guest("Kim Sample"), guest("Room 1", "resource")],
      location: null,
      onlineMeeting: null,
      organizer: "nobody",
      isReminderOn: true,
      reminderMinutesBeforeStart: "15",
    });
    expect(odd).toMatchObject({
      showAs: "unknown",
      type: "singleInstance",
      response: "none",
      organizer: null,
    });
    expect(odd.guests).toEqual([{ name: "Kim Sample", address: "kim@example.com" }]);
    expect(odd.outlookReminderMinutes).toBeNull();
  });

  test("keeps ids unchanged, including those that differ only by case", () => {
    expect(event("AAMkAGI_x=", time).id).toBe("AAMkAGI_x=");
    expect(event("AAMkAGI-x=", time).id).toBe("AAMkAGI-x=");
  });

  test("is identified by uid, else by iCalUId, else by its series", () => {
    expect(event("a", time).key).toBe("uid-a");
    expect(event("a", time, { uid: null }).key).toBe("ical-a");
    expect(event("a", time, { uid: undefined, iCalUId: "", seriesMasterId: "s" }).key).toBe("s");
  });

  test("never ends before it begins", () => {
    expect(event("a", "2026-06-15T09:00/08:00").time).toMatchObject({ end: at("2026-06-15T09:00") });
    expect(allDay("a", "2026-06-15", "2026-06-10").time).toMatchObject({ endDate: "2026-06-15" });
  });

  for (const [name, json] of Object.entries({
    "no object": 7,
    nothing: null,
    "no id": graphEvent("", time),
    "no start": graphEvent("a", time, { start: null }),
    "a zone that nobody knows": graphEvent("a", time, {
      start: { dateTime: "2026-06-15T08:00:00", timeZone: "Customized Time Zone" },
    }),
    "a date that does not exist": allDayEvent("a", "2026-02-30", "2026-03-01"),
    "a time with an offset": graphEvent("a", time, {
      end: { dateTime: "2026-06-15T08:00:00Z", timeZone: "UTC" },
    }),
  }))
    test(`is none with ${name}`, () => expect(readEvent(json)).toBeNull());
});

describe("a private event", () => {
  for (const sensitivity of ["private", "confidential", "personal", "someNewValue", 7])
    test(`is one with sensitivity ${sensitivity}`, () =>
      expect(event("a", time, { sensitivity }).private).toBe(true));
  for (const sensitivity of ["normal", null, undefined])
    test(`is none with sensitivity ${sensitivity}`, () =>
      expect(event("a", time, { sensitivity }).private).toBe(false));
});
