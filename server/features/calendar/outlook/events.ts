/** Events in a person's mailbox: reading, making, changing, answering (docs/facts/microsoft-calendar.md 1, 2, 5, 6, 7). */

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

/** Whose mailbox, and by whose rights it is read. */
export interface Mailbox {
  /** `/me`, or `/users/{object id}` with the app's own rights. */
  readonly base: string;
  readonly credential?: Credential;
}

/** An event and when Outlook changed it last; milliseconds since 1970, null where Graph does not say. */
export interface ReadEvent {
  readonly event: CalendarEvent;
  readonly modifiedAt: number | null;
}

export type CallOptions = { readonly signal?: AbortSignal };

export const ownMailbox = (credential: Credential): Mailbox => ({ base: "/me", credential });

/** A calendar view refuses these two. */
const FIELDS_OF_ONE = `${EVENT_FIELDS},createdDateTime,lastModifiedDateTime`;
const PAGE = 100;
/** Two months of somebody with ten meetings a day. */
const MOST_EVENTS = 1_000;

const times = lazy(() => z.object({ lastModifiedDateTime: z.string().catch("") }));
const list = lazy(() => z.object({ value: z.array(z.unknown()) }));

/** null when the event is not there any more, or is none that can be read. */
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

/** The same meeting after its id changed. Of a series, nothing says which occurrence was meant: the first is taken. */
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

/** By time, each once. All-day events are on their dates in `zone`. */
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

/** Occurrences of a series, exceptions included; the first so many. */
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

/** Masters and single events that changed since then, without deleted ones. */
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

/** `body` is Graph's event; its `transactionId` makes the first result that of every repetition. */
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
    // Repeated safely, see above.
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

/** 202 without a body. */
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

/** Removes an event from the person's own calendar, where no answer is wanted. */
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

/** Whether the person's calendar makes Teams meetings. Where Graph does not say, it may. */
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

/** Gone, moved, or never in this mailbox. A mailbox that does not exist is another matter. */
export function isGone(error: unknown): boolean {
  return error instanceof GraphError && error.status === 404 && !isNoMailbox(error);
}

/** No licence, on-premises, inactive; or the person is gone from the tenant. Nothing can be said about an event. */
export function isNoMailbox(error: unknown): boolean {
  return (
    error instanceof GraphError &&
    /^MailboxNot(Enabled|Supported)ForRESTAPI$|^(ErrorInvalidUser|ResourceNotFound|Request_ResourceNotFound)$/i.test(
      error.code,
    )
  );
}
