/** Computes where events are drawn on a day: in the row above the hours, or in columns side by side. */

import type { CalendarEvent } from "../api.ts";
import { addDays, dateOf, minutesOf } from "../dates.ts";

export const DAY_MINUTES = 1_440;
/** A shorter event would have no room for text. */
const LEAST_MINUTES = 25;

export interface Placed {
  readonly event: CalendarEvent;
  /** In minutes since midnight by the wall clock; parts on other days are cut off. */
  readonly from: number;
  readonly to: number;
  readonly column: number;
  /** Number of columns in its group: all events that overlap, directly or through others. */
  readonly columns: number;
}

export interface DayPlan {
  readonly date: string;
  readonly allDay: readonly CalendarEvent[];
  readonly timed: readonly Placed[];
}

export function planDay(events: readonly CalendarEvent[], date: string): DayPlan {
  const here = events.filter((event) => isOn(event, date));
  const isWhole = (event: CalendarEvent) =>
    event.allDay || (dateOf(event.start) < date && event.end >= `${addDays(date, 1)}T00:00`);
  return {
    date,
    allDay: here.filter(isWhole).sort(byStart),
    timed: sideBySide(here.filter((event) => !isWhole(event)).map((event) => cut(event, date))),
  };
}

/** An event without a length is on the day on which it begins; one that ends at midnight is not on the next day. */
export function isOn({ end, start }: CalendarEvent, date: string): boolean {
  const first = dateOf(start);
  if (first === date) return true;
  return first < date && end > (end.length > 10 ? `${date}T00:00` : date);
}

export const byStart = (a: CalendarEvent, b: CalendarEvent): number =>
  compare(a.start, b.start) || compare(b.end, a.end) || compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Span = Omit<Placed, "column" | "columns">;

function cut(event: CalendarEvent, date: string): Span {
  const from = dateOf(event.start) < date ? 0 : minutesOf(event.start);
  const to = dateOf(event.end) > date ? DAY_MINUTES : minutesOf(event.end);
  return { event, from, to };
}

/** The end of the drawn time. */
const drawnEnd = ({ from, to }: Span): number => Math.max(to, from + LEAST_MINUTES);

function sideBySide(spans: readonly Span[]): Placed[] {
  const placed: Placed[] = [];
  let group: (Span & { readonly column: number })[] = [];
  let columnEnds: number[] = [];
  const close = () => {
    placed.push(...group.map((one) => ({ ...one, columns: columnEnds.length })));
    group = [];
    columnEnds = [];
  };
  const inOrder = [...spans].sort((a, b) => a.from - b.from || b.to - a.to || byStart(a.event, b.event));
  for (const span of inOrder) {
    if (columnEnds.every((end) => end <= span.from)) close();
    const free = columnEnds.findIndex((end) => end <= span.from);
    const column = free < 0 ? columnEnds.length : free;
    columnEnds[column] = drawnEnd(span);
    group.push({ ...span, column });
  }
  close();
  return placed;
}
