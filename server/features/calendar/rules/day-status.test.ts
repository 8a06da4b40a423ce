// Scenarios of a day, driven by a clock that the tests move. The letters are those of the scenarios we build for.
import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { allDay, at } from "./testing/events.ts";
import { meeting, on, person, SimulatedPerson } from "./testing/simulated-person.ts";

const dnd = { status: "dnd" } as const;

describe("A: the status", () => {
  test("A1, A2: from the start to the end, not a second early", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("09:59:59"));
    expect(sam.seen).toEqual([]);
    sam.passTo(on("10:00"));
    expect(sam.status).toEqual({ status: "dnd", manual: true });
    sam.passTo(on("11:01:30"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: online"]);
    expect(sam.status).toEqual({ status: "online", manual: false });
    expect(sam.memory.status).toBeNull();
  });

  test("A2: ends also when we are dead", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:30"));
    sam.kill();
    sam.passTo(on("11:01:30"));
    expect(sam.status.status).toBe("online");
  });

  test("when the server does not end it, we do, within five seconds", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:30"));
    // A server without the job: do-not-disturb without an end.
    sam.choose("dnd");
    sam.passTo(on("11:00:05"));
    expect(sam.seen.at(-1)).toBe("11:00 online");
  });

  test("A3, A4: a short meeting inside a long one, and one after the other, are one span", () => {
    const inside = person([meeting("a", "09:00", "12:00"), meeting("b", "10:00", "10:30")], dnd);
    inside.passTo(on("13:00"));
    expect(inside.seen).toEqual(["09:00 dnd until 12:00", "12:00 server: online"]);
    const after = person([meeting("a", "10:00", "10:30"), meeting("b", "10:30", "11:00")], dnd);
    after.passTo(on("12:00"));
    expect(after.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: online"]);
  });

  test("A5: a minute between two meetings is a minute", () => {
    const sam = person([meeting("a", "10:00", "10:29"), meeting("b", "10:30", "11:00")], dnd);
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual([
      "10:00 dnd until 10:29",
      "10:29 server: online",
      "10:30 dnd until 11:00",
      "11:00 server: online",
    ]);
  });

  test("A6: an all-day event changes nothing; with the setting for it, from midnight to midnight", () => {
    const trip = allDay("a", "2026-06-15", "2026-06-16");
    const sam = person([trip], dnd);
    sam.passTo(at("2026-06-16T12:00"));
    expect(sam.seen).toEqual([]);
    const max = new SimulatedPerson(at("2026-06-14T12:00"), [trip], { ...dnd, allDayBusy: true });
    max.zone = zoneOf("W. Europe Standard Time") as ZoneId;
    max.look();
    max.passTo(at("2026-06-16T12:00"));
    expect(max.seen).toEqual(["00:00 dnd until 00:00", "00:00 server: online"]);
  });

  for (const showAs of ["tentative", "workingElsewhere", "free", "oof"] as const)
    test(`A8, A9: "${showAs}" is not a meeting, unless the person says so`, () => {
      const events = [meeting("a", "10:00", "11:00", { showAs })];
      const sam = person(events, dnd);
      const max = person(events, { ...dnd, busyShowAs: ["busy", showAs] });
      for (const one of [sam, max]) one.passTo(on("10:30"));
      expect(sam.seen).toEqual([]);
      expect(max.seen).toEqual(["10:00 dnd until 11:00"]);
    });

  test("A10: a declined event is not a meeting and has no reminder", () => {
    const declined = meeting("a", "10:00", "11:00", { responseStatus: { response: "declined" } });
    const sam = person([declined], { ...dnd, reminders: true });
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual([]);
  });

  test("A11: a block without guests is not a meeting, unless the setting says so; a room is not a guest", () => {
    const room = [{ type: "resource", emailAddress: { name: "Room 1", address: "room1@example.com" } }];
    for (const attendees of [[], room]) {
      const events = [meeting("a", "10:00", "11:00", { attendees })];
      const sam = person(events, dnd);
      const max = person(events, { ...dnd, needAttendee: false });
      for (const one of [sam, max]) one.passTo(on("10:30"));
      expect(sam.seen).toEqual([]);
      expect(max.seen).toEqual(["10:00 dnd until 11:00"]);
    }
  });

  test("A13: cancelled in the middle: back at once", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:20"));
    sam.events = [meeting("a", "10:00", "11:00", { isCancelled: true })];
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "10:20 online"]);
  });

  test("A15: extended: stays until the new end, and still ends", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:50"));
    sam.events = [meeting("a", "10:00", "11:30")];
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "10:50 dnd until 11:30", "11:30 server: online"]);
  });

  test("extended, but we learn it after the server ended the status: set again", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("11:00:30"));
    sam.events = [meeting("a", "10:00", "11:30")];
    sam.look();
    expect(sam.seen.at(-1)).toBe("11:00 dnd until 11:30");
  });

  test("A18: a person who goes online by hand is left alone until the next meeting", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "14:00", "15:00")], dnd);
    sam.passTo(on("10:20"));
    sam.choose("online");
    sam.look();
    sam.passTo(on("15:30"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "14:00 dnd until 15:00", "15:00 server: online"]);
  });

  test("A18: also when we were down at the end of the first meeting", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "14:00", "15:00")], dnd);
    sam.passTo(on("10:20"));
    sam.choose("online");
    sam.look();
    sam.kill();
    sam.passTo(on("14:10"));
    sam.restart();
    expect(sam.seen.at(-1)).toBe("14:10 dnd until 15:00");
  });

  test("A19: a manual away comes back as a manual away", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.choose("away");
    sam.passTo(on("11:01:30"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: away", "11:00 away by hand"]);
    expect(sam.status).toEqual({ status: "away", manual: true });
  });

  test("A19: through two meetings with a minute between them", () => {
    const sam = person([meeting("a", "10:00", "10:29"), meeting("b", "10:30", "11:00")], dnd);
    sam.choose("away");
    sam.passTo(on("12:00"));
    expect(sam.status).toEqual({ status: "away", manual: true });
  });

  test("A20: an automatic away comes back as online", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { status: "away" });
    sam.status = { status: "away", manual: false };
    sam.passTo(on("11:00"));
    expect(sam.seen).toEqual(["10:00 away until 11:00", "11:00 online"]);
    expect(sam.status).toEqual({ status: "online", manual: false });
  });

  test("A21, A26: a do-not-disturb of the person is never touched, whatever the wish", () => {
    for (const status of ["dnd", "away"] as const) {
      const sam = person([meeting("a", "10:00", "11:00")], { status });
      sam.choose("dnd");
      sam.passTo(on("12:00"));
      expect(sam.seen).toEqual([]);
      expect(sam.status).toEqual({ status: "dnd", manual: true });
    }
  });

  test("A23: a person who comes online in the middle is set within a minute", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.choose("offline");
    sam.passTo(on("10:30:20"));
    expect(sam.seen).toEqual([]);
    sam.choose("online");
    sam.passTo(on("10:31:20"));
    expect(sam.seen).toEqual(["10:31 dnd until 11:00"]);
    // Not once a minute for the rest of the day.
    const looks = sam.looks;
    sam.passTo(on("23:00"));
    expect(sam.looks - looks).toBeLessThan(5);
  });

  test("A25: out of office is never touched", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.choose("ooo");
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual([]);
  });

  test("A28: killed at 10:30, back at 10:40: no second change, the right end", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:30"));
    sam.kill();
    sam.passTo(on("10:40"));
    sam.restart();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: online"]);
  });

  test("A28: an away has no timer of the server: ended as soon as we are back", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { status: "away" });
    sam.passTo(on("10:30"));
    sam.kill();
    sam.passTo(on("11:20"));
    sam.restart();
    expect(sam.seen).toEqual(["10:00 away until 11:00", "11:20 online"]);
  });

  test("A34, A35, A39: asked once, nothing without a yes, and no second question at the end", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { ...dnd, confirm: true });
    sam.passTo(on("10:05"));
    expect(sam.seen).toEqual(["10:00 ask a"]);
    expect(sam.status.status).toBe("online");
    sam.answer("yes");
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 ask a", "10:05 dnd until 11:00", "11:00 server: online"]);
  });

  test("A34: a no is kept when the meeting is extended, and is not for the next one", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "14:00", "15:00")], {
      ...dnd,
      confirm: true,
    });
    sam.passTo(on("10:05"));
    sam.answer("no");
    sam.events = [meeting("a", "10:00", "11:30"), meeting("b", "14:00", "15:00")];
    sam.look();
    for (const time of ["11:15", "11:20"]) {
      sam.passTo(on(time));
      sam.look();
    }
    sam.passTo(on("14:00"));
    expect(sam.seen).toEqual(["10:00 ask a", "14:00 ask b"]);
  });

  test("A40: another wish in the middle: another status, the same end", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:20"));
    sam.settings = { ...sam.settings, status: "away" };
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "10:20 away until 11:00", "11:00 online"]);
  });

  test("switched off in the middle: our statuses end", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { status: "away", customStatus: true });
    sam.passTo(on("10:20"));
    sam.settings = { ...sam.settings, status: "off", customStatus: false };
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen.slice(2)).toEqual(["10:20 online", "10:20 shows nothing"]);
    expect(sam.memory).toMatchObject({ status: null, custom: null });
  });

  test("a person who wants nothing is never looked at", () => {
    const sam = person([meeting("a", "10:00", "11:00")], {});
    sam.passTo(on("23:00"));
    expect(sam.looks).toBe(1);
  });
});
