import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { allDay, at, event } from "./testing/events.ts";
import { whenText, zoneText } from "./when.ts";

const zone = (name: string) => zoneOf(name) as ZoneId;
const now = at("2026-06-15T06:00");

describe('the "When" line', () => {
  const cases: [string, ReturnType<typeof event>, string, string, string][] = [
    ["French", event("a", "2026-06-15T07:00/08:00"), "fr", "Europe/Paris", "lundi 15 juin · 09:00 – 10:00"],
    [
      "Spanish",
      event("a", "2026-06-15T07:00/08:00"),
      "es",
      "Europe/Madrid",
      "lunes, 15 de junio · 9:00 – 10:00",
    ],
    [
      "Arabic",
      event("a", "2026-06-15T07:00/08:00"),
      "ar",
      "Asia/Riyadh",
      "الاثنين، 15 يونيو · 10:00 ص – 11:00 ص",
    ],
    [
      "a language of Mattermost's spelling",
      event("a", "2026-06-15T07:00/08:00"),
      "de_AT",
      "Europe/Vienna",
      "Montag, 15. Juni · 09:00 – 10:00",
    ],
    [
      "a language that there is not",
      event("a", "2026-06-15T07:00/08:00"),
      "xx-Nowhere",
      "UTC",
      "Monday, June 15 · 7:00 AM – 8:00 AM",
    ],
    ["no language", event("a", "2026-06-15T07:00/08:00"), "", "UTC", "Monday, June 15 · 7:00 AM – 8:00 AM"],
    [
      "over midnight",
      event("a", "2026-06-15T22:00/2026-06-16T01:00"),
      "en-US",
      "UTC",
      "Monday, June 15 · 10:00 PM – Tuesday, June 16 · 1:00 AM",
    ],
    [
      "midnight of the reader, not of the sender",
      event("a", "2026-06-15T22:00/2026-06-16T01:00"),
      "en-US",
      "America/New_York",
      "Monday, June 15 · 6:00 PM – 9:00 PM",
    ],
    [
      "until midnight",
      event("a", "2026-06-15T22:00/2026-06-16T00:00"),
      "de",
      "UTC",
      "Montag, 15. Juni · 22:00 – Dienstag, 16. Juni · 00:00",
    ],
    [
      "over the turn of the year: both have it",
      event("a", "2026-12-31T23:00/2027-01-01T01:00"),
      "en-GB",
      "UTC",
      "Thursday, 31 December 2026 · 23:00 – Friday, 1 January 2027 · 01:00",
    ],
    [
      "one day",
      allDay("a", "2026-06-15", "2026-06-16"),
      "de",
      "Pacific/Kiritimati",
      "Montag, 15. Juni · ganztägig",
    ],
    [
      "one day, read far in the west",
      allDay("a", "2026-06-15", "2026-06-16"),
      "de",
      "UTC-11",
      "Montag, 15. Juni · ganztägig",
    ],
    [
      "days over the turn of the year",
      allDay("a", "2026-12-31", "2027-01-02"),
      "en-US",
      "UTC",
      "Thursday, December 31, 2026 – Friday, January 1, 2027 · ganztägig",
    ],
    [
      "the last day of a year ends with the next year",
      allDay("a", "2026-12-31", "2027-01-01"),
      "en-US",
      "UTC",
      "Thursday, December 31 · ganztägig",
    ],
    [
      "a day without a length",
      allDay("a", "2026-06-15", "2026-06-15"),
      "en-US",
      "UTC",
      "Monday, June 15 · ganztägig",
    ],
  ];
  for (const [name, { time }, locale, where, text] of cases)
    test(name, () => expect(whenText(time, { zone: zone(where), locale }, now, "ganztägig")).toBe(text));

  test("decides by the reader's zone what this year is: on New Year's Eve in Samoa it is still the old one", () => {
    const newYear = at("2027-01-01T05:00");
    const { time } = event("a", "2027-01-01T06:00/07:00");
    const text = (name: string) => whenText(time, { zone: zone(name), locale: "en-US" }, newYear, "");
    expect(text("UTC")).toBe("Friday, January 1 · 6:00 AM – 7:00 AM");
    expect(text("Pacific/Pago_Pago")).toBe("Thursday, December 31 · 7:00 PM – 8:00 PM");
  });

  test("gives both years of an event that began last year", () => {
    const { time } = event("a", "2026-12-31T23:00/2027-01-01T01:00");
    expect(whenText(time, { zone: zone("UTC"), locale: "en-GB" }, at("2027-01-01T00:30"), "")).toBe(
      "Thursday, 31 December 2026 · 23:00 – Friday, 1 January 2027 · 01:00",
    );
  });

  test("prefers the mailbox's 12 or 24 hour clock over the habit of the language", () => {
    const { time } = event("a", "2026-06-15T07:00/15:30");
    const text = (locale: string, hour12: boolean) =>
      whenText(time, { zone: zone("UTC"), locale, hour12 }, now, "");
    expect(text("en-US", false)).toBe("Monday, June 15 · 07:00 – 15:30");
    expect(
      whenText(
        event("a", "2026-06-15T00:00/00:30").time,
        { zone: zone("UTC"), locale: "en-US", hour12: false },
        now,
        "",
      ),
    ).toBe("Monday, June 15 · 00:00 – 00:30");
    expect(text("en-GB", true)).toBe("Monday 15 June · 7:00 am – 3:30 pm");
  });

  test("shows an event through the hour that comes twice", () => {
    const { time } = event("a", "2026-10-25T00:30/01:30");
    expect(whenText(time, { zone: zone("Europe/Berlin"), locale: "de" }, now, "")).toBe(
      "Sonntag, 25. Oktober · 02:30 – 02:30",
    );
  });
});

test("names a zone with its present offset", () => {
  expect(zoneText(zone("Eastern Standard Time"), now)).toBe("America/New York (UTC-04:00)");
  expect(zoneText(zone("America/New_York"), at("2026-12-01T00:00"))).toBe("America/New York (UTC-05:00)");
  expect(zoneText(zone("Pacific/Chatham"), now)).toBe("Pacific/Chatham (UTC+12:45)");
  expect(zoneText(zone("UTC"), now)).toBe("UTC");
});
