/**
 * Decides which reminders are due: one per meeting and start, so that a moved meeting gets another reminder.
 */

import { compareText, isoOf } from "./days.ts";
import type { CalendarEvent } from "./event.ts";
import type { CalendarSettings } from "./settings.ts";

const MINUTE = 60_000;

export type ReminderSettings = Pick<CalendarSettings, "reminders" | "leadMinutes">;

/** Reminders sent and snoozed so far. Plain JSON, by key. */
export interface ReminderMemory {
  readonly sent: readonly string[];
  /** Until when a person snoozed a reminder; it then comes even if it was sent before. */
  readonly snoozed: Readonly<Record<string, number>>;
}
export const noReminders: ReminderMemory = { sent: [], snoozed: {} };

export interface Reminder {
  readonly key: string;
  readonly event: CalendarEvent;
  readonly start: number;
  /** When the reminder should come; milliseconds since 1970. */
  readonly at: number;
}

export interface DueReminder extends Reminder {
  /** Late by more than a minute, so that the text says in how many minutes the meeting begins. */
  readonly late: boolean;
}

export interface DueReminders {
  readonly due: readonly DueReminder[];
  /** When the next reminder becomes due, or null. */
  readonly next: number | null;
}

export function dueReminders(
  events: readonly CalendarEvent[],
  settings: ReminderSettings,
  memory: ReminderMemory,
  now: number,
): DueReminders {
  const all = reminders(events, settings, memory);
  return {
    due: all
      .filter((one) => one.at <= now && now < lastMoment(one))
      .map((one) => ({ ...one, late: now - one.at > MINUTE })),
    next: all.find(({ at }) => at > now)?.at ?? null,
  };
}

/** All reminders that were not sent yet or were snoozed, by time. */
export function reminders(
  events: readonly CalendarEvent[],
  settings: ReminderSettings,
  { sent, snoozed }: ReminderMemory,
): Reminder[] {
  if (!settings.reminders) return [];
  const byKey = new Map<string, Reminder>();
  for (const event of events) {
    const lead = settings.leadMinutes === "outlook" ? event.outlookReminderMinutes : settings.leadMinutes;
    if (event.time.allDay || event.cancelled || event.response === "declined" || lead === null) continue;
    const { start } = event.time;
    const key = reminderKey(event.key, start);
    const later = Object.hasOwn(snoozed, key) ? snoozed[key] : undefined;
    if (later === undefined && sent.includes(key)) continue;
    if (!byKey.has(key)) byKey.set(key, { key, event, start, at: later ?? start - lead * MINUTE });
  }
  return [...byKey.values()].sort((a, b) => a.at - b.at || a.start - b.start || compareText(a.key, b.key));
}

export function reminderKey(eventKey: string, start: number): string {
  return `${eventKey}|${isoOf(start)}`;
}

/** Never after the start; a reminder snoozed until the start has one more minute. */
function lastMoment({ at, start }: Reminder): number {
  return at >= start ? at + MINUTE : start;
}

/**
 * The memory after reminders were sent. If `now` is given, reminders of meetings that began are dropped.
 */
export function remindersAfter(
  { sent, snoozed }: ReminderMemory,
  done: readonly Reminder[],
  now = Number.NEGATIVE_INFINITY,
): ReminderMemory {
  const keys = new Set(done.map(({ key }) => key));
  return {
    sent: [...new Set([...sent, ...keys])].filter((key) => startOfKey(key) > now),
    snoozed: Object.fromEntries(
      Object.entries(snoozed).filter(([key, at]) => !keys.has(key) && at + MINUTE > now),
    ),
  };
}

/** "Until the start" is the start itself. */
export function snoozedUntil(memory: ReminderMemory, key: string, at: number): ReminderMemory {
  return { ...memory, snoozed: { ...memory.snoozed, [key]: at } };
}

function startOfKey(key: string): number {
  return Temporal.Instant.from(key.slice(key.lastIndexOf("|") + 1)).epochMilliseconds;
}
