/** Hostile events for property tests: wrong types, missing fields, impossible times, long texts. */

import fc from "fast-check";

const dateTimes = [
  "0001-01-01T00:00:00.0000000",
  "9999-12-31T23:59:59.9999999",
  "4501-01-01T00:00:00",
  "2026-03-29T02:30:00.0000000", // skipped in Berlin
  "2026-10-25T02:30:00.0000000", // twice in Berlin
  "2026-09-27T02:45:00", // skipped in Chatham
  "2026-02-30T09:00:00",
  "yesterday",
  "",
];
const zones = [
  "UTC",
  "W. Europe Standard Time",
  "Pacific/Chatham",
  "tzone://Microsoft/Custom",
  "Nowhere",
  "",
];

const twoDigits = (most: number) => fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, "0"));
/** Within some days of each other, so that events overlap. */
const nearby = fc
  .tuple(fc.integer({ min: 10, max: 20 }), twoDigits(23), twoDigits(59))
  .map(([day, hour, minute]) => `2026-06-${day}T${hour}:${minute}:00.0000000`);

const wallTime = fc.record({
  dateTime: fc.oneof({ weight: 8, arbitrary: nearby }, fc.constantFrom(...dateTimes)),
  timeZone: fc.oneof({ weight: 8, arbitrary: fc.constant("UTC") }, fc.constantFrom(...zones)),
});
const words = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom("", "x".repeat(10_240), "https://zoom.us/j/1 ".repeat(512), "`@all` ‮\u0000"),
);
const oneOrOdd = (...values: readonly unknown[]) => fc.constantFrom(...values, undefined, null, 7, "odd", []);

export const hostileEvent = fc.record(
  {
    id: fc.constantFrom("a", "A", "b", "c", "d", "e", "", undefined),
    uid: oneOrOdd("uid-a", "uid-b", "__proto__", "constructor"),
    iCalUId: oneOrOdd("ical-a"),
    seriesMasterId: oneOrOdd("s1", "s2"),
    type: oneOrOdd("singleInstance", "occurrence", "exception", "seriesMaster"),
    originalStart: oneOrOdd("2026-06-15T08:00:00Z", "0001-01-01T00:00:00Z"),
    changeKey: oneOrOdd("k1", "k2"),
    createdDateTime: oneOrOdd("2026-06-15T05:59:00Z"),
    subject: fc.oneof(words, oneOrOdd()),
    bodyPreview: fc.oneof(words, oneOrOdd()),
    location: fc.oneof(fc.record({ displayName: words }), oneOrOdd({})),
    onlineMeeting: oneOrOdd(
      { joinUrl: "https://teams.microsoft.com/l/meetup-join/x" },
      { joinUrl: "javascript:1" },
    ),
    start: fc.oneof({ weight: 9, arbitrary: wallTime }, oneOrOdd()),
    end: fc.oneof({ weight: 9, arbitrary: wallTime }, oneOrOdd()),
    isAllDay: oneOrOdd(true, false, false),
    isCancelled: oneOrOdd(true, false, false, false),
    isOrganizer: oneOrOdd(true, false),
    responseRequested: oneOrOdd(true, false),
    allowNewTimeProposals: oneOrOdd(true, false),
    showAs: oneOrOdd("busy", "busy", "busy", "free", "tentative", "oof", "workingElsewhere"),
    sensitivity: oneOrOdd("normal", "private", "confidential"),
    responseStatus: oneOrOdd(
      { response: "accepted" },
      { response: "declined" },
      { response: "notResponded" },
    ),
    attendees: oneOrOdd(
      [{ type: "required", emailAddress: { name: "Kim", address: "kim@example.com" } }],
      [null, 7, { type: "resource" }, { type: "required", emailAddress: { name: "Kim", address: "kim@x" } }],
    ),
    isReminderOn: oneOrOdd(true, false),
    reminderMinutesBeforeStart: oneOrOdd(15, -5, 1e9, Number.NaN),
  },
  { requiredKeys: [] },
);

/** Around the events' days, and at the limits of time. */
export const anyMoment = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 5, 9), max: Date.UTC(2026, 5, 22) }),
  fc.constantFrom(Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")),
);
