/** The driving node's data about members. */

import type { Alarms } from "../../../platform/work/alarms.ts";
import type { User } from "../../../runtime/mattermost/index.ts";
import type { AccessBy } from "../outlook/access.ts";
import type { ViewFailure } from "../outlook/view.ts";
import { type Member, zoneOfMember } from "../preferences/members.ts";
import type { CalendarEvent } from "../rules/event.ts";
import type { StatusNow } from "../rules/status.ts";
import type { DayRecord } from "./day-store.ts";
import { settingsInSight } from "./sight.ts";

export interface DayPerson {
  readonly userId: string;
  member: Member;
  record: DayRecord;
  events: readonly CalendarEvent[];
  /** When `events` were read; null before the first read. */
  readAt: number | null;
  /** How often reading has failed in a row, and when it may be tried again. */
  failure: { readonly count: number; readonly until: number; readonly why: ViewFailure } | null;
  /** With whose permissions they were last read. */
  readBy: AccessBy | null;
  /** When the next alarm for a look fires. */
  nextLookAt: number | null;
  user: { readonly data: User; readonly at: number } | null;
  /** The status at the last look. */
  status: StatusNow | null;
  reading: boolean;
  readAgain: boolean;
  looking: boolean;
  lookAgain: boolean;
  /** When the alarm for the current look was set to fire; used for metrics. */
  plannedAt: number | null;
}

/** Features that the server's configuration allows. */
export interface ServerFacts {
  readonly statuses: boolean;
  readonly custom: boolean;
}

/** Everything that exists for one period of driving. */
export interface Round {
  readonly people: Map<string, DayPerson>;
  readonly server: { now: ServerFacts };
  readonly alarms: Alarms;
  readonly signal: AbortSignal;
}

export function newPerson(userId: string, member: Member, record: DayRecord): DayPerson {
  return {
    ...{ userId, member, record, events: [], readAt: null, failure: null, user: null, status: null },
    ...{ readBy: null, nextLookAt: null },
    ...{ reading: false, readAgain: false, looking: false, lookAgain: false, plannedAt: null },
  };
}

/** Nobody's calendar is read for a status that the server does not support. */
export function settingsOf(
  { member }: DayPerson,
  { server }: Pick<Round, "server">,
): ReturnType<typeof settingsInSight> {
  return settingsInSight(member, { known: true, ...server.now });
}

export function zoneOfPerson({ member, user }: DayPerson) {
  return zoneOfMember(member, user?.data ?? null);
}

/** A person's time zone and language rarely change. */
const USER_MS = 6 * 3_600_000;

/** No event reports that an account was activated again. */
const INACTIVE_MS = 5 * 60_000;

export function isUserOld(person: DayPerson, now: number): boolean {
  const { user } = person;
  return user === null || now - user.at > (isInactive(person) ? INACTIVE_MS : USER_MS);
}

/** Whether the account is deactivated in Mattermost. */
export function isInactive({ user }: DayPerson): boolean {
  return user !== null && user.data.DeleteAt > 0;
}
