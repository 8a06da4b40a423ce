import { describe, expect, test } from "bun:test";
import { settingsAfterConnecting } from "./settings.ts";
import { changedSettings, shownSettings, storedSettings } from "./settings-change.ts";

const change = (json: unknown) => changedSettings(settingsAfterConnecting, json);

describe("a change of settings", () => {
  test("changes the given part and keeps the rest", () => {
    expect(change({ status: "dnd", summary: { enabled: true }, zone: "W. Europe Standard Time" })).toEqual({
      ok: true,
      settings: {
        ...settingsAfterConnecting,
        status: "dnd",
        summary: { ...settingsAfterConnecting.summary, enabled: true },
        zone: "Europe/Berlin",
      },
    });
    expect(change({})).toEqual({ ok: true, settings: settingsAfterConnecting });
  });

  test("treats weekdays and kinds of busy as sets", () => {
    const verdict = change({ summary: { weekdays: [7, 1, 7] }, busyShowAs: ["oof", "busy", "oof"] });
    expect(verdict).toMatchObject({
      settings: { summary: { weekdays: [1, 7] }, busyShowAs: ["oof", "busy"] },
    });
  });

  test("accepts reminders as in Outlook, and the named zones", () => {
    expect(change({ leadMinutes: "outlook", zone: "mattermost" }).ok).toBe(true);
  });

  for (const [json, errors] of [
    [{ status: "busy" }, { status: "invalid" }],
    [{ confirm: "yes" }, { confirm: "invalid" }],
    [{ leadMinutes: 0 }, { leadMinutes: "invalid" }],
    [{ leadMinutes: 2.5 }, { leadMinutes: "invalid" }],
    [{ leadMinutes: 10_000 }, { leadMinutes: "invalid" }],
    [{ summary: { postTime: "8:00AM" } }, { "summary.postTime": "invalid" }],
    [{ summary: { postTime: "24:00" } }, { "summary.postTime": "invalid" }],
    [{ summary: { weekdays: [0] } }, { "summary.weekdays": "invalid" }],
    [{ summary: { weekdays: [1, 8, 9] } }, { "summary.weekdays": "invalid" }],
    [{ summary: { hour: 8 } }, { "summary.hour": "unknown" }],
    [{ busyShowAs: ["unknown"] }, { busyShowAs: "invalid" }],
    [{ zone: "Berlin" }, { zone: "invalid" }],
    [{ Status: "dnd" }, { Status: "unknown" }],
    [
      { status: null, colour: "red" },
      { status: "invalid", colour: "unknown" },
    ],
    [{ leadMinutes: 61 }, { leadMinutes: "invalid" }],
    [{ leadMinutes: "10" }, { leadMinutes: "invalid" }],
    [{ summary: true }, { summary: "invalid" }],
    [{ summary: { enabled: "on" }, status: "dnd" }, { "summary.enabled": "invalid" }],
    [{ busyShowAs: "busy" }, { busyShowAs: "invalid" }],
    [{ confirm: "on" }, { confirm: "invalid" }],
    [{ "summary.colour": 1 }, { "summary.colour": "unknown" }],
    [{ constructor: 1 }, { constructor: "unknown" }],
    [null, { settings: "invalid" }],
    [[], { settings: "invalid" }],
  ] as const)
    test(`${JSON.stringify(json)} is refused at its field`, () =>
      expect(change(json)).toEqual({ ok: false, errors: errors as Record<string, "unknown" | "invalid"> }));
});

describe("stored settings", () => {
  const stored = { ...settingsAfterConnecting, status: "dnd", workingHoursOnly: true } as const;

  test("are read as stored, even by a version that knew fewer settings", () => {
    expect(storedSettings(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
    const { workingHoursOnly: _, ...earlier } = { ...stored, leadMinutes: "outlook" as const };
    expect(storedSettings(earlier)).toEqual({ ...earlier, workingHoursOnly: false });
    const { focusBlocks: _none, ...before } = stored;
    expect(storedSettings(before)).toEqual(stored);
  });

  test("drop only a value that makes no sense here", () => {
    const summary = { enabled: true, postTime: "25:00", weekdays: [7] };
    expect(storedSettings({ ...stored, status: "asleep", summary, colour: 1 })).toEqual({
      ...{ ...stored, status: "off" },
      summary: { enabled: true, postTime: "08:00", weekdays: [7] },
    });
    expect(() => storedSettings("dnd")).toThrow();
  });

  test("are shown as the contract names them; others only where they were chosen", () => {
    expect(Object.keys(shownSettings(settingsAfterConnecting))).not.toContain("workingHoursOnly");
    expect(Object.keys(shownSettings(settingsAfterConnecting))).not.toContain("focusBlocks");
    expect(shownSettings({ ...settingsAfterConnecting, focusBlocks: true })).toMatchObject({
      focusBlocks: true,
    });
    const { focusBlocks: _, otherCalendars: _no, ...shown } = stored;
    expect(shownSettings(stored)).toEqual(shown);
  });
});
