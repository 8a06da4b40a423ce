import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { instantOf, windowsZoneOf, type ZoneId, zoneOf } from "./index.ts";
import { windowsZones } from "./windows-zones.gen.ts";

describe("maps a zone's name", () => {
  const cases: Record<string, string | null> = {
    "W. Europe Standard Time": "Europe/Berlin",
    "  w. EUROPE standard time ": "Europe/Berlin",
    // The earlier plugin's table was an hour off for these.
    "Central Asia Standard Time": "Asia/Bishkek",
    "Mountain Standard Time (Mexico)": "America/Mazatlan",
    // The earlier plugin's table did not have these.
    "Dateline Standard Time": "Etc/GMT+12",
    "UTC+13": "Etc/GMT-13",
    "UTC-02": "Etc/GMT+2",
    UTC: "UTC",
    "tzone://Microsoft/Utc": "UTC",
    "tzone://Microsoft/Custom": null,
    "Customized Time Zone": null,
    "Europe/Kyiv": "Europe/Kyiv",
    "Asia/Calcutta": "Asia/Calcutta",
    "europe/berlin": "Europe/Berlin",
    "US/Samoa": "US/Samoa",
    "+02:00": null,
    "-05:00": null,
    "UTC+01:00": null,
    "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna": null,
    "Berlin Standard Time": null,
    "Europe/Atlantis": null,
    "": null,
    " ": null,
    constructor: null,
    __proto__x: null,
    [`Europe/Berlin${" ".repeat(10_000)}`]: null,
  };
  for (const [name, id] of Object.entries(cases))
    test(`${JSON.stringify(name.slice(0, 40))} is ${id}`, () =>
      expect(zoneOf(name)).toBe(id as ZoneId | null));

  test("the runtime knows the rules of every Windows zone", () => {
    const unknown = Object.keys(windowsZones).filter((name) => zoneOf(name) === null);
    expect(unknown).toEqual([]);
  });
});

describe("the Windows name of a zone", () => {
  test("maps back to the same zone, for every Windows zone", () => {
    const names = Object.keys(windowsZones);
    expect(names.map((name) => windowsZoneOf(zoneOf(name) as ZoneId))).toEqual(names);
  });

  const cases: Record<string, string | null> = {
    "America/Argentina/Buenos_Aires": "Argentina Standard Time",
    "Asia/Kolkata": "India Standard Time",
    "Europe/Kyiv": "FLE Standard Time",
    "America/Nuuk": "Greenland Standard Time",
    "Asia/Yangon": "Myanmar Standard Time",
    "Europe/Vienna": "W. Europe Standard Time",
    "Antarctica/Troll": null,
  };
  for (const [id, name] of Object.entries(cases))
    test(`${id} is ${name}`, () => expect(windowsZoneOf(zoneOf(id) as ZoneId)).toBe(name));
});

describe("a wall time with its zone", () => {
  const at = (dateTime: string, timeZone: string) => instantOf({ dateTime, timeZone });
  const iso = (text: string) => Temporal.Instant.from(text).epochMilliseconds;

  test("that the clock skips is the later reading, that it shows twice the first", () => {
    expect(at("2026-03-08T02:30:00.0000000", "Eastern Standard Time")).toBe(iso("2026-03-08T07:30:00Z"));
    expect(at("2026-11-01T01:30:00.0000000", "Eastern Standard Time")).toBe(iso("2026-11-01T05:30:00Z"));
    expect(at("2026-04-05T01:45:00", "Lord Howe Standard Time")).toBe(iso("2026-04-04T14:45:00Z"));
  });

  test("of the first and the last year", () => {
    expect(at("0001-01-01T00:00:00.0000000", "UTC")).toBe(iso("0001-01-01T00:00:00Z"));
    expect(at("9999-12-31T23:59:59.9999999", "Samoa Standard Time")).toBe(iso("9999-12-31T10:59:59.999Z"));
  });

  for (const [dateTime, timeZone] of [
    ["2026-02-30T09:00:00", "UTC"],
    ["2026-06-15T25:00:00", "UTC"],
    ["2026-06-15", "UTC"],
    ["2026-06-15T09:00:00Z", "UTC"],
    ["2026-06-15T09:00:00+02:00", "UTC"],
    ["0000-01-01T00:00:00", "UTC"],
    ["+012026-06-15T09:00:00", "UTC"],
    ["2026-06-15T09:00:00[Europe/Berlin]", "UTC"],
    ["", "UTC"],
    ["2026-06-15T09:00:00", ""],
    ["2026-06-15T09:00:00", "tzone://Microsoft/Custom"],
    ["2026-06-15T09:00:00", "W. Europe"],
  ] as const)
    test(`${dateTime} in "${timeZone}" is none`, () => expect(at(dateTime, timeZone)).toBeNull());

  test("any text yields a moment or null, never an error", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (dateTime, timeZone) => {
        const moment = instantOf({ dateTime, timeZone });
        expect(moment === null || Number.isSafeInteger(moment)).toBe(true);
      }),
    );
  });
});
