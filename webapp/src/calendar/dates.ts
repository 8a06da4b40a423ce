/**
 * Dates and wall times, computed with the web app's Luxon: Temporal is missing in Safari and in older desktop apps,
 * and a date package would be larger than the sidebar. A date is `2026-11-30`, a wall time `2026-11-30T09:00`.
 */

import { DateTime } from "luxon";

export interface Writing {
  readonly locale: string;
  readonly hour12: boolean | undefined;
}

/** Dates and wall times have no time zone; in UTC each of them exists exactly once. */
const plain = (text: string) => DateTime.fromISO(text, { zone: "utc" });
const dateText = (date: DateTime) => date.toFormat("yyyy-MM-dd");
const wallText = (wall: DateTime) => wall.toFormat("yyyy-MM-dd'T'HH:mm");

export const wallNow = (now: number, zone: string): string => wallText(DateTime.fromMillis(now, { zone }));
export const dateOf = (wall: string): string => wall.slice(0, 10);
export const timeOf = (wall: string): string => wall.slice(11, 16);
/** Minutes since midnight by the wall clock. */
export const minutesOf = (wall: string): number => plain(wall).hour * 60 + plain(wall).minute;

export const addDays = (date: string, days: number): string => dateText(plain(date).plus({ days }));
/** The 31st becomes the last day of a shorter month. */
export const addMonths = (date: string, months: number): string => dateText(plain(date).plus({ months }));
export const addMinutes = (wall: string, minutes: number): string => wallText(plain(wall).plus({ minutes }));
export const minutesBetween = (from: string, to: string): number =>
  plain(to).diff(plain(from), "minutes").minutes;
export const daysBetween = (from: string, to: string): number => plain(to).diff(plain(from), "days").days;

/** The moment at which the day begins, in RFC 3339; on a day without midnight, its first moment. */
export const startOfDay = (date: string, zone: string): string =>
  DateTime.fromISO(date, { zone }).startOf("day").toUTC().toISO() ?? "";

/** The seven days of the week that contains the date, in the order of the locale. */
export function weekOf(date: string, locale: string): readonly string[] {
  const first = plain(date).setLocale(locale).startOf("week", { useLocaleWeeks: true });
  return Array.from({ length: 7 }, (_, days) => dateText(first.plus({ days })));
}

/** Monday is 1. */
export const weekdayOf = (date: string): number => plain(date).weekday;
export const dayOfMonth = (date: string): number => plain(date).day;
export const monthOf = (date: string): number => plain(date).month;
export const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && plain(text).isValid;

/** The next half hour; the current one if it has just begun. */
export function nextSlot(wall: string): string {
  const { minute } = plain(wall);
  return addMinutes(wall, minute === 0 ? 0 : minute <= 30 ? 30 - minute : 60 - minute);
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  formats.set(key, known);
  return known;
}

/** `Monday, November 30` */
export const longDate = (date: string, { locale }: Writing): string =>
  format(locale, { weekday: "long", day: "numeric", month: "long" }).format(plain(date).toMillis());
/** `Mon 30` */
export const shortDate = (date: string, { locale }: Writing): string =>
  format(locale, { weekday: "short", day: "numeric" }).format(plain(date).toMillis());
/** `Nov 30 – Dec 6, 2026` */
export const dateRange = (from: string, to: string, { locale }: Writing): string =>
  format(locale, { day: "numeric", month: "short", year: "numeric" }).formatRange(
    plain(from).toMillis(),
    plain(to).toMillis(),
  );
/** `9:00 AM` */
export const clock = (wall: string, { hour12, locale }: Writing): string => {
  const cycle = hour12 === false ? ({ hourCycle: "h23" } as const) : {};
  return format(locale, { hour: "numeric", minute: "2-digit", ...cycle }).format(plain(wall).toMillis());
};
export const clockRange = (from: string, to: string, { hour12, locale }: Writing): string => {
  const cycle = hour12 === false ? ({ hourCycle: "h23" } as const) : {};
  return format(locale, { hour: "numeric", minute: "2-digit", ...cycle }).formatRange(
    plain(from).toMillis(),
    plain(to).toMillis(),
  );
};
/** `9 AM`, for the margin of the grid. */
export const hourMark = (hour: number, { hour12, locale }: Writing): string => {
  const cycle = hour12 === false ? ({ hourCycle: "h23" } as const) : {};
  return format(locale, { hour: "numeric", ...cycle }).format(plain("2026-01-01").set({ hour }).toMillis());
};
/** `Monday`; 1 is Monday. */
export const weekdayName = (weekday: number, { locale }: Writing, width: "long" | "short"): string =>
  // 5 January 2026 is a Monday.
  format(locale, { weekday: width }).format(
    plain("2026-01-05")
      .plus({ days: weekday - 1 })
      .toMillis(),
  );

/** `Monday, November 30, 9:00 – 10:00 AM`; `allDay` is the person's word for it. */
export function whenText(
  { allDay: isAllDay, end, start }: { allDay: boolean; start: string; end: string },
  writing: Writing,
  allDay: string,
): string {
  if (isAllDay) {
    const last = addDays(end, -1);
    const first = longDate(start, writing);
    return last > start ? `${first} – ${longDate(last, writing)} · ${allDay}` : `${first} · ${allDay}`;
  }
  const [first, last] = [dateOf(start), dateOf(end)];
  return first === last
    ? `${longDate(first, writing)} · ${clockRange(start, end, writing)}`
    : `${longDate(first, writing)} ${clock(start, writing)} – ${longDate(last, writing)} ${clock(end, writing)}`;
}
