// Properties of the rules, checked with hostile events.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { howToAnswer } from "./answer.ts";
import { nextBoundary } from "./boundary.ts";
import { decideCustomStatus } from "./custom-status.ts";
import { type CalendarEvent, readEvent } from "./event.ts";
import { migratedPerson } from "./migrate.ts";
import { newEventOf } from "./new-event.ts";
import { notificationOf } from "./notify.ts";
import { dueReminders, noReminders } from "./reminders.ts";
import { rowsOf } from "./rows.ts";
import { settingsAfterConnecting } from "./settings.ts";
import { changedSettings } from "./settings-change.ts";
import { busySpans } from "./spans.ts";
import { decideStatus } from "./status.ts";
import { summaryDue } from "./summary.ts";
import { anyMoment, hostileEvent } from "./testing/hostile.ts";
import { mergePages, viewAt } from "./view.ts";
import { whenText } from "./when.ts";

const zones = ["UTC", "Europe/Berlin", "Pacific/Chatham", "America/Havana", "Pacific/Kiritimati"];
const anyZone = fc.constantFrom(...zones.map((name) => zoneOf(name) as ZoneId));
const anyEvents = fc.array(hostileEvent, { maxLength: 12 });
const settings = fc.record({
  status: fc.constantFrom("off", "away", "dnd"),
  confirm: fc.boolean(),
  customStatus: fc.boolean(),
  reminders: fc.boolean(),
  leadMinutes: fc.constantFrom(1, 10, 30, "outlook" as const),
  busyShowAs: fc.subarray(["busy", "tentative", "oof", "free", "unknown"] as const, { minLength: 1 }),
  allDayBusy: fc.boolean(),
  needAttendee: fc.boolean(),
});
const read = (events: readonly unknown[]) =>
  events.map(readEvent).filter((event): event is CalendarEvent => event !== null);

describe("for all events", () => {
  test("a fair part of the random events can be read, so that the other tests check something", () => {
    const events = fc.sample(hostileEvent, { numRuns: 500, seed: 1 });
    expect(read(events).length).toBeGreaterThan(100);
    expect(read(events).length).toBeLessThan(500);
  });

  test("spans are ordered, have a length, and never touch", () => {
    fc.assert(
      fc.property(anyEvents, settings, anyZone, (events, wanted, zone) => {
        const spans = busySpans(read(events), wanted, zone);
        for (const [index, { start, end }] of spans.entries()) {
          expect(start).toBeLessThan(end);
          expect(start).toBeGreaterThan(spans[index - 1]?.end ?? Number.NEGATIVE_INFINITY);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("spans do not depend on the order of the events", () => {
    fc.assert(
      fc.property(anyEvents, settings, anyZone, (events, wanted, zone) => {
        const known = read(events);
        const moments = (list: CalendarEvent[]) =>
          busySpans(list, wanted, zone).map(({ start, end }) => [start, end]);
        expect(moments([...known].reverse())).toEqual(moments(known));
      }),
    );
  });

  test("the next boundary is strictly after now", () => {
    fc.assert(
      fc.property(anyEvents, settings, anyZone, anyMoment, (events, wanted, zone, now) => {
        const input = { events: read(events), settings: wanted, memory: noReminders, zone };
        const next = nextBoundary(input, now);
        if (next !== null) expect(next).toBeGreaterThan(now);
        const spans = busySpans(input.events, wanted, zone);
        for (const moment of spans.flatMap(({ start, end }) => [start, end]))
          if (moment > now) expect(next as number).toBeLessThanOrEqual(moment);
      }),
      { numRuns: 300 },
    );
  });

  test("a reminder is due before its start or at it, and only once", () => {
    fc.assert(
      fc.property(anyEvents, settings, anyMoment, (events, wanted, now) => {
        const { due, next } = dueReminders(read(events), wanted, noReminders, now);
        for (const { at, start } of due) expect(at <= now && at <= start && now < start + 60_000).toBe(true);
        if (next !== null) expect(next).toBeGreaterThan(now);
        const memory = { sent: due.map(({ key }) => key), snoozed: {} };
        expect(dueReminders(read(events), wanted, memory, now).due).toEqual([]);
      }),
    );
  });

  test("no rule throws", () => {
    const inputs = fc.tuple(
      anyEvents,
      settings,
      anyZone,
      anyMoment,
      fc.constantFrom("", "ar", "th-TH", "no_such", "de-DE-u-ca-buddhist", "\u0000"),
    );
    fc.assert(
      fc.property(inputs, ([events, wanted, zone, now, locale]) => {
        const known = read(events);
        const proposal = {
          start: { dateTime: locale, timeZone: zone },
          end: { dateTime: "", timeZone: locale },
        };
        const spans = busySpans(known, wanted, zone);
        const statusNow = { status: "online", manual: false } as const;
        decideStatus({ spans, settings: wanted, memory: null, question: null, mattermost: statusNow }, now);
        const inMeeting = { emoji: "calendar", text: "In a meeting" };
        decideCustomStatus({ spans, settings: wanted, inMeeting, current: null, ours: null }, now);
        rowsOf(known, "2026-06-15", zone);
        rowsOf(known, "9999-12-31", zone);
        mergePages([events, events], viewAt(now, zone).wanted, zone);
        summaryDue({ settings: settingsAfterConnecting.summary, zone, lastSentFor: null }, now);
        for (const [index, event] of known.entries()) {
          whenText(event.time, { zone, locale }, now, "all day");
          howToAnswer({ event, answer: "tentative", zone, proposal }, now);
          const previous = known[index - 1] ?? null;
          for (const change of ["created", "updated", "deleted"] as const)
            notificationOf({ change, previous, current: event, subscribedAt: now, zone }, now);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("whatever arrives", () => {
  test("it is an event, a form, a setting or a record, or is refused without throwing and without its texts", () => {
    const secret = "SecretWord";
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (anything, other) => {
        readEvent(anything);
        migratedPerson(anything);
        const form = newEventOf({ subject: secret, start: other, end: anything, requestId: "r" }, "UTC", 0);
        if (!form.ok) expect(JSON.stringify(form)).not.toContain(secret);
        changedSettings(settingsAfterConnecting, anything);
        newEventOf(anything, "Nowhere", 0);
      }),
    );
  });
});
