// Tests how often members' mailboxes are read in a day.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

describe("cost", () => {
  test("a member with a summary alone is read for it alone", async () => {
    world = new DayWorld();
    const summary = { enabled: true, postTime: "13:00", weekdays: [1, 2, 3, 4, 5] };
    const sam = world.member("sam", { summary });
    await world.start();
    await world.passTo("14:00");
    expect(world.box(sam).requests).toBeLessThan(5);
  });

  test("a member with a summary alone who asks for a status is read before anything is set", async () => {
    world = new DayWorld();
    const summary = { enabled: true, postTime: "07:00", weekdays: [1, 2, 3, 4, 5] };
    const sam = world.member("sam", { summary });
    const meeting = world.meeting(sam, "10:00", "14:00");
    const node = await world.start();
    await world.passTo("11:00");
    // No notification is sent.
    world.box(sam).events.set(meeting.id, { ...meeting, isCancelled: true });
    await node.core.members.update(sam.user.Id, (member) => ({
      ...member,
      settings: { ...member.settings, status: "dnd" },
    }));
    await world.passTo("11:10");
    expect(world.statusCalls()).toEqual([]);
  });

  test("1,000 idle people with working notifications: at most 60 batches an hour", async () => {
    world = new DayWorld();
    for (let index = 0; index < 1_000; index += 1) {
      const one = world.member(`p${index}`, { status: "dnd" });
      world.subscribed.add(one.user.Id);
    }
    await world.start();
    await world.passTo("09:05");
    const before = world.requests("/$batch").length;
    await world.passTo("10:05");
    expect(world.requests("/$batch").length - before).toBeLessThanOrEqual(60);
    expect(before).toBeLessThanOrEqual(60);
  }, 60_000);
});
