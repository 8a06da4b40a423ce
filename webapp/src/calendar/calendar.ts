/** Loads the person's events around the days that are shown. */

import { Refusal } from "../console/api.ts";
import { type Subject, subject } from "../host/subject.ts";
import type { AnswerRequest, CalendarApi, CalendarEvent } from "./api.ts";
import { type Changes, changesBetween } from "./changes.ts";
import { addDays, startOfDay } from "./dates.ts";

export interface Known {
  readonly at: "loading" | "ready" | "not_connected" | "failed";
  readonly events: readonly CalendarEvent[];
  /** The error of the last read; loaded events stay. */
  readonly error: Error | null;
  readonly isReading: boolean;
  /** The time zone of the shown times. */
  readonly zone: string;
  /** The changes of the last read; null after the first one of a period. */
  readonly news: Changes | null;
}

export interface Calendar {
  readonly state: Subject<Known>;
  /** Shows the days from `first` to `last`; loaded days are not read again. */
  show(first: string, last: string): void;
  refresh(): Promise<void>;
  /** Reads days again that are older than half a minute, because the person came back to the window. */
  refreshOld(): void;
  /** Called when the account was connected or disconnected. */
  connectionChanged(): void;
  answer(id: string, request: AnswerRequest): Promise<CalendarEvent>;
}

const OLD_MS = 30_000;
const NOT_CONNECTED = new Set(["not_connected", "connection_lost", "consent_required"]);

export interface CalendarPorts {
  readonly api: Pick<CalendarApi, "events" | "answer">;
  readonly now: () => number;
  /** Used until the response tells the person's time zone. */
  readonly zone: string;
}

interface Period {
  readonly first: string;
  readonly last: string;
}

export function createCalendar({ api, now, zone: ownZone }: CalendarPorts): Calendar {
  const state = subject<Known>({
    ...{ at: "loading", events: [], error: null, isReading: false, zone: ownZone, news: null },
  });
  let period: Period | null = null;
  /** The period of the known events: another one may be on its way. */
  let known: Period | null = null;
  let readAt = 0;
  let reading = 0;

  const set = (change: Partial<Known>) => state.set({ ...state.current(), ...change });

  async function read(): Promise<void> {
    if (!period) return;
    reading += 1;
    const mine = reading;
    const wanted = period;
    const isSamePeriod = wanted === known;
    const { zone } = state.current();
    set({ isReading: true, news: null });
    try {
      const events = await api.events(
        startOfDay(wanted.first, zone),
        startOfDay(addDays(wanted.last, 1), zone),
      );
      if (mine !== reading) return;
      readAt = now();
      known = wanted;
      const before = state.current();
      const news = isSamePeriod && before.at === "ready" ? changesBetween(before.events, events) : null;
      set({
        ...{ at: "ready", events, error: null, isReading: false, news },
        zone: events[0]?.zone ?? before.zone,
      });
    } catch (thrown) {
      if (mine !== reading) return;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const refused = error instanceof Refusal && NOT_CONNECTED.has(error.code);
      const hasOld = state.current().at === "ready" && isSamePeriod;
      set({
        ...{ at: refused ? "not_connected" : hasOld ? "ready" : "failed", error, isReading: false },
        ...(refused ? { events: [] } : {}),
      });
    }
  }

  return {
    state,
    show(first, last) {
      if (period && period.first <= first && last <= period.last) return;
      // A week more on both sides, so that the next week is available at once.
      period = { first: addDays(first, -7), last: addDays(last, 7) };
      if (state.current().at === "ready") set({ isReading: true });
      void read();
    },
    refresh: () => read(),
    refreshOld() {
      if (now() - readAt >= OLD_MS) void read();
    },
    connectionChanged() {
      set({ at: "loading", error: null });
      void read();
    },
    async answer(id, request) {
      const event = await api.answer(id, request);
      const { events } = state.current();
      // For a series, the response is the master event: the occurrences are read again.
      if (request.series) void read();
      else set({ events: events.map((one) => (one.id === id ? { ...one, ...event } : one)), news: null });
      return event;
    },
  };
}
