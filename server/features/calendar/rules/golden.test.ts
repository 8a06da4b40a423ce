// Runs the golden cases in testdata/calendar.json, translating between their shapes and ours. Our codes are their
// reasons with underscores.
import { describe, expect, test } from "bun:test";
import { instantOf, type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { type Answer, howToAnswer, type Proposal } from "./answer.ts";
import { nextBoundary } from "./boundary.ts";
import { type CustomMemory, type CustomStatus, decideCustomStatus } from "./custom-status.ts";
import { dayOf, isoOf, localTime } from "./days.ts";
import { type CalendarEvent, readEvent } from "./event.ts";
import { migratedPerson } from "./migrate.ts";
import { newEventOf } from "./new-event.ts";
import { notificationOf } from "./notify.ts";
import { dueReminders } from "./reminders.ts";
import { rowsOf } from "./rows.ts";
import { type CalendarSettings, settingsAfterConnecting } from "./settings.ts";
import { busySpans } from "./spans.ts";
import { decideStatus, type StatusMemory, type StatusNow } from "./status.ts";
import { summaryDue } from "./summary.ts";
import golden from "./testdata/calendar.json";
import { whenText } from "./when.ts";

// biome-ignore lint/suspicious/noExplicitAny: the file has one shape per rule.
type Json = any;

const moment = (iso: string) => Temporal.Instant.from(iso).epochMilliseconds;
const iso = (at: number | null) => (at === null ? null : isoOf(at));
const events = (json: Json[]) => json.map(readEvent) as CalendarEvent[];
const event = (json: Json) => (json ? readEvent(json) : null);
const zone = (name: string) => zoneOf(name) as ZoneId;
const reason = <T extends object>(decision: T): T =>
  "why" in decision ? { ...decision, why: String(decision.why).replaceAll("_", " ") } : decision;
const settingsOf = (given: Partial<CalendarSettings>): CalendarSettings => ({
  ...settingsAfterConnecting,
  reminders: given.leadMinutes !== undefined,
  ...given,
});
const spansOf = (input: Json) =>
  busySpans(events(input.events), settingsOf(input.settings), zone(input.zone));

const rules: Record<string, (input: Json) => Json> = {
  day({ zone: name, date }) {
    const { from, to } = dayOf(date, zone(name));
    const hours = (to - from) / 3_600_000;
    return { from: isoOf(from), to: isoOf(to), hours, startsAt: localTime(from, zone(name)) };
  },
  zone: ({ name }) => ({ iana: zoneOf(name) }),
  instant: ({ value }) => ({ instant: iso(instantOf(value)) }),
  spans: (input) => ({
    spans: spansOf(input).map((span) => ({ ...span, start: isoOf(span.start), end: isoOf(span.end) })),
  }),
  status(input) {
    const { memory, mattermost = { status: "online", manual: false } as StatusNow } = input.prior ?? {};
    const decision = decideStatus(
      {
        spans: spansOf(input),
        settings: settingsOf(input.settings),
        memory: memory ? ({ ...memory, until: moment(memory.until) } as StatusMemory) : null,
        question: null,
        mattermost,
      },
      moment(input.now),
    );
    if (decision.do === "restore") return { do: "restore", status: decision.status };
    return reason("until" in decision ? { ...decision, until: isoOf(decision.until) } : decision);
  },
  custom(input) {
    const { custom = null, ours } = (input.prior ?? {}) as { custom?: CustomStatus | null; ours?: Json };
    const decision = decideCustomStatus(
      {
        spans: spansOf(input),
        settings: settingsOf(input.settings),
        inMeeting: { emoji: "calendar", text: "In a meeting" },
        current: custom,
        ours: ours ? ({ ...ours, expiresAt: moment(ours.expiresAt) } as CustomMemory) : null,
      },
      moment(input.now),
    );
    return reason(decision.do === "set" ? { ...decision, expiresAt: isoOf(decision.expiresAt) } : decision);
  },
  next: (input) => ({
    at: iso(
      nextBoundary(
        {
          events: events(input.events),
          settings: settingsOf(input.settings),
          memory: reminderMemory(input.prior),
          zone: zone(input.zone),
        },
        moment(input.now),
      ),
    ),
  }),
  reminder(input) {
    const { due, next } = dueReminders(
      events(input.events),
      settingsOf(input.settings),
      reminderMemory(input.prior),
      moment(input.now),
    );
    return { due: due.map(({ key, late }) => ({ key, late })), next: iso(next) };
  },
  summaryDue({ settings, prior, now }) {
    const { forDate, next } = summaryDue(
      {
        settings,
        zone: zone(settings.zone),
        lastSentFor: prior.lastSentFor ?? null,
        catchUpMinutes: settings.catchUpMinutes,
      },
      moment(now),
    );
    return { due: forDate !== null, forDate, next: iso(next) };
  },
  rows: (input) => ({
    rows: rowsOf(events(input.events), input.date, zone(input.zone)).map((row) => ({
      id: row.event.id,
      ...row.time,
      subject: row.event.subject || "(No subject)",
      ...(row.flags.length > 0 ? { flags: row.flags } : {}),
    })),
  }),
  when: (input) => ({
    text: whenText(
      (event(input.event) as CalendarEvent).time,
      { zone: zone(input.zone), locale: input.locale },
      moment(input.now),
      "{allDay}",
    ),
  }),
  notify(input) {
    const notification = notificationOf(
      {
        change: input.change,
        previous: event(input.previous),
        current: event(input.current),
        subscribedAt: moment(input.subscribedAt),
        zone: zone(input.zone),
      },
      moment(input.now),
    );
    if (notification.kind !== "updated") return reason(notification);
    return { ...notification, changed: notification.changed.map(({ field }) => field) };
  },
  respond(input) {
    const verdict = howToAnswer(
      {
        event: event(input.event) as CalendarEvent,
        answer: input.answer as Answer,
        comment: input.comment,
        proposal: input.proposal as Proposal | undefined,
        zone: zone(input.zone),
      },
      moment(input.now),
    );
    return reason(verdict);
  },
  create(input) {
    const { date, end_date, start_time, end_time, all_day = false, subject } = input.payload;
    const verdict = newEventOf(
      all_day
        ? { subject, start: date, allDay: true, requestId: "r" }
        : { subject, start: `${date}T${start_time}`, end: `${end_date ?? date}T${end_time}`, requestId: "r" },
      input.zone,
      moment(input.now),
    );
    if (!verdict.ok) return { error: Object.values(verdict.errors)[0] };
    const { isAllDay, start, end } = verdict.body;
    return { body: { isAllDay, start, end } };
  },
  migrate: ({ user }) => migratedPerson(user),
};

function reminderMemory(prior: Json) {
  const snoozed = Object.entries((prior?.snoozed ?? {}) as Record<string, string>);
  return {
    sent: prior?.sent ?? [],
    snoozed: Object.fromEntries(snoozed.map(([key, at]) => [key, moment(at)])),
  };
}

describe("golden cases", () => {
  for (const { id, rule, why, input, expected } of golden.cases as Json[])
    test(`${id}: ${why}`, () => expect(rules[rule]?.(input)).toEqual(expected));

  test("covers every rule and is complete", () => {
    expect(golden.cases.length).toBe(110);
    expect(Object.keys(rules).sort()).toEqual([...new Set(golden.cases.map(({ rule }) => rule))].sort());
  });
});
