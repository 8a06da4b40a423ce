import { describe, expect, test } from "bun:test";
import { Refusal } from "../console/api.ts";
import type { CalendarEvent } from "./api.ts";
import { createCalendar } from "./calendar.ts";
import { anEvent } from "./testing-event.ts";

const settle = () => Bun.sleep(1);

function world(first: readonly CalendarEvent[] = [anEvent()]) {
  const server = { events: first, error: null as Error | null, asked: [] as string[], now: 0 };
  const calendar = createCalendar({
    api: {
      async events(from, to) {
        server.asked.push(`${from} ${to}`);
        await Promise.resolve();
        if (server.error) throw server.error;
        return server.events;
      },
      async answer(id, { answer }) {
        if (server.error) throw server.error;
        return anEvent({ id, answer });
      },
    },
    now: () => server.now,
    zone: "Europe/Berlin",
  });
  return { server, calendar, state: () => calendar.state.current() };
}

describe("reading events", () => {
  test("reads a week more on both sides, so that the next week is available at once", async () => {
    const { calendar, server, state } = world();
    calendar.show("2026-11-30", "2026-12-06");
    calendar.show("2026-12-07", "2026-12-13");
    await settle();
    expect(server.asked).toEqual(["2026-11-22T23:00:00.000Z 2026-12-13T23:00:00.000Z"]);
    expect(state()).toMatchObject({ at: "ready", zone: "UTC", isReading: false });
    calendar.show("2026-12-14", "2026-12-20");
    await settle();
    expect(server.asked).toHaveLength(2);
  });

  test("an older response does not replace a newer one", async () => {
    const { calendar, server, state } = world();
    calendar.show("2026-11-30", "2026-12-06");
    server.events = [anEvent({ id: "new" })];
    await calendar.refresh();
    await settle();
    expect(state().events.map(({ id }) => id)).toEqual(["new"]);
  });

  test("reports new, moved and removed events, but none for a period that is shown for the first time", async () => {
    const { calendar, server, state } = world([anEvent({ id: "a" }), anEvent({ id: "b" })]);
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    expect(state().news).toBeNull();
    server.events = [anEvent({ id: "a", start: "2026-11-30T11:00" }), anEvent({ id: "c" })];
    await calendar.refresh();
    const { added, changed, removed } = state().news ?? { added: [], changed: [], removed: [] };
    expect([added, changed, removed].map((all) => all.map(({ id }) => id))).toEqual([["c"], ["a"], ["b"]]);
  });

  describe("when an event changes while other days are being read", () => {
    const begin = async () => {
      const all = world();
      all.calendar.show("2026-11-30", "2026-12-06");
      await settle();
      all.calendar.show("2027-06-07", "2027-06-13");
      return all;
    };

    test("the events of those days are not reported as new", async () => {
      const { calendar, server, state } = await begin();
      server.events = [anEvent({ id: "summer" })];
      await calendar.refresh();
      expect(state()).toMatchObject({ at: "ready", news: null, events: [{ id: "summer" }] });
    });

    test("a failure does not show those days as empty", async () => {
      const { calendar, server, state } = await begin();
      server.error = new TypeError("Failed to fetch");
      await calendar.refresh();
      expect(state()).toMatchObject({ at: "failed", isReading: false });
    });
  });

  test("reads events again that are older than half a minute when the person comes back", async () => {
    const { calendar, server } = world();
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    calendar.refreshOld();
    server.now = 31_000;
    calendar.refreshOld();
    await settle();
    expect(server.asked).toHaveLength(2);
  });
});

describe("failures", () => {
  test("known events stay", async () => {
    const { calendar, server, state } = world();
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    server.error = new TypeError("Failed to fetch");
    await calendar.refresh();
    expect(state()).toMatchObject({ at: "ready", error: server.error, events: [{ id: "e1" }] });
    server.error = null;
    await calendar.refresh();
    expect(state()).toMatchObject({ at: "ready", error: null });
  });

  test("the first failure is shown, and a retry may succeed", async () => {
    const { calendar, server, state } = world();
    server.error = new Refusal({ code: "microsoft_unreachable" }, 503);
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    expect(state().at).toBe("failed");
    server.error = null;
    await calendar.refresh();
    expect(state().at).toBe("ready");
  });

  for (const code of ["not_connected", "connection_lost", "consent_required"]) {
    test(`${code}: no events are kept`, async () => {
      const { calendar, server, state } = world();
      calendar.show("2026-11-30", "2026-12-06");
      await settle();
      server.error = new Refusal({ code }, 409);
      await calendar.refresh();
      expect(state()).toMatchObject({ at: "not_connected", events: [] });
      server.error = null;
      calendar.connectionChanged();
      await settle();
      expect(state().at).toBe("ready");
    });
  }
});

describe("answers to invitations", () => {
  test("are shown at once", async () => {
    const { calendar, state } = world();
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    await calendar.answer("e1", { answer: "accept" });
    expect(state().events[0]?.answer).toBe("accept");
  });

  test("for a whole series cause its events to be read again", async () => {
    const { calendar, server } = world();
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    await calendar.answer("e1", { answer: "accept", series: true });
    await settle();
    expect(server.asked).toHaveLength(2);
  });

  test("that are refused change nothing", async () => {
    const { calendar, server, state } = world();
    calendar.show("2026-11-30", "2026-12-06");
    await settle();
    server.error = new Refusal({ code: "event_past" }, 409);
    await expect(calendar.answer("e1", { answer: "decline" })).rejects.toMatchObject({ code: "event_past" });
    expect(state().events[0]?.answer).toBeNull();
  });
});
