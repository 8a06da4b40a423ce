/** An invitation that is answered over HTTP. */

import { describe, expect, test } from "bun:test";
import { ana, card, chosen, count, openInvited, sent, world } from "../testing/invited.ts";

openInvited();

describe("an answer over HTTP", () => {
  const path = (id: string) => `/api/v1/calendar/events/${encodeURIComponent(id)}/answer`;

  test("answers, and gives the event as it now is; the card follows", async () => {
    const { event, shown } = await card({ subject: "Budget" });
    const { body, status } = await world.json(path(event.id), ana.user, {
      answer: "tentative",
      comment: "?",
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: event.id,
      subject: "Budget",
      answer: "tentative",
      zone: "Europe/Berlin",
    });
    expect(chosen(shown())).toEqual(["tentative"]);
  });

  test("for an occurrence with `series` answers the series", async () => {
    const series = world.put(ana, 24, { type: "seriesMaster" });
    const one = world.put(ana, 48, { type: "occurrence", seriesMasterId: series.id });
    await world.json(path(one.id), ana.user, { answer: "accept", series: true });
    expect(world.calendars.answered).toMatchObject([{ eventId: series.id }]);
  });

  const bad: Record<string, [unknown, Record<string, string>]> = {
    "no answer": [{}, { answer: "answer_invalid" }],
    "another word": [{ answer: "yes" }, { answer: "answer_invalid" }],
    "no object": [[], { answer: "answer_invalid" }],
    "a comment that is not text": [{ answer: "accept", comment: 1 }, { comment: "invalid" }],
    "half a proposal": [
      { answer: "decline", proposedStart: "2030-01-01T09:00" },
      { proposedEnd: "time_missing" },
    ],
    "a time with an offset": [
      { answer: "decline", proposedStart: "2030-01-01T09:00Z", proposedEnd: "2030-01-01T10:00" },
      { proposedStart: "time_invalid" },
    ],
    "an unknown zone": [{ answer: "accept", zone: "Mars/Olympus" }, { zone: "zone_unknown" }],
    "a proposal with yes": [
      { answer: "accept", proposedStart: "2030-01-01T09:00", proposedEnd: "2030-01-01T10:00" },
      { proposedStart: "accept_takes_no_proposal" },
    ],
  };
  for (const [name, [body, errors]] of Object.entries(bad))
    test(`with ${name} is refused at its field`, async () => {
      const { event } = await card();
      const answer = await world.json(path(event.id), ana.user, body);
      expect(answer).toMatchObject({ status: 400, body: { code: "event_fields", errors } });
      expect(sent()).toEqual([]);
    });

  test("E5: to an own, past, unknown or somebody else's event is refused", async () => {
    const code = async (id: string, by = ana.user) => {
      const { body, status } = await world.json(path(id), by, { answer: "accept" });
      return `${status} ${(body as { code: string }).code}`;
    };
    expect(await code(world.put(ana, 24, { isOrganizer: true }).id)).toBe("409 event_own");
    expect(await code(world.put(ana, -48).id)).toBe("409 event_past");
    expect(await code("AAMkNothing=")).toBe("404 event_gone");
    const ben = await world.member(`ben${count}`);
    expect(await code(world.put(ben).id)).toBe("404 event_gone");
    expect(await code(world.put(ana).id, world.base.user(`stranger${count}`))).toBe("409 not_connected");
    expect(sent()).toEqual([]);
  });

  test("while the calendar is off there is nothing", async () => {
    const { event } = await card();
    world.isOn = false;
    expect((await world.json(path(event.id), ana.user, { answer: "accept" })).status).toBe(404);
  });
});
