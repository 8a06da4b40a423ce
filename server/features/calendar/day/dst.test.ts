// Tests days of 23 and 25 hours, and a person who moves to another time zone.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

const HOUR = 3_600_000;
const summary = { enabled: true, postTime: "08:00", weekdays: [1, 2, 3, 4, 5, 6, 7] };

const wholeDays = new Set([25, 23.5, 26]);

for (const { zone, date, hours } of [
  { zone: "Europe/Berlin", date: "2026-10-25", hours: 25 },
  { zone: "Europe/Berlin", date: "2026-03-29", hours: 23 },
  // Half an hour.
  { zone: "Australia/Lord_Howe", date: "2026-10-04", hours: 23.5 },
  { zone: "Australia/Lord_Howe", date: "2026-04-05", hours: 24.5 },
  // Two hours.
  { zone: "Antarctica/Troll", date: "2026-03-29", hours: 22 },
  { zone: "Antarctica/Troll", date: "2026-10-25", hours: 26 },
  // Ramadan begins and ends.
  { zone: "Africa/Casablanca", date: "2026-02-15", hours: 25 },
  { zone: "Africa/Casablanca", date: "2026-03-22", hours: 23 },
  // No midnight.
  { zone: "America/Havana", date: "2026-03-08", hours: 23 },
]) {
  const day = Temporal.PlainDate.from(date);
  const midnight = day.toZonedDateTime(zone).epochMilliseconds;
  const eight = day.toZonedDateTime({ timeZone: zone, plainTime: "08:00" }).epochMilliseconds;
  const next = day.add({ days: 1 }).toString();
  describe(`a day of ${hours} hours in ${zone}`, () => {
    test("the summary comes at eight o'clock of the person and has every event of the day", async () => {
      world = new DayWorld(midnight - HOUR);
      const sam = world.member("sam", { zone, summary });
      const { calendars } = world.graph;
      const id = sam.person.objectId;
      calendars.add(id, midnight, midnight + HOUR, { subject: "First hour" });
      calendars.add(id, midnight + (hours - 1) * HOUR, midnight + hours * HOUR, { subject: "Last hour" });
      calendars.add(id, midnight + hours * HOUR, midnight + (hours + 1) * HOUR, { subject: "Tomorrow" });
      await world.start();
      await world.pass(eight - world.clock.now() - 1_000);
      expect(world.posts(sam)).toEqual([]);
      await world.pass(2_000);
      expect(world.posts(sam)).toHaveLength(1);
      const text = world.posts(sam)[0]?.Message ?? "";
      expect(text).toContain("First hour");
      expect(text).toContain("Last hour");
      expect(text).not.toContain("Tomorrow");
    });

    // Minute by minute, so not of every day.
    if (!wholeDays.has(hours)) return;
    test("A6: an all-day event that counts lasts from the person's midnight to midnight", async () => {
      world = new DayWorld(midnight - HOUR);
      const sam = world.member("sam", { zone, status: "away", allDayBusy: true });
      world.graph.calendars.add(sam.person.objectId, date, next, { showAs: "busy" });
      await world.start();
      await world.pass(HOUR - 1_000);
      expect(world.status(sam)).toBe("online");
      await world.pass(2_000);
      expect(world.status(sam)).toBe("away by hand");
      await world.pass(hours * HOUR - 2_000);
      expect(world.status(sam)).toBe("away by hand");
      await world.pass(3_000);
      expect(world.status(sam)).toBe("online");
    }, 60_000);
  });
}

test("B8: a member who moves to another zone in Outlook gets the next summary there, and one message about it", async () => {
  world = new DayWorld(Date.parse("2026-06-15T05:00:00Z"));
  const sam = world.member("sam", { summary });
  world.box(sam).settings.timeZone = "W. Europe Standard Time";
  for (const day of ["2026-06-15", "2026-06-16", "2026-06-17"])
    world.graph.calendars.add(
      sam.person.objectId,
      Date.parse(`${day}T15:00:00Z`),
      Date.parse(`${day}T16:00:00Z`),
    );
  await world.start();
  await world.pass(2 * HOUR);
  expect(world.posts(sam)).toHaveLength(1);
  world.box(sam).settings.timeZone = "Eastern Standard Time";
  await world.pass(24 * HOUR);
  const moved = world
    .posts(sam)
    .filter(({ Message }) => Message.includes("America/New York") || Message.includes("America/New_York"));
  expect(moved.length).toBeGreaterThan(0);
  await world.pass(30 * HOUR);
  expect(world.posts(sam).filter(({ Message }) => Message.startsWith("Your Outlook calendar"))).toHaveLength(
    1,
  );
  expect(world.posts(sam).at(-1)?.Message).toContain("America/New York (UTC-04:00)");
}, 60_000);
