/**
 * The state of the calendar for the System Console.
 *
 *   GET /api/v1/admin/calendar   CalendarState
 *
 * It contains numbers, times and codes: nobody's name and nothing of an event. A calendar that is switched off
 * answers `{"isOn": false}` and nothing else.
 */

import type { Diagnostics } from "../../../platform/feature.ts";
import type { CalendarCore } from "../core.ts";
import type { Counts, DriverCounts, LastFailure } from "./statistics.ts";

/** All times are in milliseconds since 1970. */
export interface CalendarState {
  readonly isOn: true;
  readonly members: {
    /** Connected people with a record of the calendar. */
    readonly all: number;
    /** How many of them use each. */
    readonly status: number;
    readonly customStatus: number;
    readonly reminders: number;
    readonly notifications: number;
    readonly summary: number;
  };
  /**
   * People whose day is driven: everybody who wants a status, a custom status, reminders or a summary. `readByApp`
   * with the application permission, `readByPerson` with their own token; `failing` by reason: `not_connected`,
   * `no_mailbox`, `denied`, `unavailable`. At most a minute old (`at`). null: no node drives yet.
   */
  readonly day: DriverCounts | null;
  readonly done: { readonly today: Counts; readonly sevenDays: Counts };
  /** `code`: ours, or a status and code of Microsoft such as `403 ErrorAccessDenied`. */
  readonly lastFailure: LastFailure | null;
  /** Events that members linked to channels. */
  readonly linkedEvents: number;
}

export interface StatePorts {
  readonly core: Pick<CalendarCore, "statistics" | "members">;
  readonly linkedEvents: () => Promise<number>;
}

export async function readState({ core, linkedEvents }: StatePorts): Promise<CalendarState> {
  const members = { all: 0, status: 0, customStatus: 0, reminders: 0, notifications: 0, summary: 0 };
  for await (const [, { settings }] of core.members.all()) {
    members.all += 1;
    members.status += Number(settings.status !== "off");
    members.customStatus += Number(settings.customStatus);
    members.reminders += Number(settings.reminders);
    members.notifications += Number(settings.notifications);
    members.summary += Number(settings.summary.enabled);
  }
  const { driver, failure, sevenDays, today } = await core.statistics.read();
  return {
    isOn: true,
    ...{ members, day: driver, done: { today, sevenDays } },
    ...{ lastFailure: failure, linkedEvents: await linkedEvents() },
  };
}

/** Diagnostics for the support packet. */
export async function calendarDiagnostics(ports: StatePorts): Promise<Diagnostics> {
  const { day, done, lastFailure, linkedEvents, members } = await readState(ports);
  const failing = Object.values(day?.failing ?? {}).reduce((sum, count) => sum + count, 0);
  return {
    ...{ on: true, members: members.all, linked_events: linkedEvents },
    ...{ days_kept: day?.members ?? 0, read_by_app: day?.readByApp ?? 0 },
    ...{ read_by_person: day?.readByPerson ?? 0, mailboxes_failing: failing },
    status_changes_seven_days: done.sevenDays.statusChanges,
    cards_seven_days: done.sevenDays.cards,
    last_failure: lastFailure ? `${lastFailure.what} ${lastFailure.code}` : "",
  };
}
