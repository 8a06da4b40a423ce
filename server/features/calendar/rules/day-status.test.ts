// Scenarios of a day, driven by a clock that the tests move. The letters and numbers name the scenarios that we
// support.
import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { allDay, at } from "./testing/events.ts";
import { meeting, on, person, SimulatedPerson } from "./testing/simulated-person.ts";

const dnd = { status: "dnd" } as const;

describe("A: the status", () => {
  test("A1, A2: lasts from the start to the end, not a second early", () => {
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

  test("A2: ends even if the plugin is down", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:30"));
    sam.kill();
    sam.passTo(on("11:01:30"));
    expect(sam.status.status).toBe("online");
  });

  test("is ended by us within five seconds if the server does not end it", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:30"));
    // On a server without the job, do-not-disturb has no end.
    sam.choose("dnd");
    sam.passTo(on("11:00:05"));
    expect(sam.seen.at(-1)).toBe("11:00 online");
  });

  test("A3, A4: joins a short meeting inside a long one, and adjacent meetings, into one span", () => {
    const inside = person([meeting("a", "09:00", "12:00"), meeting("b", "10:00", "10:30")], dnd);
    inside.passTo(on("13:00"));
    expect(inside.seen).toEqual(["09:00 dnd until 12:00", "12:00 server: online"]);
    const after = person([meeting("a", "10:00", "10:30"), meeting("b", "10:30", "11:00")], dnd);
    after.passTo(on("12:00"));
    expect(after.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: online"]);
  });

  test("A5: restores the status for a minute between two meetings", () => {
    const sam = person([meeting("a", "10:00", "10:29"), meeting("b", "10:30", "11:00")], dnd);
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual([
      "10:00 dnd until 10:29",
      "10:29 server: online",
      "10:30 dnd until 11:00",
      "11:00 server: online",
    ]);
  });

  test("A6: ignores an all-day event; with the setting for it, lasts from midnight to midnight", () => {
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

  test("A13: restores the status at once if the meeting is cancelled in the middle", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:20"));
    sam.events = [meeting("a", "10:00", "11:00", { isCancelled: true })];
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "10:20 online"]);
  });

  test("A15: lasts until the new end if the meeting is extended", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:50"));
    sam.events = [meeting("a", "10:00", "11:30")];
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "10:50 dnd until 11:30", "11:30 server: online"]);
  });

  test("is set again if we learn of the extension after the server ended the status", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("11:00:30"));
    sam.events = [meeting("a", "10:00", "11:30")];
    sam.look();
    expect(sam.seen.at(-1)).toBe("11:00 dnd until 11:30");
  });

  test("A18: leaves a person who goes online by hand alone until the next meeting", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "14:00", "15:00")], dnd);
    sam.passTo(on("10:20"));
    sam.choose("online");
    sam.look();
    sam.passTo(on("15:30"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "14:00 dnd until 15:00", "15:00 server: online"]);
  });

  test("A18: does so also if the plugin was down at the end of the first meeting", () => {
    const sam = person([meeting("a", "10:00", "11:00"), meeting("b", "14:00", "15:00")], dnd);
    sam.passTo(on("10:20"));
    sam.choose("online");
    sam.look();
    sam.kill();
    sam.passTo(on("14:10"));
    sam.restart();
    expect(sam.seen.at(-1)).toBe("14:10 dnd until 15:00");
  });

  test("A19: restores a manual away as a manual away", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.choose("away");
    sam.passTo(on("11:01:30"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: away", "11:00 away by hand"]);
    expect(sam.status).toEqual({ status: "away", manual: true });
  });

  test("A19: restores it after two meetings with a minute between them", () => {
    const sam = person([meeting("a", "10:00", "10:29"), meeting("b", "10:30", "11:00")], dnd);
    sam.choose("away");
    sam.passTo(on("12:00"));
    expect(sam.status).toEqual({ status: "away", manual: true });
  });

  test("A20: restores an automatic away as online", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { status: "away" });
    sam.status = { status: "away", manual: false };
    sam.passTo(on("11:00"));
    expect(sam.seen).toEqual(["10:00 away until 11:00", "11:00 online"]);
    expect(sam.status).toEqual({ status: "online", manual: false });
  });

  test("A21, A26: never touches a do-not-disturb of the person, whatever the setting", () => {
    for (const status of ["dnd", "away"] as const) {
      const sam = person([meeting("a", "10:00", "11:00")], { status });
      sam.choose("dnd");
      sam.passTo(on("12:00"));
      expect(sam.seen).toEqual([]);
      expect(sam.status).toEqual({ status: "dnd", manual: true });
    }
  });

  test("A23: is set within a minute if a person comes online in the middle of a meeting", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.choose("offline");
    sam.passTo(on("10:30:20"));
    expect(sam.seen).toEqual([]);
    sam.choose("online");
    sam.passTo(on("10:31:20"));
    expect(sam.seen).toEqual(["10:31 dnd until 11:00"]);
    // It does not look once a minute for the rest of the day.
    const looks = sam.looks;
    sam.passTo(on("23:00"));
    expect(sam.looks - looks).toBeLessThan(5);
  });

  test("A25: never touches out of office", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.choose("ooo");
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual([]);
  });

  test("A28: makes no second change after a kill at 10:30 and a restart at 10:40, and ends at the right time", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:30"));
    sam.kill();
    sam.passTo(on("10:40"));
    sam.restart();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "11:00 server: online"]);
  });

  test("A28: ends an away, for which the server has no timer, as soon as the plugin is back", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { status: "away" });
    sam.passTo(on("10:30"));
    sam.kill();
    sam.passTo(on("11:20"));
    sam.restart();
    expect(sam.seen).toEqual(["10:00 away until 11:00", "11:20 online"]);
  });

  test("A34, A35, A39: asks once, changes nothing without a yes, and does not ask again at the end", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { ...dnd, confirm: true });
    sam.passTo(on("10:05"));
    expect(sam.seen).toEqual(["10:00 ask a"]);
    expect(sam.status.status).toBe("online");
    sam.answer("yes");
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 ask a", "10:05 dnd until 11:00", "11:00 server: online"]);
  });

  test("A34: keeps a no when the meeting is extended, but not for the next meeting", () => {
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

  test("A40: changes to another wished status in the middle, with the same end", () => {
    const sam = person([meeting("a", "10:00", "11:00")], dnd);
    sam.passTo(on("10:20"));
    sam.settings = { ...sam.settings, status: "away" };
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen).toEqual(["10:00 dnd until 11:00", "10:20 away until 11:00", "11:00 online"]);
  });

  test("ends our statuses if the person switches the feature off in the middle", () => {
    const sam = person([meeting("a", "10:00", "11:00")], { status: "away", customStatus: true });
    sam.passTo(on("10:20"));
    sam.settings = { ...sam.settings, status: "off", customStatus: false };
    sam.look();
    sam.passTo(on("12:00"));
    expect(sam.seen.slice(2)).toEqual(["10:20 online", "10:20 shows nothing"]);
    expect(sam.memory).toMatchObject({ status: null, custom: null });
  });

  test("never looks at a person who enabled nothing", () => {
    const sam = person([meeting("a", "10:00", "11:00")], {});
    sam.passTo(on("23:00"));
    expect(sam.looks).toBe(1);
  });
});
