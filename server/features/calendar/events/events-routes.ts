/** The calendar's HTTP routes: a member's own events, new ones, answers, and people to invite. */

import { Routes, readJson } from "../../../platform/http/index.ts";
import { FieldErrors, fieldsResponse } from "../field-errors.ts";
import type { EventsRoom } from "./events-room.ts";

/** Room for a description of 8,000 characters and a hundred guests. */
const MAX_BYTES = 128 * 1024;

export interface EventsRoutesPorts {
  /** Loaded with the first request. */
  readonly room: () => Promise<EventsRoom>;
  /** Throws while the calendar is switched off. */
  readonly mustBeOn: () => void;
}

export function eventsRoutes({ mustBeOn, room }: EventsRoutesPorts): Routes {
  const asked = async (requestId: string, work: (room: EventsRoom) => Promise<Response>) => {
    mustBeOn();
    try {
      return await work(await room());
    } catch (error) {
      if (error instanceof FieldErrors) return fieldsResponse(error, requestId);
      throw error;
    }
  };
  return new Routes()
    .get("/api/v1/calendar/events", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) =>
        Response.json(await events.list(userId, c.req.query("from"), c.req.query("to"))),
      ),
    )
    .post("/api/v1/calendar/events", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) =>
        Response.json(await events.create(userId, await readJson(c.req.raw, MAX_BYTES)), { status: 201 }),
      ),
    )
    .post("/api/v1/calendar/events/:id/answer", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) =>
        Response.json(await events.answer(userId, c.req.param("id"), await readJson(c.req.raw, MAX_BYTES))),
      ),
    )
    .get("/api/v1/calendar/attendees", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) =>
        Response.json(await events.attendees(userId, c.req.query("search") ?? "")),
      ),
    )
    .get("/api/v1/calendar/form", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) => Response.json(await events.formOf(userId))),
    )
    .post("/api/v1/calendar/availability", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) =>
        Response.json(await events.free(userId, await readJson(c.req.raw, MAX_BYTES))),
      ),
    )
    .post("/api/v1/calendar/times", "member", (c, userId) =>
      asked(c.env.RequestId, async (events) =>
        Response.json(await events.times(userId, await readJson(c.req.raw, MAX_BYTES))),
      ),
    );
}
