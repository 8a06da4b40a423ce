/**
 * Events of the fake Graph: created, changed, cancelled, answered, and free/busy (docs/facts/microsoft-calendar.md 5
 * to 7). A meeting has a copy in the mailbox of each guest of the organisation; all copies share one iCalUId.
 */

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { instantOf, type ZonedWallTime, zoneOf } from "../../../server/microsoft/time-zones/index.ts";
import type { GraphToken } from "../entra/server.ts";
import type { Calendars } from "./calendars.ts";
import { momentIn, wallTime } from "./event-times.ts";
import { eventIn, eventJson, type Mailbox, type StoredEvent } from "./mailbox.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { type CalendarContext, shown } from "./shown-events.ts";

type Json = Record<string, unknown>;

const writable = new Set(
  `subject body start end isAllDay location attendees isOnlineMeeting onlineMeetingProvider recurrence
   transactionId showAs sensitivity importance responseRequested allowNewTimeProposals isReminderOn
   reminderMinutesBeforeStart hideAttendees categories`
    .trim()
    .split(/\s+/),
);
const answers = {
  accept: "accepted",
  tentativelyAccept: "tentativelyAccepted",
  decline: "declined",
} as const;
const MOST_ATTENDEES = 500;
const MOST_SCHEDULES = 20;
const LONGEST_SUBJECT = 255;

const invalid = (message: string, code = "ErrorInvalidRequest") => new Refusal(400, code, message);

export function eventRoutes(calendars: Calendars): Hono<{ Variables: { token: GraphToken } }> {
  const app = new Hono<{ Variables: { token: GraphToken } }>();
  const json = async (c: CalendarContext): Promise<Json> => {
    const body: unknown = await c.req.json().catch(() => null);
    if (typeof body !== "object" || body === null || Array.isArray(body))
      throw badRequest("Unable to read JSON.");
    return body as Json;
  };
  const idOf = (c: CalendarContext) => c.req.param("id") ?? "";
  for (const base of ["/me", "/users/:user"]) {
    app.get(`${base}/events`, (c) => calendars.in(c, (box) => list(calendars, c, box)));
    app.post(`${base}/events`, (c) =>
      calendars.in(c, async (box) => c.json(shown(create(calendars, box, await json(c)), c), 201), "write"),
    );
    app.patch(`${base}/events/:id`, (c) =>
      calendars.in(
        c,
        async (box) => {
          const event = eventIn(box, idOf(c));
          const part = readPart(await json(c), event);
          if ("transactionId" in part)
            throw invalid("transactionId cannot be changed.", "ErrorInvalidProperty");
          return c.json(shown(calendars.meetings.change(box, event, part), c));
        },
        "write",
      ),
    );
    app.delete(`${base}/events/:id`, (c) =>
      calendars.in(
        c,
        (box) => {
          calendars.meetings.removeCopy(box, eventIn(box, idOf(c)));
          return c.body(null, 204);
        },
        "write",
      ),
    );
    for (const call of ["accept", "tentativelyAccept", "decline"] as const)
      app.post(`${base}/events/:id/${call}`, (c) =>
        calendars.in(
          c,
          async (box) => {
            answer(calendars, { box, event: eventIn(box, idOf(c)), call }, await json(c));
            return c.body(null, 202);
          },
          "write",
        ),
      );
    app.post(`${base}/events/:id/cancel`, (c) =>
      calendars.in(
        c,
        (box) => {
          const event = eventIn(box, idOf(c));
          if (event.isOrganizer !== true) throw invalid("You need to be an organizer to cancel a meeting.");
          calendars.meetings.cancel(box, event);
          return c.body(null, 202);
        },
        "write",
      ),
    );
    app.get(`${base}/events/:id/instances`, (c) =>
      calendars.in(c, (box) => {
        const master = eventIn(box, idOf(c));
        const moment = (name: string) => {
          const at = Date.parse(c.req.query(name) ?? "");
          if (Number.isNaN(at)) throw badRequest("This request requires a time window.");
          return at;
        };
        const [from, to] = [moment("startDateTime"), moment("endDateTime")];
        const found = [...box.events.values()].filter(
          (one) => one.seriesMasterId === master.id && momentIn(one.end) > from && momentIn(one.start) < to,
        );
        const top = Number(c.req.query("$top") ?? 10);
        return c.json({ value: found.slice(0, top).map((one) => shown(one, c)) });
      }),
    );
    app.post(`${base}/calendar/getSchedule`, (c) =>
      calendars.in(c, async () => c.json({ value: schedules(calendars, await json(c)) })),
    );
  }
  return app;
}

function list(calendars: Calendars, c: CalendarContext, box: Mailbox): Response {
  const filter = c.req.query("$filter") ?? "";
  const uid = /^iCalUId eq '(.*)'$/.exec(filter)?.[1]?.replaceAll("''", "'");
  const since = /^lastModifiedDateTime ge (\S+)$/.exec(filter)?.[1];
  if (filter !== "" && uid === undefined && since === undefined)
    throw badRequest("The sandbox filters by iCalUId and lastModifiedDateTime only.");
  const found = [...box.events.values()]
    .filter(({ type }) => type === "singleInstance" || type === "seriesMaster")
    .filter((one) => uid === undefined || one.iCalUId === uid)
    .filter((one) => since === undefined || String(one.lastModifiedDateTime ?? "") >= since);
  return calendars.page(c, found);
}

function create(calendars: Calendars, box: Mailbox, body: Json): StoredEvent {
  const part = readPart(body, null);
  const { transactionId } = part;
  if (typeof transactionId === "string") {
    const before = [...box.events.values()].find((one) => one.transactionId === transactionId);
    if (before) return before;
  }
  const { owner } = box;
  const organizer = { emailAddress: { name: owner.displayName, address: owner.mail } };
  const attendees = (part.attendees as Json[] | undefined) ?? [];
  const online = part.isOnlineMeeting === true;
  return calendars.meetings.arrange(box, {
    ...eventJson(owner, calendars.now(), calendars.now()),
    ...part,
    type: part.recurrence ? "seriesMaster" : "singleInstance",
    iCalUId: randomUUID(),
    isOrganizer: true,
    organizer,
    attendees,
    responseStatus: { response: attendees.length > 0 ? "organizer" : "none", time: "0001-01-01T00:00:00Z" },
    onlineMeeting: online ? { joinUrl: `https://teams.microsoft.com/l/meetup-join/${randomUUID()}` } : null,
    onlineMeetingProvider: online ? "teamsForBusiness" : "unknown",
  } as StoredEvent);
}

/** Reads the properties of an event from a body, with Exchange's checks. Times become UTC. */
function readPart(body: Json, before: StoredEvent | null): Json {
  const unknown = Object.keys(body).find((name) => !writable.has(name));
  if (unknown !== undefined)
    throw badRequest(
      `The property '${unknown}' does not exist on type 'microsoft.graph.event' or is read-only.`,
    );
  const part: Json = { ...body };
  const isAllDay = (body.isAllDay ?? before?.isAllDay) === true;
  for (const name of ["start", "end"] as const) {
    if (body[name] === undefined && before) continue;
    part[name] = readTime(body[name], isAllDay);
  }
  const { end, start } = { ...(before ?? {}), ...part } as { start: ZonedWallTime; end: ZonedWallTime };
  if (momentIn(end) < momentIn(start) || (isAllDay && momentIn(end) === momentIn(start)))
    throw invalid("The end time must be later than the start time.", "ErrorPropertyValidationFailure");
  if (typeof part.subject === "string") part.subject = [...part.subject].slice(0, LONGEST_SUBJECT).join("");
  const attendees = body.attendees as Json[] | undefined;
  if (attendees !== undefined) {
    if (!Array.isArray(attendees) || attendees.length > MOST_ATTENDEES)
      throw badRequest("Too many attendees.");
    for (const one of attendees) {
      const address = (one.emailAddress as Json | undefined)?.address;
      if (typeof address !== "string" || !address.includes("@"))
        throw invalid("At least one recipient isn't valid.", "ErrorInvalidRecipients");
    }
    part.attendees = attendees.map((one) => ({ type: "required", status: { response: "none" }, ...one }));
  }
  const text = (body.body as Json | undefined)?.content;
  if (typeof text === "string") part.bodyPreview = text.slice(0, 255);
  return part;
}

function readTime(value: unknown, isAllDay: boolean): ZonedWallTime {
  const { dateTime = "", timeZone = "" } = (value ?? {}) as Partial<ZonedWallTime>;
  if (!zoneOf(timeZone))
    throw new Refusal(400, "TimeZoneNotSupportedException", `The time zone '${timeZone}' is not supported.`);
  if (isAllDay) {
    if (!/T00:00(:00(\.0+)?)?$/.test(dateTime))
      throw invalid("The start and end of an all-day event must be midnight.", "ErrorInvalidRequest");
    return { dateTime: `${dateTime.slice(0, 10)}T00:00:00.0000000`, timeZone: "UTC" };
  }
  const at = instantOf({ dateTime, timeZone });
  if (at === null) throw badRequest(`The value '${dateTime}' cannot be read as a date and time.`);
  return wallTime(at);
}

function answer(
  calendars: Calendars,
  {
    box,
    call,
    event,
  }: { readonly box: Mailbox; readonly call: keyof typeof answers; readonly event: StoredEvent },
  body: Json,
): void {
  const unknown = Object.keys(body).find(
    (name) => !["comment", "sendResponse", ...(call === "accept" ? [] : ["proposedNewTime"])].includes(name),
  );
  if (unknown !== undefined) throw badRequest(`The parameter '${unknown}' is not in method '${call}'.`);
  if (event.isOrganizer === true)
    throw invalid("You can't respond to this meeting because you're the meeting organizer.");
  if (event.isCancelled === true) throw invalid("You can't respond to a meeting that's been canceled.");
  const sendResponse = body.sendResponse !== false;
  if (event.responseRequested === false && (sendResponse || calendars.refusesUnwanted))
    throw invalid("Your request can't be completed. The meeting organizer hasn't requested a response.");
  if (!sendResponse && (body.comment || body.proposedNewTime))
    throw invalid("Parameter SendResponse is false, and there is a comment.", "ErrorInvalidParameter");
  if (body.proposedNewTime) {
    if (event.allowNewTimeProposals === false)
      throw invalid("The meeting organizer does not allow new time proposals.", "ErrorInvalidParameter");
    const { end, start } = body.proposedNewTime as Json;
    if (momentIn(readTime(start, false)) >= momentIn(readTime(end, false)))
      throw invalid("The proposed time is not valid.", "ErrorInvalidParameter");
  }
  const { comment, proposedNewTime } = body;
  calendars.answered.push({
    by: box.owner.objectId,
    eventId: event.id,
    answer: answers[call],
    comment: typeof comment === "string" ? comment : null,
    proposedNewTime: (proposedNewTime as Json | undefined) ?? null,
    sent: sendResponse,
  });
  calendars.meetings.takeAnswer(box, event, answers[call]);
}

function schedules(calendars: Calendars, body: Json): Json[] {
  const names = body.schedules as string[] | undefined;
  if (!Array.isArray(names) || names.length === 0 || names.length > MOST_SCHEDULES)
    throw badRequest("The number of schedules is not valid.");
  const [from, to] = [readTime(body.startTime, false), readTime(body.endTime, false)].map(momentIn) as [
    number,
    number,
  ];
  const minutes = Number(body.availabilityViewInterval ?? 30);
  if (!(minutes >= 5 && minutes <= 1_440) || to <= from || to - from > 62 * 86_400_000)
    throw invalid("The time interval is not valid.", "ErrorInvalidTimeInterval");
  return names.map((scheduleId) => {
    const box = calendars.byAddress(scheduleId);
    if (!box)
      return {
        scheduleId,
        error: { message: "Mailbox not found.", responseCode: "ErrorMailRecipientNotFound" },
      };
    const busy = [...box.events.values()].filter(
      (one) => one.showAs !== "free" && one.isCancelled !== true && one.type !== "seriesMaster",
    );
    let availabilityView = "";
    for (let at = from; at < to; at += minutes * 60_000) {
      const taken = busy.some((one) => momentIn(one.start) < at + minutes * 60_000 && momentIn(one.end) > at);
      availabilityView += taken ? "2" : "0";
    }
    return { scheduleId, availabilityView, scheduleItems: [], workingHours: box.settings.workingHours };
  });
}
