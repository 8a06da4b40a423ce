// Tests the custom status during a meeting. The letters are those of the scenarios we build for.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";
import { meetingKeptBy } from "../testing/one-meeting.ts";

let world: DayWorld;
afterEach(() => world.stop());

const withMeeting = meetingKeptBy((started) => {
  world = started;
});

describe("A: the custom status", () => {
  test("A44: emoji, text and end; gone afterwards", async () => {
    const { sam } = await withMeeting({ customStatus: true });
    await world.passTo("10:00:01");
    expect(world.custom(sam)).toMatchObject({
      ...{ emoji: "calendar", text: "In a meeting", expires_at: "2026-06-15T11:00:00.000Z" },
    });
    await world.passTo("11:00:01");
    expect(world.custom(sam)).toBeNull();
  });

  test("A45: a custom status of the person stays", async () => {
    world = new DayWorld();
    const own = JSON.stringify({
      emoji: "beach",
      text: "Away",
      duration: "",
      expires_at: "0001-01-01T00:00:00Z",
    });
    const sam = world.member("sam", { customStatus: true }, { Props: { customStatus: own } });
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    for (const time of ["10:05", "11:05"]) {
      await world.passTo(time);
      expect(world.custom(sam)).toMatchObject({ emoji: "beach" });
    }
  });

  test("A46: ours, cleared by the person, stays cleared", async () => {
    const { node, sam } = await withMeeting({ customStatus: true });
    await world.passTo("10:10");
    const user = world.mattermost.users.get(sam.user.Id) as typeof sam.user;
    world.mattermost.putUser({ ...user, Props: {} });
    node.part.driver.changed(sam.user.Id);
    await world.passTo("10:55");
    expect(world.custom(sam)).toBeNull();
  });
});
