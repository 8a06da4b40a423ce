import { describe, expect, test } from "bun:test";
import { newEventOf } from "./new-event.ts";
import { at } from "./testing/events.ts";

const zone = "W. Europe Standard Time";
const now = at("2026-06-15T06:00");
const form = { subject: "Plan", start: "2026-06-20T09:00", end: "2026-06-20T09:30", requestId: "r1" };
const create = (different: object = {}, mailboxZone = zone) =>
  newEventOf({ ...form, ...different }, mailboxZone, now);

describe("a new event", () => {
  test("keeps the mailbox's own name of its zone, and the submission's id", () => {
    expect(create()).toEqual({
      ok: true,
      body: {
        subject: "Plan",
        isAllDay: false,
        start: { dateTime: "2026-06-20T09:00:00", timeZone: zone },
        end: { dateTime: "2026-06-20T09:30:00", timeZone: zone },
        transactionId: "r1",
      },
      attendees: [],
      channelId: null,
    });
  });

  test("takes all fields", () => {
    const verdict = create({
      zone: "Europe/London",
      location: " Room 1 ",
      description: "Bring *cake*",
      attendees: ["u1", " Kim@Example.com", "kim@example.com "],
      channelId: "ch1",
      onlineMeeting: true,
    });
    expect(verdict).toMatchObject({
      ok: true,
      body: {
        start: { timeZone: "Europe/London" },
        location: { displayName: "Room 1" },
        body: { contentType: "text", content: "Bring *cake*" },
        isOnlineMeeting: true,
        onlineMeetingProvider: "teamsForBusiness",
      },
      attendees: ["u1", "kim@example.com"],
      channelId: "ch1",
    });
  });

  test("of all day lasts from midnight to midnight; today is not past", () => {
    const times = (different: object) => {
      const verdict = create({ allDay: true, end: "", ...different });
      return verdict.ok ? [verdict.body.start.dateTime, verdict.body.end.dateTime] : verdict.errors;
    };
    expect(times({ start: "2026-06-15" })).toEqual(["2026-06-15T00:00:00", "2026-06-16T00:00:00"]);
    expect(times({ start: "2026-06-20", end: "2026-06-23" })).toEqual([
      "2026-06-20T00:00:00",
      "2026-06-23T00:00:00",
    ]);
    expect(times({ start: "2026-06-14" })).toEqual({ start: "start_past" });
    expect(times({ start: "2026-06-20", end: "2026-06-20" })).toEqual({ end: "end_before_start" });
    expect(times({ start: "" })).toEqual({ start: "date_missing" });
    expect(times({ start: "2026-02-29" })).toEqual({ start: "date_invalid" });
    expect(times({ start: "2026-06-20", end: "soon" })).toEqual({ end: "date_invalid" });
  });

  test("counts an emoji as one character of a subject", () => {
    expect(create({ subject: "🎂".repeat(255) }).ok).toBe(true);
    expect(create({ subject: "🎂".repeat(256) })).toEqual({
      ok: false,
      errors: { subject: "subject_too_long" },
    });
  });

  test("is refused in an hour that the clock skips, because it would end when it begins", () => {
    // The clock reads 02:30 as 03:30.
    const spring = { start: "2027-03-28T02:30", end: "2027-03-28T03:30" };
    expect(create(spring)).toEqual({ ok: false, errors: { end: "end_before_start" } });
    expect(create({ ...spring, end: "2027-03-28T03:45" }).ok).toBe(true);
  });

  for (const [name, different, errors] of [
    ["no subject", { subject: undefined }, { subject: "subject_empty" }],
    ["a blank subject", { subject: " \t" }, { subject: "subject_empty" }],
    ["no date", { start: "" }, { start: "date_missing" }],
    ["no date at all", { start: undefined }, { start: "date_missing" }],
    ["a date that does not exist", { start: "2026-02-30T09:00" }, { start: "date_invalid" }],
    ["no time", { start: "2026-06-20" }, { start: "time_missing" }],
    ["a time that does not exist", { end: "2026-06-20T25:00" }, { end: "time_invalid" }],
    ["a time with an offset", { start: "2026-06-20T09:00Z" }, { start: "time_invalid" }],
    ["both times wrong", { start: "x", end: "" }, { start: "date_invalid", end: "date_missing" }],
    ["an end before its start", { end: "2026-06-20T08:59" }, { end: "end_before_start" }],
    ["no length", { end: "2026-06-20T09:00" }, { end: "end_before_start" }],
    ["a start in the past", { start: "2026-06-15T07:59" }, { start: "start_past" }],
    ["a place that is too long", { location: "x".repeat(256) }, { location: "location_too_long" }],
    [
      "a description that is too long",
      { description: "x".repeat(8001) },
      { description: "description_too_long" },
    ],
    [
      "too many guests",
      { attendees: Array.from({ length: 101 }, (_, n) => `u${n}`) },
      { attendees: "attendees_too_many" },
    ],
    ["a guest without a name", { attendees: ["u1", " "] }, { attendees: "attendee_empty" }],
    ["guests that are not a list", { attendees: "kim" }, { attendees: "invalid" }],
    ["no id of the submission", { requestId: undefined }, { requestId: "invalid" }],
    ["a zone that nobody knows", { zone: "Berlin" }, { zone: "zone_unknown" }],
    [
      "several things wrong",
      { subject: "", attendees: [""] },
      { subject: "subject_empty", attendees: "attendee_empty" },
    ],
  ] as const)
    test(`${name}: refused at its field`, () => expect(create(different)).toEqual({ ok: false, errors }));

  test("judges the past by the wall clock of the chosen zone", () => {
    expect(
      create({ zone: "Pacific/Kiritimati", start: "2026-06-15T19:59", end: "2026-06-15T22:00" }).ok,
    ).toBe(false);
    expect(
      create({ zone: "Pacific/Kiritimati", start: "2026-06-15T20:00", end: "2026-06-15T22:00" }).ok,
    ).toBe(true);
  });

  test("reports an unknown zone of the mailbox and never guesses one", () => {
    expect(create({}, "Customized Time Zone")).toEqual({ ok: false, errors: { zone: "zone_unknown" } });
    expect(create({ zone: "Europe/Berlin" }, "Customized Time Zone").ok).toBe(true);
  });

  test("that repeats begins its series on its own date; an invalid series is refused", () => {
    const range = { type: "numbered", numberOfOccurrences: 3 };
    const weekly = { pattern: { type: "weekly", daysOfWeek: ["saturday"] }, range };
    expect(create({ recurrence: weekly })).toMatchObject({
      body: { recurrence: { range: { ...range, startDate: "2026-06-20", recurrenceTimeZone: zone } } },
    });
    expect(create({ recurrence: null }).ok).toBe(true);
    for (const recurrence of ["weekly", {}, { ...weekly, range: { type: "endDate", endDate: "x" } }])
      expect(create({ recurrence })).toEqual({ ok: false, errors: { recurrence: "recurrence_invalid" } });
  });

  test("a body that is not a form", () => {
    for (const json of [null, 7, [], "x"]) expect(newEventOf(json, zone, now).ok).toBe(false);
  });
});
