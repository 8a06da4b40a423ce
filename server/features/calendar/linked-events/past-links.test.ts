/** Tests that the link of a single event ends some time after the event. */

import { beforeEach, describe, expect, test } from "bun:test";
import { readEvent } from "../rules/event.ts";
import { HOUR } from "../testing/events-world.ts";
import { ana, channel, openLinkedChannel, world } from "../testing/linked-channel.ts";
import { type ChannelLinks, linkOfEvent } from "./channels.ts";

openLinkedChannel();

const DAY = 24 * HOUR;
let links: ChannelLinks;
beforeEach(async () => {
  ({ links } = await world.part.room());
});

const wall = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" });
async function linked(different: Record<string, unknown> = {}) {
  const event = world.put(ana, 24, { isOrganizer: true, ...different });
  const read = readEvent(event);
  if (!read) throw new Error("the event cannot be read");
  return { event, result: await links.add(ana.user.Id, linkOfEvent(read, channel.Id, world.base.now)) };
}
const state = async () => ({
  ofOwner: (await links.ofOwner(ana.user.Id)).length,
  ofChannel: (await links.ofChannel(channel.Id)).length,
  owners: (await links.owners()).length,
  count: await links.count(),
});
const one = { ofOwner: 1, ofChannel: 1, owners: 1, count: 1 };
const none = { ofOwner: 0, ofChannel: 0, owners: 0, count: 0 };

describe("the link of a single event", () => {
  test("ends 30 days after the event", async () => {
    await linked();
    world.base.pass(30 * DAY);
    expect(await state()).toEqual(one);
    world.base.pass(2 * DAY);
    expect(await state()).toEqual(none);
  });

  test("takes no place after its end: the 201st event of a year is linked", async () => {
    for (let at = 0; at < 200; at += 1) expect((await linked()).result).toBe("added");
    expect((await linked()).result).toBe("full");
    expect(await links.isFull(ana.user.Id)).toBe(true);
    world.base.pass(32 * DAY);
    expect(await links.isFull(ana.user.Id)).toBe(false);
    expect((await linked()).result).toBe("added");
    expect(await state()).toEqual(one);
  });

  for (const [name, days] of [
    ["a later day", 90],
    ["a day after that again", 200],
  ] as const)
    test(`moves with the event to ${name}`, async () => {
      const { event } = await linked();
      for (const later of new Set([90, days])) {
        const at = world.base.now + later * DAY;
        world.edit(ana, event.id, { start: wall(at), end: wall(at + HOUR) });
        await world.change(ana, event.id);
      }
      world.base.pass((days + 29) * DAY);
      expect(await state()).toEqual(one);
      world.base.pass(2 * DAY);
      expect(await state()).toEqual(none);
    });

  test("moves with the event to an earlier day", async () => {
    const { event } = await linked({
      start: wall(world.base.now + 90 * DAY),
      end: wall(world.base.now + 91 * DAY),
    });
    world.edit(ana, event.id, { start: wall(world.base.now + DAY), end: wall(world.base.now + 2 * DAY) });
    await world.change(ana, event.id);
    world.base.pass(33 * DAY);
    expect(await state()).toEqual(none);
  });

  test("that was stored without an end stays", async () => {
    await links.add(ana.user.Id, { eventId: "earlier", channelId: channel.Id, at: world.base.now });
    world.base.pass(1_000 * DAY);
    expect(await state()).toEqual(one);
  });
});

describe("the link of a series", () => {
  for (const [name, part] of [
    ["itself", { type: "seriesMaster" }],
    ["through one occurrence", { type: "occurrence", seriesMasterId: "AAMkSeries" }],
    ["through an exception", { type: "exception", seriesMasterId: "AAMkSeries" }],
  ] as const)
    test(`${name} stays until it is unlinked`, async () => {
      const { event } = await linked(part);
      world.base.pass(1_000 * DAY);
      expect(await state()).toEqual(one);
      const eventId = "seriesMasterId" in part ? part.seriesMasterId : event.id;
      expect(await links.remove(ana.user.Id, { eventId })).toBe(true);
      expect(await state()).toEqual(none);
    });
});
