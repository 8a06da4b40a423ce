import { describe, expect, test } from "bun:test";
import { migratedPerson } from "./migrate.ts";

const record = (different: object = {}, settings: object = {}) => ({
  MattermostUserID: "u1",
  Remote: { id: "oid-1", mail: "sam@example.com" },
  OAuth2Token: { access_token: "x", refresh_token: "y" },
  mattermostSettings: settings,
  ...different,
});
const person = (different: object = {}, settings: object = {}) => migratedPerson(record(different, settings));
const summary = (daily: object) => person({}, { DailySummary: daily })?.summary;

describe("a record of the earlier plugin", () => {
  for (const [settings, status] of [
    [{ UpdateStatusFromOptions: "Away" }, "away"],
    [{ UpdateStatusFromOptions: "Do Not Disturb" }, "dnd"],
    [{ UpdateStatusFromOptions: "Don't set status for me" }, "off"],
    [{ UpdateStatusFromOptions: "Don't set status for me", UpdateStatus: true }, "off"],
    [{ UpdateStatusFromOptions: "Away", UpdateStatus: true }, "away"],
    [{ UpdateStatusFromOptions: "", UpdateStatus: true }, "dnd"],
    [{ UpdateStatusFromOptions: "Something new" }, "off"],
    [{ UpdateStatus: false, ReceiveNotificationsDuringMeeting: true }, "off"],
    [{ UpdateStatus: "yes" }, "off"],
  ] as const)
    test(`${JSON.stringify(settings)} is "${status}"`, () =>
      expect(person({}, settings)?.status).toBe(status));

  for (const [postTime, ours] of [
    ["8:00AM", "08:00"],
    ["12:15AM", "00:15"],
    ["12:45PM", "12:45"],
    ["11:30pm", "23:30"],
    ["13:00PM", "08:00"],
    ["", "08:00"],
  ] as const)
    test(`a summary at ${JSON.stringify(postTime)} is at ${ours}`, () =>
      expect(summary({ post_time: postTime, tz: "Eastern Standard Time", enable: true })?.postTime).toBe(
        ours,
      ));

  test("keeps the hour of a summary in an unknown zone and uses the mailbox's zone", () => {
    expect(summary({ post_time: "8:00AM", tz: "", enable: false })).toEqual({
      enabled: false,
      postTime: "08:00",
      zone: null,
      weekdays: [1, 2, 3, 4, 5],
    });
    expect(summary({ tz: "Mountain Standard Time (Mexico)" })?.zone).toBe("America/Mazatlan");
  });

  test("in the middle of a meeting keeps the status to restore", () => {
    const busy = { events: ["ical 2026-06-15T08:00:00Z"], LastStatus: "away", IsCustomStatusSet: true };
    expect(person(busy)).toMatchObject({ ownsStatus: true, restoreTo: "away", customStatusOurs: true });
    expect(person({ events: null, LastStatus: "" })).toMatchObject({ ownsStatus: false, restoreTo: null });
    expect(person({ LastStatus: "lunch" })).toMatchObject({ restoreTo: null });
  });

  test("with Go's nil everywhere is a person with everything off", () => {
    const nil = {
      OAuth2Token: null,
      mattermostSettings: null,
      events: null,
      linkedEvents: null,
      LastStatus: null,
    };
    expect(person(nil)).toMatchObject({
      connected: false,
      status: "off",
      reminders: null,
      summary: null,
      links: [],
    });
  });

  test("leaves out links without a channel", () => {
    expect(person({ linkedEvents: { a: "ch1", b: "", c: 7, "": "ch2" } })?.links).toEqual([
      { iCalUId: "a", channelId: "ch1" },
    ]);
  });

  test("carries no token", () => {
    const token = { access_token: "SecretToken", refresh_token: "SecretToken" };
    expect(person({ OAuth2Token: token })?.connected).toBe(true);
    expect(JSON.stringify(person({ OAuth2Token: token }))).not.toContain("SecretToken");
  });

  for (const [name, json] of Object.entries({
    nothing: null,
    "no Mattermost user": record({ MattermostUserID: "" }),
    "no Microsoft user": record({ Remote: null }),
    "an empty Microsoft user": record({ Remote: { id: "" } }),
    "a list": [record()],
  }))
    test(`${name} is nobody`, () => expect(migratedPerson(json)).toBeNull());
});
