/**
 * Reads, creates, changes, answers and removes events in a person's mailbox (docs/facts/microsoft-calendar.md 1, 2,
 * 5, 6, 7).
 */

import { z } from "zod";
import { type Credential, type GraphClient, GraphError } from "../../../microsoft/graph/index.ts";
import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { HowToAnswer } from "../rules/answer.ts";
import { isoOf, type Period } from "../rules/days.ts";
import { type CalendarEvent, readEvent } from "../rules/event.ts";
import { mergePages } from "../rules/view.ts";
import { EVENT_FIELDS, OUTLOOK_HEADERS } from "./fields.ts";
import { viewQuery } from "./view-query.ts";

/** A mailbox, and the rights by which it is read. */
export interface Mailbox {
  /** `/me`, or `/users/{object id}` with the app's own rights. */
  readonly base: string;
  readonly credential?: Credential;
}

/** An event, and when Outlook changed it last: milliseconds since 1970, null if Graph does not say. */
export interface ReadEvent {
  readonly event: CalendarEvent;
  readonly modifiedAt: number | null;
}

export type CallOptions = { readonly signal?: AbortSignal };

export const ownMailbox = (credential: Credential): Mailbox => ({ base: "/me", credential });

/** A calendar view refuses these two fields. */
const FIELDS_OF_ONE = `${EVENT_FIELDS},createdDateTime,lastModifiedDateTime`;
const PAGE = 100;
/** Enough for two months of a person with ten meetings a day. */
const MOST_EVENTS = 1_000;

const times = lazy(() => z.object({ lastModifiedDateTime: z.string().catch("") }));
const list = lazy(() => z.object({ value: z.array(z.unknown()) }));

/** Answers null if the event no longer exists, or cannot be read. */
export async function eventById(
  graph: GraphClient,
  { base, credential }: Mailbox,
  id: string,
  options: CallOptions = {},
): Promise<ReadEvent | null> {
  try {
    const json = await graph.request({
      path: `${base}/events/${encodeURIComponent(id)}?$select=${FIELDS_OF_ONE}`,
      headers: OUTLOOK_HEADERS,
      answer: z.unknown(),
      ...(credential ? { credential } : {}),
      ...options,
    });
    return readOne(json);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/**
 * Finds the same meeting after its id changed. For a series there is no way to tell which occurrence was wanted; this
 * answers the first.
 */
export async function eventByUid(
  graph: GraphClient,
  { base, credential }: Mailbox,
  iCalUId: string,
): Promise<CalendarEvent | null> {
  const filter = encodeURIComponent(`iCalUId eq '${iCalUId.replaceAll("'", "''")}'`);
  const { value } = await graph.request({
    path: `${base}/events?$filter=${filter}&$top=2&$select=${FIELDS_OF_ONE}`,
    headers: OUTLOOK_HEADERS,
    answer: list(),
    ...(credential ? { credential } : {}),
  });
  return value.map(readEvent).find((event) => event !== null) ?? null;
}

/** Answers each event once, by time. All-day events fall on their dates in `zone`. */
export async function eventsBetween(
  graph: GraphClient,
  { base, credential }: Mailbox,
  wanted: Period,
  zone: ZoneId,
): Promise<readonly CalendarEvent[]> {
  const found: unknown[] = [];
  const items = graph.items<unknown>({
    path: `${base}/calendarView?${viewQuery(wanted)}`,
    headers: OUTLOOK_HEADERS,
    ...(credential ? { credential } : {}),
  });
  for await (const item of items) {
    found.push(item);
    if (found.length >= MOST_EVENTS) break;
  }
  return mergePages([found], wanted, zone).events;
}

/** Answers the first occurrences of a series, exceptions included. */
export async function instancesBetween(
  graph: GraphClient,
  { base, credential }: Mailbox,
  seriesId: string,
  { from, most, to }: Period & { readonly most: number },
): Promise<readonly CalendarEvent[]> {
  const query = `startDateTime=${isoOf(from)}&endDateTime=${isoOf(to)}&$top=${most}&$select=${EVENT_FIELDS}`;
  const { value } = await graph.request({
    path: `${base}/events/${encodeURIComponent(seriesId)}/instances?${query}`,
    headers: OUTLOOK_HEADERS,
    answer: list(),
    ...(credential ? { credential } : {}),
  });
  const events = value.flatMap((one) => readEvent(one) ?? []);
  return events.sort((a, b) => startOf(a) - startOf(b)).slice(0, most);
}

function startOf({ time }: CalendarEvent): number {
  return time.allDay ? Date.parse(time.startDate) : time.start;
}

/** Yields masters and single events that changed since then. Deleted events are not among them. */
export async function* eventsChangedSince(
  graph: GraphClient,
  { base, credential }: Mailbox,
  since: number,
  options: CallOptions = {},
): AsyncIterable<ReadEvent> {
  const filter = encodeURIComponent(`lastModifiedDateTime ge ${isoOf(since)}`);
  const items = graph.items<unknown>({
    path: `${base}/events?$filter=${filter}&$top=${PAGE}&$select=${FIELDS_OF_ONE}`,
    headers: OUTLOOK_HEADERS,
    ...(credential ? { credential } : {}),
    ...options,
  });
  for await (const item of items) {
    const read = readOne(item);
    if (read) yield read;
  }
}

/**
 * Creates an event; `body` is Graph's event. Its `transactionId` makes every repetition answer the first result.
 */
export async function createEvent(
  graph: GraphClient,
  { base, credential }: Mailbox,
  body: Readonly<Record<string, unknown>>,
): Promise<CalendarEvent> {
  const json = await graph.request({
    method: "POST",
    path: `${base}/events`,
    headers: OUTLOOK_HEADERS,
    body,
    answer: z.unknown(),
    // The `transactionId` makes a repetition safe.
    tries: 2,
    ...(credential ? { credential } : {}),
  });
  const event = readEvent(json);
  if (!event) throw new Error("Graph answered without the event that it made");
  return event;
}

export async function patchEvent(
  graph: GraphClient,
  { base, credential }: Mailbox,
  id: string,
  change: Readonly<Record<string, unknown>>,
): Promise<CalendarEvent | null> {
  const json = await graph.request({
    method: "PATCH",
    path: `${base}/events/${encodeURIComponent(id)}`,
    headers: OUTLOOK_HEADERS,
    body: change,
    answer: z.unknown(),
    ...(credential ? { credential } : {}),
  });
  return readEvent(json);
}

/** Sends an answer to the organizer. Graph replies 202 without a body. */
export async function sendAnswer(
  graph: GraphClient,
  { base, credential }: Mailbox,
  id: string,
  { call, comment, proposedNewTime, sendResponse }: HowToAnswer & { readonly ok: true },
): Promise<void> {
  await graph.request({
    method: "POST",
    path: `${base}/events/${encodeURIComponent(id)}/${call}`,
    headers: OUTLOOK_HEADERS,
    body: {
      sendResponse,
      ...(comment === undefined ? {} : { comment }),
      ...(proposedNewTime === undefined ? {} : { proposedNewTime }),
    },
    ...(credential ? { credential } : {}),
  });
}

/** Removes an event from the person's own calendar, where the organizer wants no answer. */
export async function removeEvent(graph: GraphClient, mailbox: Mailbox, id: string): Promise<void> {
  const { base, credential } = mailbox;
  await graph.request({
    method: "DELETE",
    path: `${base}/events/${encodeURIComponent(id)}`,
    ...(credential ? { credential } : {}),
  });
}

const calendar = lazy(() =>
  z.object({ allowedOnlineMeetingProviders: z.array(z.string()).nullish().catch(null) }),
);

/** Answers whether the person's calendar supports Teams meetings; true if Graph does not say. */
export async function makesTeamsMeetings(
  graph: GraphClient,
  { base, credential }: Mailbox,
): Promise<boolean> {
  const { allowedOnlineMeetingProviders: allowed } = await graph.request({
    path: `${base}/calendar?$select=allowedOnlineMeetingProviders`,
    answer: calendar(),
    ...(credential ? { credential } : {}),
  });
  return allowed?.includes("teamsForBusiness") ?? true;
}

function readOne(json: unknown): ReadEvent | null {
  const event = readEvent(json);
  if (!event) return null;
  const modified = Date.parse(times().parse(json).lastModifiedDateTime);
  return { event, modifiedAt: Number.isNaN(modified) ? null : modified };
}

/**
 * Answers true if the event was deleted, was moved, or never was in this mailbox. A missing mailbox is a different
 * error.
 */
export function isGone(error: unknown): boolean {
  return error instanceof GraphError && error.status === 404 && !isNoMailbox(error);
}

/** No licence, on-premises or inactive, or the person left the tenant. The error says nothing about an event. */
export function isNoMailbox(error: unknown): boolean {
  return (
    error instanceof GraphError &&
    /^MailboxNot(Enabled|Supported)ForRESTAPI$|^(ErrorInvalidUser|ResourceNotFound|Request_ResourceNotFound)$/i.test(
      error.code,
    )
  );
}
