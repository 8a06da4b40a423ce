import { describe, expect, test } from "bun:test";
import { settingsAfterConnecting } from "./settings.ts";
import { changedSettings } from "./settings-change.ts";

const change = (json: unknown) => changedSettings(settingsAfterConnecting, json);

describe("a change of settings", () => {
  test("takes a part and leaves the rest", () => {
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

  test("weekdays and kinds of busy are sets", () => {
    const verdict = change({ summary: { weekdays: [7, 1, 7] }, busyShowAs: ["oof", "busy", "oof"] });
    expect(verdict).toMatchObject({
      settings: { summary: { weekdays: [1, 7] }, busyShowAs: ["oof", "busy"] },
    });
  });

  test("reminders as in Outlook, zones by word", () => {
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
    [null, { settings: "invalid" }],
    [[], { settings: "invalid" }],
  ] as const)
    test(`${JSON.stringify(json)} is refused at its field`, () =>
      expect(change(json)).toEqual({ ok: false, errors: errors as Record<string, "unknown" | "invalid"> }));
});
