// Tests that an admin who switches the calendar off in a meeting ends the statuses that we set.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

describe("switched off by an admin in the middle of a meeting", () => {
  test("ends our statuses, on the node that drives", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "away", customStatus: true });
    world.meeting(sam, "10:00", "11:00");
    const nodes = [await world.start(), await world.start()];
    await world.passTo("10:20");
    expect([world.status(sam), world.custom(sam)?.text]).toEqual(["away by hand", "In a meeting"]);
    const ended = nodes.map(({ part }) => part.switchOff());
    await world.settle();
    await Promise.all(ended);
    expect([world.status(sam), world.custom(sam)]).toEqual(["online", null]);
  });
});
