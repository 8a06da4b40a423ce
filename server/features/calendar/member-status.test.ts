import { describe, expect, test } from "bun:test";
import type { Language } from "../../platform/i18n/index.ts";
import { complete } from "../../platform/i18n/testing/complete.ts";
import { calendarStatusWords, memberStatus } from "./member-status.ts";
import { newMember } from "./preferences/members.ts";
import { type CalendarSettings, settingsAfterConnecting } from "./rules/settings.ts";

complete("/teams status about the calendar", calendarStatusWords);

const lines = (settings: Partial<CalendarSettings> | null, language: Language = "en") => {
  const member = settings && { ...newMember, settings: { ...settingsAfterConnecting, ...settings } };
  return memberStatus({ members: { get: async () => member } as never }, "u", language);
};

describe("/teams status", () => {
  test("says that nothing is switched on, also for a person without a record", async () => {
    for (const settings of [null, {}])
      expect((await lines(settings))[0]).toStartWith("Calendar: nothing is switched on.");
  });

  test("names what the person has switched on", async () => {
    const summary = { enabled: true, postTime: "07:30", weekdays: [1] } as const;
    const all = { status: "dnd", customStatus: true, reminders: true, leadMinutes: 5, summary } as const;
    expect(await lines({ ...all, notifications: true })).toEqual([
      "Calendar: status in meetings, custom status, reminders 5 min before, summary at 07:30, invitations and changes. `/mscalendar settings` changes it.",
    ]);
    expect((await lines({ reminders: true, leadMinutes: "outlook" }))[0]).toContain(
      "Calendar: reminders as in Outlook.",
    );
    expect((await lines({ reminders: true }, "de"))[0]).toContain("Kalender: Erinnerungen 10 Min. vorher.");
  });
});
