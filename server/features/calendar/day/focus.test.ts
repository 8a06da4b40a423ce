// Tests people who are busy without others: focus time, and organisers whom Outlook lists among their own guests.
import { afterEach, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

const guest = (name: string) => ({ emailAddress: { name, address: `${name}@example.com` } });
const own = { isOrganizer: true, organizer: guest("sam"), responseStatus: { response: "organizer" } };

test("focus time sets the status and says so; a meeting in it is a meeting; without the choice nothing happens", async () => {
  world = new DayWorld(Date.parse("2026-06-15T09:55:00Z"));
  const chosen = { status: "dnd", customStatus: true } as const;
  const sam = world.member("sam", { ...chosen, focusBlocks: true });
  const kim = world.member("kim", chosen);
  for (const one of [sam, kim])
    world.meeting(one, "10:00", "12:00", { ...own, subject: "Focus time", attendees: [] });
  const node = await world.start();
  await world.passTo("10:00:05");
  expect([world.status(sam), world.custom(sam)?.text, world.custom(sam)?.emoji]).toEqual([
    ...["dnd by hand", "Focusing", "dart"],
  ]);
  expect([world.status(kim), world.custom(kim)]).toEqual(["online", null]);
  world.meeting(sam, "10:30", "11:00", { subject: "Budget", attendees: [guest("sam"), guest("ann")] });
  node.part.driver.changed(sam.user.Id);
  await world.passTo("10:31");
  expect(world.status(sam)).toBe("dnd by hand");
  await world.passTo("12:00:05");
  expect([world.status(sam), world.custom(sam)]).toEqual(["online", null]);
});

test("an organiser whom Outlook lists first among the guests is in a meeting; alone they are in none", async () => {
  world = new DayWorld(Date.parse("2026-06-15T09:55:00Z"));
  const sam = world.member("sam", { status: "dnd" });
  world.meeting(sam, "10:00", "10:30", { ...own, attendees: [guest("sam"), guest("ann")] });
  world.meeting(sam, "11:00", "11:30", { ...own, attendees: [guest("sam")] });
  await world.start();
  await world.passTo("10:00:05");
  expect(world.status(sam)).toBe("dnd by hand");
  await world.passTo("11:00:05");
  expect(world.status(sam)).toBe("online");
});
