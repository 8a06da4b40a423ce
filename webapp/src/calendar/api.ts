/** Calls the calendar's routes (server/features/calendar/events/events-routes.ts) from the web app. */

import { send } from "../console/api.ts";
import type { EventRequest } from "./event-form/draft.ts";
import type { CalendarSettings, SettingsChange } from "./settings.ts";

export type Answer = "accept" | "tentative" | "decline";

export interface Person {
  readonly name: string;
  readonly address: string;
}

export interface CalendarEvent {
  readonly id: string;
  readonly subject: string;
  /**
   * Wall times in `zone` (`2026-11-30T09:00`). For an all-day event they are dates, and the end is the first date
   * after it.
   */
  readonly start: string;
  readonly end: string;
  readonly zone: string;
  readonly allDay: boolean;
  readonly location: string;
  readonly description: string;
  readonly seriesMasterId: string | null;
  readonly showAs: string;
  readonly private: boolean;
  readonly cancelled: boolean;
  readonly isOrganizer: boolean;
  readonly organizer: Person | null;
  readonly attendees: readonly Person[];
  readonly answer: Answer | null;
  readonly unanswered: boolean;
  /** Whether the organiser is waiting for an answer. */
  readonly answerable: boolean;
  readonly proposalsAllowed: boolean;
  /** An https address. */
  readonly joinUrl: string | null;
  readonly webLink: string | null;
}

export interface AnswerRequest {
  readonly answer: Answer;
  readonly comment?: string;
  readonly proposedStart?: string;
  readonly proposedEnd?: string;
  readonly zone?: string;
  readonly series?: boolean;
}

export interface Attendee {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  /** Whether the person has connected an account, so that an invitation surely arrives. */
  readonly connected: boolean;
}

export interface Proposal {
  readonly start: string;
  readonly end: string;
  /** How many of the `known` people are free. */
  readonly free: number;
  readonly known: number;
}

export interface Times {
  readonly zone: string;
  readonly proposals: readonly Proposal[];
}

export interface CalendarApi {
  /** Moments in RFC 3339. */
  events(from: string, to: string): Promise<readonly CalendarEvent[]>;
  answer(id: string, request: AnswerRequest): Promise<CalendarEvent>;
  create(event: EventRequest): Promise<{ readonly notInvited?: readonly string[] }>;
  attendees(search: string): Promise<readonly Attendee[]>;
  times(wanted: {
    readonly channelId: string;
    readonly rootId?: string;
    readonly minutes: number;
  }): Promise<Times>;
  settings(): Promise<CalendarSettings>;
  change(part: SettingsChange): Promise<CalendarSettings>;
}

/** Rejects with `Refusal` when the server refuses, with `TypeError` when it cannot be reached. */
export function createCalendarApi(request: typeof send = send): CalendarApi {
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await request(
      method,
      `/api/v1/calendar${path}`,
      body === undefined ? null : JSON.stringify(body),
    );
    return response.json();
  };
  return {
    events: (from, to) => json("GET", `/events?${new URLSearchParams({ from, to })}`),
    answer: (id, body) => json("POST", `/events/${encodeURIComponent(id)}/answer`, body),
    create: (event) => json("POST", "/events", event),
    attendees: (search) => json("GET", `/attendees?${new URLSearchParams({ search })}`),
    times: (wanted) => json("POST", "/times", wanted),
    settings: () => json("GET", "/settings"),
    change: (part) => json("PUT", "/settings", part),
  };
}
