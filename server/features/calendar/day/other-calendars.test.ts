// Tests a member's own calendars beside the default one, and calendars that somebody else owns.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { eventJson } from "../../../../e2e/sandbox/graph/mailbox.ts";
import { Refusal } from "../../../../e2e/sandbox/graph/refusal.ts";
import { DayWorld, type Member } from "../testing/day-world.ts";

let world: DayWorld;
let sam: Member;
let ann: Member;
beforeEach(() => {
  world = new DayWorld(Date.parse("2026-06-15T09:55:00Z"));
  sam = world.member("sam", { status: "dnd", otherCalendars: true });
  ann = world.member("ann", { status: "dnd" });
});
afterEach(() => world.stop());

const at = (time: string) => Date.parse(`2026-06-15T${time}:00Z`);
function put(member: Member, calendar: string, time: string, owner?: string) {
  const [from = "", to = ""] = time.split("/");
  const event = eventJson(member.person, at(from), at(to), { subject: calendar });
  const known = world.box(member).others.get(calendar);
  if (known) known.events.set(event.id, event);
  else
    world
      .box(member)
      .others.set(calendar, { ...(owner ? { owner } : {}), events: new Map([[event.id, event]]) });
  return event;
}
const asked = (member: Member) =>
  world.graph.requests.filter(
    ({ path }) => path.includes("/calendars") && path.includes(member.person.objectId),
  );

describe("a member's other calendars", () => {
  test("set the status where they are chosen; where not, they are not even asked for", async () => {
    for (const one of [sam, ann]) put(one, "Project", "10:00/11:00");
    await world.start();
    await world.passTo("10:00:05");
    expect([world.status(sam), world.status(ann)]).toEqual(["dnd by hand", "online"]);
    expect(asked(sam).length).toBeGreaterThan(1);
    expect(asked(ann)).toEqual([]);
    await world.passTo("11:00:05");
    expect(world.status(sam)).toBe("online");
  });

  test("are merged with the default one: one span, no flicker", async () => {
    world.meeting(sam, "10:00", "10:30");
    put(sam, "Project", "10:30/11:00");
    await world.start();
    await world.passTo("11:00:05");
    expect(world.statusCalls()[0]).toBe("10:00:00 dnd until 11:00");
  });

  test("that somebody else owns are left alone", async () => {
    put(sam, "Boss", "10:00/11:00", "boss@example.com");
    await world.start();
    await world.passTo("10:00:05");
    expect(world.status(sam)).toBe("online");
    expect(asked(sam).every(({ path }) => !path.includes("calendarView"))).toBe(true);
  });

  test("one that is deleted takes nothing else with it", async () => {
    put(sam, "Project", "10:00/10:30");
    const node = await world.start();
    await world.passTo("10:31");
    world.box(sam).others.clear();
    world.meeting(sam, "10:40", "11:00");
    node.part.driver.changed(sam.user.Id);
    await world.passTo("10:40:05");
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("that cannot be read now make the read fail, and do not look empty", async () => {
    put(sam, "Project", "10:00/11:00");
    await world.start();
    await world.passTo("10:10");
    world.box(sam).failure = () => new Refusal(503, "UnknownError", "later");
    await world.passTo("10:30");
    expect(world.status(sam)).toBe("dnd by hand");
  });
});
