// The day of members over the stand-ins of Outlook and Mattermost. Letters are those of the scenarios we build for.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

describe("A: the status", () => {
  test("A1, A2: from the start to the end, with one call at the start", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    await world.passTo("09:59:59");
    expect(world.status(sam)).toBe("online");
    await world.passTo("10:00:01");
    expect(world.status(sam)).toBe("dnd by hand");
    expect(world.statusCalls()).toEqual(["10:00:00 dnd until 11:00"]);
    await world.passTo("11:00:05");
    expect(world.status(sam)).toBe("online");
    expect(world.statusCalls()).toHaveLength(1);
  });
});
