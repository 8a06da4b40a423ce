/**
 * Decides when the daily summary is due: once per local date, at the person's hour, or later the same day after an
 * outage.
 */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { nextDailyTime } from "../../../platform/work/local-time.ts";
import { localDate } from "./days.ts";
import type { SummarySettings } from "./settings.ts";

const MINUTE = 60_000;

/** A morning summary is useless after this time. */
export const CATCH_UP_MINUTES = 120;

export interface SummaryDue {
  /** The local date whose summary is due now, or null. */
  readonly forDate: string | null;
  /** Late by more than a minute. */
  readonly late: boolean;
  /** The next regular time strictly after now; null if none is wanted. */
  readonly next: number | null;
}

export interface SummaryInput {
  readonly settings: SummarySettings;
  readonly zone: ZoneId;
  /** The local date of the last summary that was sent. */
  readonly lastSentFor: string | null;
  readonly catchUpMinutes?: number;
}

export function summaryDue(
  { settings, zone, lastSentFor, catchUpMinutes = CATCH_UP_MINUTES }: SummaryInput,
  now: number,
): SummaryDue {
  const time = timeOf(settings.postTime);
  if (!settings.enabled || !time) return { forDate: null, late: false, next: null };
  const next = nextDailyTime({ zone, weekdays: settings.weekdays, ...time }, now);
  const today = Temporal.PlainDate.from(localDate(now, zone));
  const at = today.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
  const due =
    settings.weekdays.includes(today.dayOfWeek) &&
    at <= now &&
    now < at + catchUpMinutes * MINUTE &&
    lastSentFor !== today.toString();
  return { forDate: due ? today.toString() : null, late: due && now - at > MINUTE, next };
}

/** Parses `HH:MM`. */
export function timeOf(postTime: string): { readonly hour: number; readonly minute: number } | null {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(postTime) ?? [];
  return hour && minute ? { hour: Number(hour), minute: Number(minute) } : null;
}

export type TypedPostTime =
  | { readonly ok: true; readonly postTime: string }
  | { readonly ok: false; readonly why: "no_time" | "quarter_hours_only" };

/** Parses what a person types after `summary time`: `7:45pm`, `07:45 PM`, `19:45`. */
export function typedPostTime(typed: string): TypedPostTime {
  const postTime = postTimeOf(typed);
  if (!postTime) return { ok: false, why: "no_time" };
  return /:(00|15|30|45)$/.test(postTime) ? { ok: true, postTime } : { ok: false, why: "quarter_hours_only" };
}

/** `8:00AM`, `07:45 pm`, `19:45` → `HH:MM`; null for everything else. */
export function postTimeOf(text: string): string | null {
  const [, hour = "", minute = "", half] = /^\s*(\d{1,2}):(\d\d)\s*(?:([ap])m)?\s*$/i.exec(text) ?? [];
  const shown = Number(hour);
  if (half && (shown < 1 || shown > 12)) return null;
  const hours = half ? (shown % 12) + (half.toLowerCase() === "p" ? 12 : 0) : shown;
  const postTime = `${String(hours).padStart(2, "0")}:${minute}`;
  return timeOf(postTime) ? postTime : null;
}
