/**
 * Outlook calendars of the fake Graph: calendar views, single events, mailbox settings
 * (docs/facts/microsoft-calendar.md 1, 2, 8). Levers break one mailbox or all of them.
 */

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import type { SentChange } from "./changes.ts";
import { momentIn } from "./event-times.ts";
import { eventIn, eventJson, type Mailbox, newMailbox, type StoredEvent } from "./mailbox.ts";
import { Meetings, type SentAnswer } from "./meetings.ts";
import { badRequest, Refusal } from "./refusal.ts";
import { type CalendarContext, momentOf, prefer, shown } from "./shown-events.ts";

type Json = Record<string, unknown>;

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

export class Calendars {
  readonly #ports: CalendarPorts;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #running = new Map<string, number>();
  readonly meetings: Meetings;
  /** Answers to invitations received so far, for specs. */
  readonly answered: SentAnswer[] = [];
  /** The most concurrent requests for one mailbox so far. */
  mostConcurrent = 0;
  /** Lever: Exchange refuses a response to an event that requests none. */
  refusesUnwanted = false;
  /** Lever: the duration of a request. */
  delayMs = 0;
  now: () => number = Date.now;

  constructor(ports: CalendarPorts) {
    this.#ports = ports;
    this.meetings = new Meetings({
      mailboxes: () => this.#mailboxes.values(),
      byAddress: (address) => this.byAddress(address),
      announce: (box, event, changeType) => this.announce(box, event, changeType),
      now: () => this.now(),
    });
  }

  /** Everybody has a mailbox, unless `failure` says otherwise. */
  of(personId: string): Mailbox {
    const owner = this.#ports.tenant.person(personId);
    if (!owner) throw new Refusal(404, "ErrorInvalidUser", "The requested user is invalid.");
    const known = this.#mailboxes.get(owner.objectId);
    if (known) return known;
    const made = newMailbox(owner);
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
        this.in(c, (box) => c.json(shown(eventIn(box, c.req.param("id") ?? ""), c))),
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
