/** Formats a day as a table in a post. Pure. */

import type { Language } from "../../../platform/i18n/index.ts";
import { link, plainText } from "../events/event-text.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { type Row, rowsOf } from "../rules/rows.ts";
import { clockText, dateText, type Reader, zoneText } from "../rules/when.ts";
import { noSubject } from "../status/words.ts";
import { dayWords } from "./words.ts";

/** More rows than anybody reads; a post holds 16,383 characters. */
const MOST_ROWS = 40;
const MOST_CHARACTERS = 14_000;

export interface TableInput {
  readonly events: readonly CalendarEvent[];
  /** `2026-06-15`. */
  readonly date: string;
  readonly reader: Reader;
  readonly language: Language;
  readonly now: number;
}

/** Heading, zone and table; null for a day without events. */
export function dayTable(input: TableInput): { readonly text: string; readonly rows: readonly Row[] } | null {
  const { date, language, now, reader } = input;
  const rows = rowsOf(input.events, date, reader.zone);
  if (rows.length === 0) return null;
  const say = dayWords.in(language);
  const shown = lines(rows, input);
  const head = [
    `#### ${dateText(date, reader, now)}`,
    say("zone", { zone: zoneText(reader.zone, now) }),
    "",
    `| ${say("time")} | ${say("subject")} |`,
    "|:--|:--|",
  ];
  const more = rows.length - shown.length;
  const tail = more > 0 ? ["", say("more", { count: more })] : [];
  return { text: [...head, ...shown, ...tail].join("\n"), rows };
}

export function noEvents({ date, language, now, reader }: Omit<TableInput, "events">): string {
  return dayWords.in(language)("no_events", { date: dateText(date, reader, now) });
}

function lines(rows: readonly Row[], input: TableInput): string[] {
  const all: string[] = [];
  let size = 0;
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = `| ${timeOf(row, input)} | ${wordsOf(row, input.language)} |`;
    size += line.length + 1;
    if (size > MOST_CHARACTERS) break;
    all.push(line);
  }
  return all;
}

function timeOf({ event, time }: Row, { language, reader }: TableInput): string {
  const say = dayWords.in(language);
  const clock = (moment: number) => clockText(moment, reader);
  if (time.kind === "through") return say("all_day");
  if (time.kind === "allDay" || event.time.allDay) {
    const many = time.kind === "allDay" && time.of > 1;
    return many ? `${say("all_day")} (${say("day_of", { day: time.day, of: time.of })})` : say("all_day");
  }
  const { end, start } = event.time;
  if (time.kind === "until") return say("until", { to: clock(end) });
  if (time.kind === "from") return say("from", { from: clock(start) });
  return `${clock(start)} – ${clock(end)}`;
}

function wordsOf({ event, flags, join }: Row, language: Language): string {
  const say = dayWords.in(language);
  const parts = [plainText(event.subject) || noSubject(language)];
  if (event.location !== "") parts.push(plainText(event.location, 80));
  for (const flag of flags) parts.push(`*${say(flag)}*`);
  if (join) parts.push(link(say("join"), join.url));
  return parts.join(" · ");
}
