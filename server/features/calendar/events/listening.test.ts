/** Tests which calendars are subscribed to, how a gap is filled, and that a disconnect leaves nothing. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { EventsWorld, type Member, Microsoft } from "../testing/events-world.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: EventsWorld;
let ana: Member;
let count = 0;
beforeEach(async () => {
  count += 1;
  world = new EventsWorld(microsoft);
  microsoft.tenant.revokeRole(microsoft.registered.app.appId, "Calendars.Read");
  microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
  ana = await world.member(`ana${count}`);
});
afterEach(() => world.settle());

describe("subscriptions are requested", () => {
  test("with the app's permissions if granted, for members who use cards, a status or reminders", async () => {
    await world.member(`off${count}`, {});
    const ben = await world.member(`dnd${count}`, { status: "dnd" });
    const eve = await world.member(`reminded${count}`, { reminders: true });
    await world.member(`summary${count}`, { summary: { enabled: true, postTime: "08:00", weekdays: [1] } });
    const wishes = await world.part.listener.wishes();
    expect(wishes.map(({ key, resource, credential }) => [key, resource, credential === undefined])).toEqual([
      [ana.user.Id, `/users/${ana.person.objectId}/events`, true],
      [ben.user.Id, `/users/${ben.person.objectId}/events`, true],
      [eve.user.Id, `/users/${eve.person.objectId}/events`, true],
    ]);
    expect(wishes[0]?.changeTypes).toEqual(["created", "updated", "deleted"]);
  });

  test("with the person's token if the app has none", async () => {
    microsoft.tenant.revokeRole(microsoft.registered.app.appId, "Calendars.Read");
    world = new EventsWorld(microsoft);
    ana = await world.member(`eva${count}`);
    const [wish] = await world.part.listener.wishes();
    expect(wish?.resource).toBe("/me/events");
    expect(wish?.credential).toBeDefined();
  });
});

describe("a gap", () => {
  const fill = async (from: number) => {
    const [wish] = await world.part.listener.wishes();
    const work = { signal: new AbortController().signal, turn: async () => true };
    if (wish) await world.part.listener.fillGap(wish, { from, to: world.base.now }, work);
  };

  test("is filled with what changed meanwhile, over all pages, each once, also together with notifications", async () => {
    await world.part.listener.wishes();
    const from = world.base.now - 1_000;
    for (let one = 0; one < 12; one += 1) world.put(ana, 24 + one, { subject: `Event ${one}` });
    world.put(ana, 24, { subject: "Old", lastModifiedDateTime: "2020-01-01T00:00:00Z" });
    const received = world.put(ana, 24, { subject: "Received" });
    await world.change(ana, received.id, "created");
    await fill(from);
    await fill(from);
    expect(world.posts(ana)).toHaveLength(13);
    expect(world.changedFor).toContain(ana.user.Id);
  });

  test("of a mailbox that fails is thrown to the caller, and filled later", async () => {
    await world.part.listener.wishes();
    const from = world.base.now - 1_000;
    world.put(ana);
    world.calendars.of(ana.person.objectId).throttleNext = 9;
    await expect(fill(from)).rejects.toThrow("429");
    world.calendars.of(ana.person.objectId).throttleNext = 0;
    await fill(from);
    expect(world.posts(ana)).toHaveLength(1);
  });
});

describe("after a disconnect", () => {
  test("nothing of the person is left", async () => {
    const event = world.put(ana);
    await world.part.listener.wishes();
    await world.change(ana, event.id, "created");
    expect([...world.base.stored().keys()].some((key) => key.startsWith("calendar/event_"))).toBe(true);
    await world.base.connections.disconnect(ana.user.Id, { userId: ana.user.Id, requestId: "r" });
    const left = [...world.base.stored()].filter(
      ([key, value]) => key.startsWith("calendar/") && `${key} ${value}`.includes(ana.user.Id),
    );
    expect(left).toEqual([]);
  });
});
