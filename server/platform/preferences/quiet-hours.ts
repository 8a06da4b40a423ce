/** Quiet hours: a daily time span, such as `22:00-07:00`, in the member's time zone. */

import { type Preference, preference } from "./preference.ts";

/** Minutes since midnight. `from` is inclusive, `to` is exclusive; the span may cross midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** `off` is a choice, too: no quiet hours, whatever the default. In JSON it is the empty string. */
export const quietHours = (name: string): Preference<QuietHours | "off"> =>
  preference<QuietHours | "off">(name, {
    read: (value) => (value === "off" ? "off" : parseQuiet(value)),
    print: (value) => (value === "off" ? value : printQuiet(value)),
    take(value) {
      if (value === "" || value === null) return "off";
      return typeof value === "string" ? parseQuiet(value) : null;
    },
    show: (value) => (value === "off" ? "" : printQuiet(value)),
  });

/** Returns null for anything but a span of two different times. */
function parseQuiet(value: string): QuietHours | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(value.replace(/\s/g, ""));
  if (!match) return null;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number);
  const from = (fromHour ?? 0) * 60 + (fromMinute ?? 0);
  const to = (toHour ?? 0) * 60 + (toMinute ?? 0);
  return from === to ? null : { from, to };
}

export function printQuiet({ from, to }: QuietHours): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${time(from)}-${time(to)}`;
}

/** Whether it is quiet now in the member's time zone. */
export const isQuiet = (quiet: QuietHours, now: number, zone: string): boolean =>
  isWithin(quiet, minuteOfDay(now, zone));

export function isWithin({ from, to }: QuietHours, minute: number): boolean {
  if (from === to) return false;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** Returns when the current span ends, in milliseconds since 1970. */
export function quietEnds({ to }: QuietHours, now: number, zone: string): number {
  const here = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(knownZone(zone));
  const time = { hour: Math.floor(to / 60), minute: to % 60 };
  const today = here.withPlainTime(time);
  const end =
    Temporal.ZonedDateTime.compare(today, here) > 0 ? today : here.add({ days: 1 }).withPlainTime(time);
  return end.epochMilliseconds;
}

function knownZone(zone: string): string {
  try {
    if (zone === "") return "UTC";
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** A time zone that the runtime does not know is treated as UTC. */
export function minuteOfDay(now: number, zone: string): number {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = clockOf(zone);
    clocks.set(zone, clock);
  }
  const [hour = "0", minute = "0"] = clock.format(now).split(":");
  return Number(hour) * 60 + Number(minute);
}

const clockOf = (zone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: knownZone(zone),
  });
