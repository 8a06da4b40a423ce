/** Describes a mailbox of the fake Graph and the events in it, and makes new ones. */

import { randomUUID } from "node:crypto";
import type { ZonedWallTime } from "../../../server/microsoft/time-zones/index.ts";
import type { Person } from "../tenant.ts";
import { wallTime } from "./event-times.ts";
import { Refusal } from "./refusal.ts";

type Json = Record<string, unknown>;

/** Graph's JSON of an event. Times are stored in UTC, all-day events from midnight to midnight. */
export interface StoredEvent extends Json {
  id: string;
  start: ZonedWallTime;
  end: ZonedWallTime;
  changeKey: string;
}

export interface Mailbox {
  readonly owner: Person;
  readonly events: Map<string, StoredEvent>;
  /** Calendars beside the default one, by id; `owner` is an address where it is somebody else's. */
  readonly others: Map<string, { readonly owner?: string; readonly events: Map<string, StoredEvent> }>;
  /** `GET …/mailboxSettings`. */
  settings: Json;
  /** Lever: the answer to every request for this mailbox. */
  failure: (() => Refusal) | null;
  /** Lever: how many of the next requests for it get 429. */
  throttleNext: number;
  /** Seconds of the Retry-After of a 429. */
  retryAfter: number;
  /** Lever: outside the application access policy, so closed to the app's own token. */
  deniedToApps: boolean;
  /** Lever: whether its calendar supports Teams meetings. */
  teamsMeetings: boolean;
  /** Number of requests that reached it. */
  requests: number;
}

/** An empty mailbox that works. */
export function newMailbox(owner: Person): Mailbox {
  return {
    owner,
    events: new Map(),
    others: new Map(),
    settings: {
      timeZone: "W. Europe Standard Time",
      timeFormat: "HH:mm",
      dateFormat: "dd.MM.yyyy",
      language: { locale: "en-US", displayName: "English (United States)" },
      userPurpose: "user",
      automaticRepliesSetting: { status: "disabled" },
      workingHours: {
        daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"],
        startTime: "08:00:00.0000000",
        endTime: "17:00:00.0000000",
        timeZone: { name: "W. Europe Standard Time" },
      },
    },
    failure: null,
    throttleNext: 0,
    retryAfter: 1,
    deniedToApps: false,
    teamsMeetings: true,
    requests: 0,
  };
}

/** Refuses an id that the mailbox does not hold. */
export function eventIn(box: Mailbox, id: string): StoredEvent {
  const event = box.events.get(decodeURIComponent(id));
  if (!event) throw new Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.");
  return event;
}

/** A complete event of a person who was invited by a colleague, with the fields of `part` on top. */
export function eventJson(
  owner: Person,
  from: number | string,
  to: number | string,
  part: Json = {},
): StoredEvent {
  const id = typeof part.id === "string" ? part.id : `AAMkA${randomUUID().replaceAll("-", "")}=`;
  const address = { name: owner.displayName, address: owner.mail ?? owner.userPrincipalName };
  return {
    iCalUId: `040000008200E00074C5B7101A82E008${id.slice(-8)}`,
    uid: `uid-${id}`,
    type: "singleInstance",
    seriesMasterId: null,
    subject: "Meeting",
    bodyPreview: "",
    body: { contentType: "text", content: "" },
    location: { displayName: "" },
    isAllDay: typeof from === "string",
    showAs: "busy",
    responseStatus: { response: "accepted", time: "2026-01-01T00:00:00Z" },
    sensitivity: "normal",
    isCancelled: false,
    isOrganizer: false,
    organizer: { emailAddress: { name: "Olga Organizer", address: "olga@harbor.example" } },
    attendees: [{ type: "required", status: { response: "accepted" }, emailAddress: address }],
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(id)}`,
    isOnlineMeeting: false,
    onlineMeetingProvider: "unknown",
    onlineMeeting: null,
    responseRequested: true,
    allowNewTimeProposals: true,
    isReminderOn: true,
    reminderMinutesBeforeStart: 15,
    importance: "normal",
    hideAttendees: false,
    originalStartTimeZone: "UTC",
    originalEndTimeZone: "UTC",
    createdDateTime: "2026-01-01T00:00:00Z",
    ...part,
    id,
    start: wallTime(from),
    end: wallTime(to),
    changeKey: randomUUID(),
  };
}
