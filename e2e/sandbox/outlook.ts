/**
 * HTTP routes for an Outlook day of the sandbox: changes in people's calendars at Microsoft
 * (`/sandbox/api/calendar…`). Times are minutes from now.
 *
 *   GET  /all                                              everybody's day, as the sandbox's window shows it
 *   GET  /?upn=                                            the events of a mailbox
 *   POST /invite  {upn, startsIn, minutes, allDay?, part}  an event created by somebody else
 *   POST /meet    {upn, guests, startsIn, minutes, part}   a meeting of two or more people: a copy in each mailbox
 *   POST /series  {upn, days, startsIn, minutes, part}     occurrences on so many days
 *   POST /move, /change, /cancel, /remove  {upn, id, …}    in one mailbox; for the organiser's meeting in all of them
 *   POST /answer  {upn, id, answer}                        the person answers in Outlook
 *   POST /mailbox {upn, part}                              levers of a mailbox: failure, throttling, policy
 *   POST /forward {minutes}                                moves the clock forward: every event comes nearer
 */

import { type Context, Hono } from "hono";
import { momentIn, wallTime } from "./graph/event-times.ts";
import { eventIn, type Mailbox, type StoredEvent } from "./graph/mailbox.ts";
import type { SentAnswer } from "./graph/meetings.ts";
import type { Graph } from "./graph/server.ts";
import type { MattermostServer } from "./mattermost/server.ts";
import type { Person, Tenant } from "./tenant.ts";

/** The server is created after the routes. */
interface Stage {
  readonly graph: Graph;
  readonly tenant: Tenant;
  readonly mattermost: Pick<MattermostServer, "restartPlugin">;
}

type Json = Record<string, unknown>;

interface Lever {
  readonly upn: string;
  readonly id?: string;
  readonly guests?: readonly string[];
  readonly startsIn?: number;
  readonly minutes?: number;
  readonly days?: number;
  readonly allDay?: boolean;
  readonly answer?: SentAnswer["answer"];
  /** Graph's properties of the event, or levers of the mailbox. */
  readonly part?: Json;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export function outlookRoutes(stage: Stage): Hono {
  const app = new Hono();
  const { graph, tenant } = stage;
  const { calendars } = graph;
  const personOf = (upn: string): Person => {
    const person = tenant.person(upn);
    if (!person) throw new Error(`there is no ${upn}`);
    return person;
  };
  const body = async (c: Context) => (await c.req.json().catch(() => ({}))) as Lever;
  const times = ({ allDay, minutes = 30, startsIn = 5 }: Lever): [number | string, number | string] => {
    const from = Math.floor(Date.now() / MINUTE + startsIn) * MINUTE;
    const date = (at: number) => new Date(at).toISOString().slice(0, 10);
    return allDay ? [date(from), date(from + DAY)] : [from, from + minutes * MINUTE];
  };
  const known = (lever: Lever): { readonly box: Mailbox; readonly event: StoredEvent } => {
    const box = calendars.of(personOf(lever.upn).objectId);
    return { box, event: eventIn(box, lever.id ?? "") };
  };
  const act = (name: string, work: (lever: Lever) => unknown) =>
    app.post(name, async (c) => c.json((await work(await body(c))) ?? { ok: true }));

  app.get("/", (c) => {
    const person = tenant.person(c.req.query("upn") ?? "");
    return c.json(person ? [...calendars.of(person.objectId).events.values()] : []);
  });
  app.get("/all", (c) =>
    c.json(
      [...tenant.people.values()].map(({ displayName, objectId, userPrincipalName }) => ({
        ...{ id: objectId, name: displayName, upn: userPrincipalName },
        events: [...calendars.of(objectId).events.values()].map(shown).toSorted((a, b) => a.from - b.from),
      })),
    ),
  );
  act("/invite", (lever) => calendars.invite(personOf(lever.upn).objectId, ...times(lever), lever.part));
  act("/meet", (lever) => {
    const organizer = personOf(lever.upn);
    const people = [organizer, ...(lever.guests ?? []).map(personOf)];
    const attendees = people.slice(1).map(({ displayName, mail, userPrincipalName }) => ({
      ...{ type: "required", status: { response: "none" } },
      emailAddress: { name: displayName, address: mail ?? userPrincipalName },
    }));
    const address = { name: organizer.displayName, address: organizer.mail ?? organizer.userPrincipalName };
    const box = calendars.of(organizer.objectId);
    const made = calendars.add(organizer.objectId, ...times(lever), {
      ...{ isOrganizer: true, responseStatus: { response: "organizer" }, attendees },
      ...{ organizer: { emailAddress: address }, ...lever.part },
    });
    return calendars.meetings.arrange(box, made);
  });
  act("/series", async (lever) => {
    const { days = 3, part, upn } = lever;
    const { objectId } = personOf(upn);
    const [from, to] = times({ ...lever, allDay: false }) as [number, number];
    const master = crypto.randomUUID().replaceAll("-", "");
    const made: StoredEvent[] = [];
    for (let day = 0; day < days; day += 1)
      made.push(
        calendars.add(objectId, from + day * DAY, to + day * DAY, {
          ...{ type: "occurrence", seriesMasterId: `AAMkA${master}=`, uid: `uid-${master}`, ...part },
        }),
      );
    const series = calendars.add(objectId, from, to, {
      ...{ id: `AAMkA${master}=`, uid: `uid-${master}`, type: "seriesMaster", ...part },
      responseStatus: { response: "notResponded" },
    });
    await calendars.announce(calendars.of(objectId), series, "created");
    return made;
  });
  act("/move", (lever) => {
    const { box, event } = known(lever);
    const [from, to] = times(lever);
    calendars.meetings.change(box, event, { ...lever.part, start: wallTime(from), end: wallTime(to) });
  });
  act("/change", (lever) => {
    const { box, event } = known(lever);
    calendars.meetings.change(box, event, lever.part ?? {});
  });
  act("/cancel", (lever) => {
    const { box, event } = known(lever);
    if (event.isOrganizer === true) calendars.meetings.cancel(box, event);
    else calendars.meetings.change(box, event, { ...lever.part, isCancelled: true });
  });
  act("/remove", ({ id = "", upn }) => calendars.remove(personOf(upn).objectId, id));
  act("/answer", (lever) => {
    const { box, event } = known(lever);
    calendars.meetings.takeAnswer(box, event, lever.answer ?? "accepted");
  });
  act("/mailbox", ({ part, upn }) => void Object.assign(calendars.of(personOf(upn).objectId), part));
  // The plugin is another process with the machine's clock, so the events move instead. No change notification is
  // sent, since nothing changed in Outlook: the plugin restarts and reads the day again.
  act("/forward", async ({ minutes = 30 }) => {
    for (const person of tenant.people.values())
      for (const event of calendars.of(person.objectId).events.values())
        if (event.isAllDay !== true)
          Object.assign(event, {
            start: wallTime(momentIn(event.start) - minutes * MINUTE),
            end: wallTime(momentIn(event.end) - minutes * MINUTE),
          });
    await stage.mattermost.restartPlugin();
  });
  return app;
}

function shown({ end, id, isAllDay, isCancelled, isOrganizer, start, subject, ...event }: StoredEvent) {
  const { response } = event.responseStatus as { response: string };
  const day = { from: momentIn(start), to: momentIn(end) };
  return { id, isAllDay, isCancelled, isOrganizer, subject, response, ...day };
}
