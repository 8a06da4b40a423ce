// Scenarios of a day, driven by a clock that the tests move. The letters and numbers name the scenarios that we
// support.
import { describe, expect, test } from "bun:test";
import { type CalendarEvent, readEvent } from "./event.ts";
import { snoozedUntil } from "./reminders.ts";
import { at, graphEvent } from "./testing/events.ts";
import { meeting, on, person, SimulatedPerson } from "./testing/simulated-person.ts";

const dnd = { status: "dnd" } as const;

describe("C: reminders", () => {
  const reminders = { reminders: true, leadMinutes: 10 } as const;

  test("C1, C3: reminds once, ten minutes before", () => {
    const sam = person([meeting("a", "10:00", "11:00")], reminders);
    sam.passTo(on("09:50"));
    expect(sam.seen).toEqual(["09:50 remind a"]);
    sam.look();
    sam.restart();
    sam.passTo(on("12:00"));
    expect(sam.seen.length).toBe(1);
  });

  test("C2: reminds as in Outlook, where the event's reminder is on", () => {
    const events = [
      meeting("a", "10:00", "11:00", { isReminderOn: true, reminderMinutesBeforeStart: 15 }),
      meeting("b", "10:00", "11:00", { isReminderOn: false, reminderMinutesBeforeStart: 15 }),
    ];
    const sam = person(events, { reminders: true, leadMinutes: "outlook" });
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["09:45 remind a"]);
  });

  test("C4, C5: reminds late after an outage, and never after the start", () => {
    for (const [back, seen] of [
      ["09:56", ["09:56 remind a late"]],
      ["10:00", []],
      ["10:03", []],
    ] as const) {
      const sam = person([meeting("a", "10:00", "11:00")], reminders);
      sam.passTo(on("09:48"));
      sam.kill();
      sam.passTo(on(back));
      sam.restart();
      expect(sam.seen).toEqual([...seen]);
    }
  });

  test("C6: reminds again if the meeting moved after the reminder", () => {
    const sam = person([meeting("a", "10:00", "11:00")], reminders);
    sam.passTo(on("09:55"));
    sam.events = [meeting("a", "10:30", "11:30")];
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["09:50 remind a", "10:20 remind a"]);
  });

  test("C8: reminds of each occurrence of a series", () => {
    const occurrence = (id: string, from: string, to: string) =>
      meeting(id, from, to, { uid: "series", type: "occurrence", seriesMasterId: "s" });
    const sam = person([occurrence("a", "10:00", "10:30"), occurrence("b", "12:00", "12:30")], reminders);
    sam.passTo(on("13:00"));
    expect(sam.seen).toEqual(["09:50 remind a", "11:50 remind b"]);
  });

  test("C11: sends a question and a reminder due together as one post", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "10:05", "10:30")], {
      ...dnd,
      ...reminders,
      leadMinutes: 5,
      confirm: true,
    });
    sam.passTo(on("10:10"));
    expect(sam.seen).toEqual(["09:55 remind a", "10:00 ask a b + b"]);
  });

  test("C12: snoozes for five minutes, then until the start; drops the reminder if the meeting is cancelled", () => {
    const sam = person([meeting("a", "10:00", "11:00")], reminders);
    sam.passTo(on("09:51"));
    const key = "uid-a|2026-06-15T10:00:00Z";
    const snooze = (until: string) => {
      sam.memory = { ...sam.memory, reminders: snoozedUntil(sam.memory.reminders, key, on(until)) };
      sam.look();
    };
    snooze("09:56");
    sam.passTo(on("09:57"));
    snooze("10:00");
    sam.passTo(on("10:30"));
    expect(sam.seen).toEqual(["09:50 remind a", "09:56 remind a", "10:00 remind a"]);
    expect(sam.memory.reminders).toEqual({ sent: [], snoozed: {} });

    const max = person([meeting("a", "10:00", "11:00")], reminders);
    max.passTo(on("09:51"));
    max.memory = { ...max.memory, reminders: snoozedUntil(max.memory.reminders, key, on("09:56")) };
    max.events = [];
    max.look();
    max.passTo(on("12:00"));
    expect(max.seen).toEqual(["09:50 remind a"]);
  });

  test("C18: reminds also during our do-not-disturb", () => {
    const sam = person([meeting("a", "09:30", "11:00"), meeting("b", "10:00", "10:30")], {
      ...dnd,
      ...reminders,
    });
    sam.passTo(on("10:00"));
    expect(sam.seen).toEqual(["09:20 remind a", "09:30 dnd until 11:00", "09:50 remind b"]);
  });
});

describe("the memory of a day", () => {
  test("holds no text of any event", () => {
    const secret = {
      subject: "SecretWord",
      location: { displayName: "SecretWord" },
      bodyPreview: "SecretWord",
    };
    const sam = person([meeting("a", "10:00", "11:00", secret)], {
      ...dnd,
      customStatus: true,
      reminders: true,
    });
    sam.passTo(on("10:30"));
    expect(sam.memory.status).not.toBeNull();
    expect(JSON.stringify(sam.memory)).not.toContain("SecretWord");
  });

  test("stays small after a month of ten meetings a day", () => {
    const june = Array.from({ length: 30 }, (_, index) => `2026-06-${String(index + 1).padStart(2, "0")}`);
    const days = june.map((date) =>
      Array.from(
        { length: 10 },
        (_, index) =>
          readEvent(
            graphEvent(`${date}-${index}`, `${date}T${10 + index}:00/${10 + index}:30`),
          ) as CalendarEvent,
      ),
    );
    const sam = new SimulatedPerson(at("2026-06-01T00:00"), [], { ...dnd, reminders: true });
    for (const index of june.keys()) {
      // As the feature holds them: yesterday, today and tomorrow.
      sam.events = days.slice(Math.max(0, index - 1), index + 2).flat();
      sam.look();
      sam.passTo(at("2026-06-01T00:00") + (index + 1) * 24 * 3_600_000);
    }
    expect(sam.seen.filter((line) => line.includes("dnd")).length).toBe(300);
    expect(JSON.stringify(sam.memory).length).toBeLessThan(300);
    // The reminder, the start, the end, and one look after the end.
    expect(sam.looks).toBeLessThan(1300);
  });
});
