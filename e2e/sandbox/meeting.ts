/** An Outlook day over HTTP: a person's meetings are made, moved and cancelled here (`/sandbox/api/outlook…`). */

import { Hono } from "hono";
import { eventJson, momentIn, type StoredEvent, wallTime } from "./graph/calendars.ts";
import type { Graph } from "./graph/server.ts";
import type { Person, Tenant } from "./tenant.ts";

interface Stage {
  readonly graph: Graph;
  readonly tenant: Tenant;
}

interface Meeting {
  /** Object ids. */
  readonly by: string;
  readonly guests?: readonly string[];
  readonly subject?: string;
  /** Minutes from now; negative for one that has begun. */
  readonly startsIn: number;
  readonly minutes?: number;
}

const MINUTE = 60_000;

export function outlookRoutes({ graph, tenant }: Stage): Hono {
  const app = new Hono();
  const { calendars } = graph;
  const personOf = (id: string): Person => {
    const person = tenant.people.get(id);
    if (!person) throw new Error("there is nobody with that id");
    return person;
  };
  const done = { ok: true };

  app.get("/", (c) =>
    c.json(
      [...tenant.people.values()].map(({ displayName, objectId }) => ({
        id: objectId,
        name: displayName,
        events: [...calendars.of(objectId).events.values()].map(shown).toSorted((a, b) => a.from - b.from),
      })),
    ),
  );
  app.post("/meetings", async (c) => {
    const { by, guests = [], minutes = 30, startsIn, subject = "Meeting" } = (await c.req.json()) as Meeting;
    const owner = personOf(by);
    const box = calendars.of(by);
    const from = minuteIn(startsIn);
    const event = eventJson(owner, from, from + minutes * MINUTE, {
      subject,
      isOrganizer: true,
      responseStatus: { response: "organizer", time: "0001-01-01T00:00:00Z" },
      organizer: { emailAddress: addressOf(owner) },
      attendees: guests.map((id) => ({
        type: "required",
        status: { response: "none" },
        emailAddress: addressOf(personOf(id)),
      })),
      ...(box.teamsMeetings && {
        isOnlineMeeting: true,
        onlineMeetingProvider: "teamsForBusiness",
        onlineMeeting: { joinUrl: `${graph.url}/l/meetup-join/sandbox` },
      }),
    });
    return c.json({ id: calendars.arrange(box, event).id });
  });
  app.post("/move", async (c) => {
    const { by, id, startsIn } = (await c.req.json()) as { by: string; id: string; startsIn: number };
    const box = calendars.of(by);
    const event = calendars.event(box, id);
    const from = minuteIn(startsIn);
    const to = from + momentIn(event.end) - momentIn(event.start);
    calendars.changeMeeting(box, event, { start: wallTime(from), end: wallTime(to) });
    return c.json(done);
  });
  app.post("/cancel", async (c) => {
    const { by, id } = (await c.req.json()) as { by: string; id: string };
    const box = calendars.of(by);
    calendars.cancelMeeting(box, calendars.event(box, id));
    return c.json(done);
  });
  return app;
}

const minuteIn = (minutes: number) => Math.floor(Date.now() / MINUTE + minutes) * MINUTE;

const addressOf = ({ displayName, mail, userPrincipalName }: Person) => ({
  name: displayName,
  address: mail ?? userPrincipalName,
});

function shown({ end, id, isAllDay, isCancelled, isOrganizer, start, subject, ...event }: StoredEvent) {
  const { response } = event.responseStatus as { response: string };
  return {
    ...{ id, isAllDay, isCancelled, isOrganizer, subject, response },
    from: momentIn(start),
    to: momentIn(end),
  };
}
