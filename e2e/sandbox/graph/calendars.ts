/**
 * Outlook calendars of the fake Graph: calendar views, single events, mailbox settings
 * (docs/facts/microsoft-calendar.md 1, 2, 8). Levers break one mailbox or all of them.
 */

import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { instantOf, type ZonedWallTime, zoneOf } from "../../../server/microsoft/time-zones/index.ts";
import type { GraphToken } from "../entra/server.ts";
import type { Person, Tenant } from "../tenant.ts";
import type { SentChange } from "./changes.ts";
import { badRequest, forbidden, Refusal } from "./refusal.ts";

type Json = Record<string, unknown>;
export type CalendarContext = Context<{ Variables: { token: GraphToken } }>;

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

export interface SentAnswer {
  /** Object id. */
  readonly by: string;
  readonly eventId: string;
  readonly answer: "accepted" | "tentativelyAccepted" | "declined";
  readonly comment: string | null;
  readonly proposedNewTime: Json | null;
  readonly sent: boolean;
}

export interface CalendarPorts {
  readonly tenant: Tenant;
  /** Sends change notifications as soon as a subscription exists. */
  readonly notify: (change: SentChange) => Promise<void>;
  /** Base address of links to the next page. */
  readonly url: () => string;
}

/** Graph's default page size. */
const PAGE = 10;
const LARGEST_PAGE = 1_000;
const OUTLOOK_CONCURRENCY = 4;

/** Properties that `$select` may name, beside those that are always present. */
const selectable = new Set(
  `id subject bodyPreview body start end isAllDay showAs responseStatus sensitivity isCancelled isOrganizer
   organizer attendees location locations iCalUId seriesMasterId type originalStart changeKey webLink
   onlineMeeting isOnlineMeeting onlineMeetingProvider onlineMeetingUrl responseRequested allowNewTimeProposals
   isReminderOn reminderMinutesBeforeStart importance categories hideAttendees recurrence transactionId
   originalStartTimeZone originalEndTimeZone hasAttachments createdDateTime lastModifiedDateTime isDraft
   occurrenceId`
    .trim()
    .split(/\s+/),
);

export class Calendars {
  readonly #ports: CalendarPorts;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #running = new Map<string, number>();
  /** Answers to invitations received so far, for specs. */
  readonly answered: SentAnswer[] = [];
  /** The most concurrent requests for one mailbox so far. */
  mostConcurrent = 0;
  /** Lever: Exchange refuses answers to events that want none. */
  refusesUnwanted = false;
  /** Lever: the duration of a request. */
  delayMs = 0;
  now: () => number = Date.now;

  constructor(ports: CalendarPorts) {
    this.#ports = ports;
  }

  /** Everybody has a mailbox, unless `failure` says otherwise. */
  of(personId: string): Mailbox {
    const owner = this.#ports.tenant.person(personId);
    if (!owner) throw new Refusal(404, "ErrorInvalidUser", "The requested user is invalid.");
    const known = this.#mailboxes.get(owner.objectId);
    if (known) return known;
    const made: Mailbox = {
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
    this.#mailboxes.set(owner.objectId, made);
    return made;
  }

  /**
   * Puts an event into a mailbox, like Outlook. `from` and `to` are moments, or dates for an all-day event.
   */
  add(personId: string, from: number | string, to: number | string, part: Json = {}): StoredEvent {
    const box = this.of(personId);
    const event = eventJson(box.owner, from, to, part);
    box.events.set(event.id, event);
    return event;
  }

  /** Changes properties of an event and notifies the subscribers. */
  async change(personId: string, id: string, part: Json): Promise<void> {
    const box = this.of(personId);
    const event = box.events.get(id);
    if (!event) throw new Error(`there is no event ${id}`);
    const next: StoredEvent = { ...event, ...part, id, changeKey: randomUUID() };
    box.events.set(id, next);
    await this.announce(box, next, "updated");
  }

  /** Like `add`, with the notifications that Graph sends: created, then updated. */
  async invite(
    personId: string,
    from: number | string,
    to: number | string,
    part: Json = {},
  ): Promise<StoredEvent> {
    const event = this.add(personId, from, to, part);
    const box = this.of(personId);
    await this.announce(box, event, "created");
    await this.announce(box, event, "updated");
    return event;
  }

  async remove(personId: string, id: string): Promise<void> {
    const box = this.of(personId);
    const event = box.events.get(id);
    box.events.delete(id);
    if (event) await this.announce(box, event, "deleted");
  }

  announce(box: Mailbox, event: StoredEvent, changeType: SentChange["changeType"]): Promise<void> {
    const resource = `Users/${box.owner.objectId}/Events/${event.id}`;
    return this.#ports.notify({
      resource,
      changeType,
      data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
    });
  }

  routes(): Hono<{ Variables: { token: GraphToken } }> {
    const app = new Hono<{ Variables: { token: GraphToken } }>();
    for (const base of ["/me", "/users/:user"]) {
      app.get(`${base}/calendarView`, (c) => this.in(c, (box) => this.#view(c, box)));
      app.get(`${base}/events/:id`, (c) =>
        this.in(c, (box) => c.json(shown(this.event(box, c.req.param("id") ?? ""), c))),
      );
      app.get(`${base}/calendars`, (c) =>
        this.in(c, (box) => {
          const others = [...box.others].map(([id, { owner }]) => ({
            ...{ ...this.#calendar(box), id, name: id, isDefaultCalendar: false },
            ...(owner ? { owner: { name: owner, address: owner } } : {}),
          }));
          return c.json({ value: [this.#calendar(box), ...others] });
        }),
      );
      app.get(`${base}/calendars/:calendar/calendarView`, (c) =>
        this.in(c, (box) => {
          const other = box.others.get(c.req.param("calendar") ?? "");
          if (!other) throw new Refusal(404, "ErrorItemNotFound", "The specified object was not found.");
          return this.#view(c, other);
        }),
      );
      app.get(`${base}/calendar`, (c) => this.in(c, (box) => c.json(this.#calendar(box))));
      app.get(`${base}/mailboxSettings`, (c) => this.in(c, (box) => c.json(box.settings), "settings"));
    }
    return app;
  }

  #calendar(box: Mailbox): Json {
    return {
      id: `calendar-${box.owner.objectId}`,
      name: "Calendar",
      isDefaultCalendar: true,
      canEdit: true,
      owner: { name: box.owner.displayName, address: box.owner.mail },
      allowedOnlineMeetingProviders: box.teamsMeetings ? ["teamsForBusiness"] : [],
      defaultOnlineMeetingProvider: "teamsForBusiness",
    };
  }

  byAddress(address: string): Mailbox | null {
    const person = [...this.#ports.tenant.people.values()].find(
      (one) => one.mail?.toLowerCase() === address.toLowerCase(),
    );
    return person ? this.of(person.objectId) : null;
  }

  /** Stores a new meeting of the owner and puts a copy into the mailboxes of guests in the organisation. */
  arrange(box: Mailbox, event: StoredEvent): StoredEvent {
    const at = new Date(this.now()).toISOString();
    const made = { ...event, createdDateTime: at, lastModifiedDateTime: at };
    box.events.set(made.id, made);
    this.#tell(box, made, "created", "updated");
    for (const guest of this.#guestsOf(made)) {
      if (guest === box) continue;
      const copy: StoredEvent = {
        ...made,
        id: `AAMkA${randomUUID().replaceAll("-", "")}=`,
        isOrganizer: false,
        responseStatus: { response: "notResponded", time: "0001-01-01T00:00:00Z" },
        showAs: "tentative",
        transactionId: null,
        changeKey: randomUUID(),
      };
      guest.events.set(copy.id, copy);
      this.#tell(guest, copy, "created", "updated");
    }
    return made;
  }

  /** A change by the organiser reaches every copy; a guest's change stays in the guest's own copy. */
  changeMeeting(box: Mailbox, event: StoredEvent, part: Json): StoredEvent {
    const copies = event.isOrganizer === true ? this.#copiesOf(event) : [{ box, event }];
    for (const copy of copies) this.#put(copy.box, { ...copy.event, ...part });
    return this.event(box, event.id);
  }

  cancelMeeting(box: Mailbox, event: StoredEvent): void {
    for (const copy of this.#copiesOf(event)) {
      if (copy.box === box) this.removeCopy(box, copy.event);
      else
        this.#put(copy.box, {
          ...copy.event,
          isCancelled: true,
          subject: `Canceled: ${String(copy.event.subject)}`,
        });
    }
  }

  removeCopy(box: Mailbox, event: StoredEvent): void {
    box.events.delete(event.id);
    this.#tell(box, event, "deleted");
  }

  /** Declining deletes the guest's copy, as Outlook does by default. */
  takeAnswer(box: Mailbox, event: StoredEvent, response: SentAnswer["answer"]): void {
    const time = new Date(this.now()).toISOString();
    if (response === "declined") this.removeCopy(box, event);
    else this.#put(box, { ...event, responseStatus: { response, time }, showAs: "busy" });
    const address = box.owner.mail?.toLowerCase();
    for (const copy of this.#copiesOf(event)) {
      if (copy.event.isOrganizer !== true) continue;
      const attendees = (copy.event.attendees as Json[]).map((one) =>
        String((one.emailAddress as Json).address).toLowerCase() === address
          ? { ...one, status: { response, time } }
          : one,
      );
      this.#put(copy.box, { ...copy.event, attendees });
    }
  }

  #guestsOf(event: StoredEvent): Mailbox[] {
    return (event.attendees as Json[]).flatMap(
      (one) => this.byAddress(String((one.emailAddress as Json).address)) ?? [],
    );
  }

  #copiesOf(event: StoredEvent): { box: Mailbox; event: StoredEvent }[] {
    return [...this.#mailboxes.values()].flatMap((box) =>
      [...box.events.values()]
        .filter((one) => one.iCalUId === event.iCalUId)
        .map((one) => ({ box, event: one })),
    );
  }

  #put(box: Mailbox, event: StoredEvent): void {
    const lastModifiedDateTime = new Date(this.now()).toISOString();
    const next = { ...event, changeKey: randomUUID(), lastModifiedDateTime };
    box.events.set(event.id, next);
    this.#tell(box, next, "updated");
  }

  /** Graph does not wait for the subscribers. */
  #tell(box: Mailbox, event: StoredEvent, ...changes: readonly SentChange["changeType"][]): void {
    void changes.reduce(
      (before, change) => before.then(() => this.announce(box, event, change)),
      Promise.resolve(),
    );
  }

  event(box: Mailbox, id: string): StoredEvent {
    const event = box.events.get(decodeURIComponent(id));
    if (!event)
      throw new Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.");
    return event;
  }

  /** Runs a request for a mailbox after checking rights, levers and limits. */
  async in(
    c: CalendarContext,
    answer: (box: Mailbox) => Response | Promise<Response>,
    what: "events" | "write" | "settings" = "events",
  ): Promise<Response> {
    const box = this.boxFor(c, what);
    const key = `${c.get("token").appid} ${box.owner.objectId}`;
    const running = (this.#running.get(key) ?? 0) + 1;
    this.mostConcurrent = Math.max(this.mostConcurrent, running);
    box.requests += 1;
    if (running > OUTLOOK_CONCURRENCY)
      throw new Refusal(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", {
        headers: { "Retry-After": "1" },
      });
    this.#running.set(key, running);
    try {
      if (this.delayMs > 0) await Bun.sleep(this.delayMs);
      if (box.throttleNext > 0) {
        box.throttleNext -= 1;
        throw new Refusal(429, "ApplicationThrottled", "Too many requests for this mailbox.", {
          headers: { "Retry-After": String(box.retryAfter) },
        });
      }
      if (box.failure) throw box.failure();
      return await answer(box);
    } finally {
      this.#running.set(key, (this.#running.get(key) ?? 1) - 1);
    }
  }

  /** The mailbox of the request, if its token may do that. */
  boxFor(c: CalendarContext, what: "events" | "write" | "settings"): Mailbox {
    const token = c.get("token");
    const named = c.req.param("user");
    if (named === undefined && token.oid === null)
      throw badRequest("/me request is only valid with delegated authentication flow.");
    const box = this.of(decodeURIComponent(named ?? token.oid ?? ""));
    const granted = token.oid === null ? token.roles : token.scp;
    const wanted =
      what === "settings"
        ? /^MailboxSettings\.Read(Write)?$/
        : what === "write"
          ? /^Calendars\.ReadWrite$/
          : /^Calendars\.Read(Write)?$/;
    const shared = token.oid !== null && token.oid !== box.owner.objectId;
    if (!granted.some((one) => wanted.test(one)) || shared)
      throw new Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    if (token.oid === null && box.deniedToApps)
      throw new Refusal(403, "ErrorAccessDenied", "Access to OData is disabled.");
    return box;
  }

  #view(c: CalendarContext, calendar: Pick<Mailbox, "events">): Response {
    const [from, to] = [momentOf(c, "startDateTime"), momentOf(c, "endDateTime")];
    const order = c.req.query("$orderby");
    if (order !== undefined && order !== "start/dateTime")
      throw badRequest("The sandbox orders by start/dateTime only.");
    const found = [...calendar.events.values()]
      .filter((event) => event.type !== "seriesMaster")
      .filter((event) => momentIn(event.end) > from && momentIn(event.start) < to);
    // Graph promises no order unless the request asks for one.
    found.sort((a, b) =>
      order
        ? momentIn(a.start) - momentIn(b.start) || (a.id < b.id ? -1 : 1)
        : a.changeKey < b.changeKey
          ? -1
          : 1,
    );
    return this.page(c, found);
  }

  /** Answers a page, with the link to the next one. */
  page(c: CalendarContext, found: readonly StoredEvent[]): Response {
    const top = Number(c.req.query("$top") ?? prefer(c, "odata.maxpagesize") ?? PAGE);
    if (!Number.isInteger(top) || top < 1 || top > LARGEST_PAGE)
      throw badRequest(`Invalid value '${c.req.query("$top")}' for $top query option.`);
    const skip = Number(c.req.query("$skip") ?? 0);
    const page = found.slice(skip, skip + top).map((event) => shown(event, c));
    if (found.length <= skip + top) return c.json({ value: page });
    const url = new URL(c.req.url);
    url.searchParams.set("$skip", String(skip + top));
    const next = `${this.#ports.url()}${url.pathname}${url.search}`;
    return c.json({ value: page, "@odata.nextLink": next });
  }
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

/** A moment as Graph prints it in UTC; for a date, its midnight. */
export function wallTime(moment: number | string): ZonedWallTime {
  const text =
    typeof moment === "string" ? `${moment}T00:00:00` : new Date(moment).toISOString().slice(0, 19);
  return { dateTime: `${text}.0000000`, timeZone: "UTC" };
}

export function momentIn(time: ZonedWallTime): number {
  const at = instantOf(time);
  if (at === null) throw badRequest(`The time '${time.dateTime}' '${time.timeZone}' is not valid.`);
  return at;
}

/** Both bounds are required. An offset in the value is respected; without one it is UTC. */
function momentOf(c: CalendarContext, name: string): number {
  const text = c.req.query(name);
  if (!text)
    throw badRequest(
      "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
    );
  const at = Date.parse(/(Z|[+-]\d\d:\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) throw badRequest(`The value '${text}' of parameter '${name}' is invalid.`);
  return at;
}

/** One preference of the header `Prefer`. */
export function prefer(c: CalendarContext, name: string): string | null {
  const found = (c.req.header("Prefer") ?? "")
    .split(",")
    .map((one) => one.trim().split("="))
    .find(([wish = ""]) => wish.trim().toLowerCase() === name.toLowerCase());
  return found?.slice(1).join("=").replace(/^"|"$/g, "") ?? null;
}

/**
 * An event as requested: with the selected properties and times in the wanted zone. All-day events stay at midnight.
 */
export function shown(event: StoredEvent, c: CalendarContext): Json {
  const zoneName = prefer(c, "outlook.timezone") ?? "UTC";
  const zone = zoneOf(zoneName);
  if (!zone)
    throw new Refusal(400, "TimeZoneNotSupportedException", `The time zone '${zoneName}' is not supported.`);
  const inZone = (time: ZonedWallTime): ZonedWallTime =>
    event.isAllDay === true
      ? { ...time, timeZone: zoneName }
      : {
          dateTime: `${Temporal.Instant.fromEpochMilliseconds(momentIn(time))
            .toZonedDateTimeISO(zone)
            .toPlainDateTime()
            .toString({ smallestUnit: "second" })}.0000000`,
          timeZone: zoneName,
        };
  const whole: Json = { ...event, start: inZone(event.start), end: inZone(event.end) };
  const etag = { "@odata.etag": `W/"${event.changeKey}"` };
  const select = c.req.query("$select");
  if (select === undefined) return { ...etag, ...whole };
  const names = select.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !selectable.has(name));
  if (unknown !== undefined)
    throw badRequest(
      `Could not find a property named '${unknown}' on type 'Microsoft.OutlookServices.Event'.`,
    );
  if (c.req.path.endsWith("/calendarView")) {
    const dates = names.find((name) => name === "createdDateTime" || name === "lastModifiedDateTime");
    if (dates) throw forbidden(`${dates} cannot be selected in a calendar view.`);
  }
  return { ...etag, id: event.id, ...Object.fromEntries(names.map((name) => [name, whole[name]])) };
}
