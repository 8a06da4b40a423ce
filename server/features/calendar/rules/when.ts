/** Formats the "When" line of a card in the reader's zone and language: `Montag, 15. Juni · 09:00 – 10:30`. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { daysBetween, localDate } from "./days.ts";
import type { EventTime } from "./event.ts";

export interface Reader {
  readonly zone: ZoneId;
  /** A language tag such as `de-DE`; an unknown one falls back to English. */
  readonly locale: string;
  /** The mailbox's clock format, if it differs from the habit of the locale. */
  readonly hour12?: boolean | undefined;
}

/** `allDay` is the reader's word for it. */
export function whenText(
  time: EventTime,
  { zone, locale, hour12 }: Reader,
  now: number,
  allDay: string,
): string {
  const language = knownLocale(locale);
  const [first, last] = time.allDay
    ? [noonOf(time.startDate), noonOf(lastDate(time))]
    : [time.start, time.end];
  const dateZone = time.allDay ? ("UTC" as ZoneId) : zone;
  const [firstDate, lastDateShown] = [localDate(first, dateZone), localDate(last, dateZone)];
  const year = yearOf(localDate(now, zone));
  const withYear = yearOf(firstDate) !== year || yearOf(lastDateShown) !== year;
  const date = (moment: number) => plainSpaces(dateFormat(language, dateZone, withYear).format(moment));
  if (time.allDay)
    return `${firstDate === lastDateShown ? date(first) : `${date(first)} – ${date(last)}`} · ${allDay}`;
  const clock = (moment: number) => plainSpaces(timeFormat(language, zone, hour12).format(moment));
  return firstDate === lastDateShown
    ? `${date(first)} · ${clock(first)} – ${clock(last)}`
    : `${date(first)} · ${clock(first)} – ${date(last)} · ${clock(last)}`;
}

/** `09:00` or `9:00 AM`, as the reader writes it. */
export function clockText(moment: number, { zone, locale, hour12 }: Reader): string {
  return plainSpaces(timeFormat(knownLocale(locale), zone, hour12).format(moment));
}

/** `Tuesday, June 16`; with the year if it is not the present one. */
export function dateText(date: string, { zone, locale }: Reader, now: number): string {
  const withYear = yearOf(date) !== yearOf(localDate(now, zone));
  return plainSpaces(dateFormat(knownLocale(locale), "UTC" as ZoneId, withYear).format(noonOf(date)));
}

/** `Europe/Berlin (UTC+02:00)`, so that the label and the times of a table come from one value. */
export function zoneText(zone: ZoneId, now: number): string {
  if (zone === "UTC") return "UTC";
  const { offset } = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  return `${zone.replaceAll("_", " ")} (UTC${offset})`;
}

function lastDate({ startDate, endDate }: { startDate: string; endDate: string }): string {
  if (daysBetween(startDate, endDate) <= 1) return startDate;
  return Temporal.PlainDate.from(endDate).subtract({ days: 1 }).toString();
}

function noonOf(date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: "UTC", plainTime: "12:00" })
    .epochMilliseconds;
}

/** Years after 9999 have more than four digits and a sign. */
function yearOf(date: string): number {
  return Temporal.PlainDate.from(date).year;
}

function knownLocale(locale: string): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale.replaceAll("_", "-"))[0] ?? "en";
  } catch {
    return "en";
  }
}

/** Versions of ICU differ in the blanks that they write before AM and around dashes. */
function plainSpaces(text: string): string {
  return text.replace(/[\u00a0\u2009\u202f]/g, " ");
}

/**
 * Formatters are expensive to create and few in number: about three per language and zone of an organisation.
 */
const formats = lazy(() => new Map<string, Intl.DateTimeFormat>());
const MOST_FORMATS = 500;

function dateFormat(locale: string, timeZone: ZoneId, withYear: boolean): Intl.DateTimeFormat {
  const year = withYear ? ({ year: "numeric" } as const) : {};
  return format(locale, { timeZone, weekday: "long", day: "numeric", month: "long", ...year });
}

function timeFormat(locale: string, timeZone: ZoneId, hour12: boolean | undefined): Intl.DateTimeFormat {
  if (hour12) return format(locale, { timeZone, hour: "numeric", minute: "2-digit", hour12 });
  // Midnight is 00:00: `hour12: false` alone gives 24:00 in some languages.
  const cycle = hour12 === false ? ({ hourCycle: "h23" } as const) : {};
  return format(locale, { timeZone, timeStyle: "short", ...cycle });
}

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats().get(key);
  if (known) return known;
  if (formats().size >= MOST_FORMATS) formats().clear();
  const made = new Intl.DateTimeFormat(locale, options);
  formats().set(key, made);
  return made;
}
