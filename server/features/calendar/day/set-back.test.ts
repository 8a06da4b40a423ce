/** The machine's clock is set back by hours: the calendar goes on. */

import { afterEach, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

test("events are read again within a minute, and the status follows them", async () => {
  world = new DayWorld();
  const sam = world.member("sam", { status: "dnd" });
  await world.start();
  await world.passTo("09:30");
  world.clock.jumpTo(world.at("06:30"));
  world.meeting(sam, "06:32", "06:45");
  await world.passTo("06:31");
  expect(world.status(sam)).toBe("online");
  await world.passTo("06:32:01");
  expect(world.status(sam)).toBe("dnd by hand");
});
