/** Decides which change of an event becomes a notification, and lists the old and new values of an update. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { periodOf } from "./days.ts";
import type { CalendarEvent, EventTime } from "./event.ts";

/** The fields of an event that are stored between two changes. Plain JSON. */
export type RememberedEvent = Pick<
  CalendarEvent,
  | "changeKey"
  | "subject"
  | "time"
  | "location"
  | "joinUrl"
  | "response"
  | "cancelled"
  | "organizedByMe"
  | "type"
  | "private"
>;

export interface EventChange {
  readonly change: "created" | "updated" | "deleted";
  readonly previous: RememberedEvent | null;
  /** As Graph has it now; null if it cannot be read any more. */
  readonly current: CalendarEvent | null;
  readonly subscribedAt: number;
  readonly zone: ZoneId;
}

export type ChangedField =
  | { readonly field: "subject" | "location" | "join"; readonly from: string; readonly to: string }
  | { readonly field: "when"; readonly from: EventTime; readonly to: EventTime };

/** `answer`: the card has buttons. */
export type Notification =
  | { readonly kind: "new"; readonly answer: boolean }
  | { readonly kind: "updated"; readonly changed: readonly ChangedField[]; readonly answer: boolean }
  | { readonly kind: "cancelled" }
  | { readonly kind: "none"; readonly why: NoNotification };

export type NoNotification =
  | "own"
  | "unknown_event"
  | "declined"
  | "past"
  | "duplicate"
  /** The card of the whole series covers it. */
  | "series"
  /** Older than the subscription: stored without a notification. */
  | "baseline"
  | "answered_elsewhere"
  | "minor";

const none = (why: NoNotification): Notification => ({ kind: "none", why });

export function notificationOf(change: EventChange, now: number): Notification {
  const { current, previous } = change;
  if (!current || change.change === "deleted") return gone(change, now);
  if (current.organizedByMe) return none("own");
  const before = previous ?? unmoved(current);
  if (before && before.changeKey !== "" && before.changeKey === current.changeKey) return none("duplicate");
  if (isPast(current, change.zone, now) && (!before || isPast(before, change.zone, now))) return none("past");
  if (current.cancelled) return cancelled(before);
  return before ? update(before, current) : first(current, change.subscribedAt);
}

/** A deleted event cannot be read, so everything we can say comes from the remembered event. */
function gone({ previous, zone }: EventChange, now: number): Notification {
  if (!previous) return none("unknown_event");
  if (previous.organizedByMe) return none("own");
  if (isPast(previous, zone, now)) return none("past");
  return cancelled(previous);
}

/** Declining an event deletes it from the mailbox, so a deletion after that is not announced. */
function cancelled(before: RememberedEvent | null): Notification {
  if (!before) return none("unknown_event");
  if (before.cancelled) return none("duplicate");
  return before.response === "declined" ? none("declined") : { kind: "cancelled" };
}

function first(current: CalendarEvent, subscribedAt: number): Notification {
  if (current.type === "occurrence" || current.type === "exception") return none("series");
  if (current.createdAt !== null && current.createdAt < subscribedAt) return none("baseline");
  if (current.response !== "notResponded" && current.response !== "none") return none("answered_elsewhere");
  return { kind: "new", answer: canAnswer(current) };
}

function update(before: RememberedEvent, current: CalendarEvent): Notification {
  const changed = changedFields(before, current);
  return changed.length === 0 ? none("minor") : { kind: "updated", changed, answer: canAnswer(current) };
}

/**
 * The event before a move. The first notification about an occurrence is its move; its old time comes from the series.
 */
export function unmoved(current: CalendarEvent): RememberedEvent | null {
  const { type, originalStart, time } = current;
  if (type !== "exception" || originalStart === null || time.allDay || time.start === originalStart)
    return null;
  const end = originalStart + (time.end - time.start);
  return { ...current, changeKey: "", cancelled: false, time: { allDay: false, start: originalStart, end } };
}

export function changedFields(before: RememberedEvent, current: RememberedEvent): ChangedField[] {
  const changed: ChangedField[] = [];
  const text = (field: "subject" | "location" | "join", from: string, to: string) => {
    if (from !== to) changed.push({ field, from, to });
  };
  text("subject", before.subject, current.subject);
  if (!sameTime(before.time, current.time))
    changed.push({ field: "when", from: before.time, to: current.time });
  text("location", before.location, current.location);
  text("join", before.joinUrl, current.joinUrl);
  return changed;
}

/** The same moments in another zone are the same time. */
function sameTime(a: EventTime, b: EventTime): boolean {
  if (a.allDay) return b.allDay && a.startDate === b.startDate && a.endDate === b.endDate;
  return !b.allDay && a.start === b.start && a.end === b.end;
}

function canAnswer(event: CalendarEvent): boolean {
  return event.responseRequested && !event.organizedByMe && !event.cancelled;
}

/** A series has the time of its first occurrence, which may be years ago; the series goes on. */
export function isPast(
  { type, time }: Pick<CalendarEvent, "type" | "time">,
  zone: ZoneId,
  now: number,
): boolean {
  return type !== "seriesMaster" && periodOf(time, zone).to <= now;
}
