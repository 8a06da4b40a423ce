import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Channel } from "../../../runtime/mattermost/index.ts";
import { readEvent } from "../rules/event.ts";
import { EventsWorld, HOUR, type Member, Microsoft } from "../testing/events-world.ts";
import { linkOfEvent } from "./channels.ts";

const microsoft = new Microsoft();
microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
afterAll(() => microsoft.close());

const MINUTE = 60_000;
let world: EventsWorld;
let ana: Member;
let channel: Channel;
let count = 0;
beforeEach(async () => {
  count += 1;
  world = new EventsWorld(microsoft);
  ana = await world.member(`ana${count}`, {});
  channel = world.base.mattermost.addChannel({ Name: "plans" });
});
afterEach(() => world.settle());

const wall = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" });
/** An event of Ana's that starts in this many minutes, linked. */
async function linked(minutes: number, different: Record<string, unknown> = {}) {
  const at = world.base.now + minutes * MINUTE;
  const event = world.put(ana, 1, {
    ...different,
    subject: "Launch",
    ...{ start: wall(at), end: wall(at + HOUR) },
  });
  world.edit(ana, event.id, { start: wall(at), end: wall(at + HOUR) });
  const { links } = await world.part.room();
  await links.add(ana.user.Id, linkOfEvent(readEvent(event) as never, channel.Id, 1));
  return event;
}
const run = async (by = world) => (await by.part.room()).reminders.run(new AbortController().signal);
const said = () => world.inChannel(channel.Id).map(({ Message }) => Message);

describe("a linked channel", () => {
  test("C14, C15: is reminded once, ten minutes before, although nobody switched reminders on", async () => {
    await linked(14);
    await run();
    expect(said()).toEqual([]);
    world.base.pass(5 * MINUTE);
    for (let round = 0; round < 3; round += 1) await run();
    expect(said()).toEqual([expect.stringMatching(/Soon.*Launch\nWhen: /s)]);
  });

  test("is reminded late rather than never, and not after the start", async () => {
    await linked(4);
    await linked(-3);
    await run();
    expect(said()).toHaveLength(1);
  });

  test("of an occurrence, when its series is linked", async () => {
    const { links } = await world.part.room();
    await links.add(ana.user.Id, { eventId: "AAMkSeries", channelId: channel.Id, at: 1 });
    const at = world.base.now + 5 * MINUTE;
    const one = world.put(ana, 1, { type: "occurrence", seriesMasterId: "AAMkSeries", subject: "Weekly" });
    world.edit(ana, one.id, { start: wall(at), end: wall(at + HOUR) });
    await run();
    expect(said()).toEqual([expect.stringContaining("Weekly")]);
  });

  test("is not reminded of private, cancelled and declined events, nor of unlinked ones", async () => {
    await linked(5, { sensitivity: "private" });
    await linked(5, { isCancelled: true });
    await linked(5, { responseStatus: { response: "declined" } });
    const other = world.put(ana, 1, { subject: "Other" });
    const at = world.base.now + 5 * MINUTE;
    world.edit(ana, other.id, { start: wall(at), end: wall(at + HOUR) });
    await run();
    expect(said()).toEqual([]);
  });

  test("is not reminded of an event that was moved or cancelled since the calendar was read", async () => {
    const moved = await linked(14);
    const cancelled = await linked(14);
    const later = await linked(14);
    await run();
    world.base.pass(3 * MINUTE);
    const at = world.base.now + 5 * HOUR;
    world.edit(ana, moved.id, { start: wall(at), end: wall(at + HOUR) });
    world.edit(ana, cancelled.id, { isCancelled: true });
    world.edit(ana, later.id, { subject: "Launch, second try" });
    world.base.pass(MINUTE + 1_000);
    await run();
    expect(said()).toEqual([expect.stringContaining("Launch, second try")]);
  });

  test("is reminded of what was read last while Microsoft is away", async () => {
    await linked(14);
    await run();
    world.base.pass(4 * MINUTE + 1_000);
    world.calendars.of(ana.person.objectId).throttleNext = 9;
    await run();
    expect(said()).toHaveLength(1);
  });

  test("is reminded once by two nodes, and when a node died after the post", async () => {
    await linked(5);
    const second = new EventsWorld(microsoft, world);
    await Promise.all([run(), run(second)]);
    await run(second);
    expect(said()).toHaveLength(1);

    await linked(6);
    (await world.part.room()).reminders.forget();
    world.base.fault = (method) =>
      method === "kvSetWithOptions" && said().length === 2 ? new Error("died") : undefined;
    await run();
    world.base.fault = undefined;
    (await second.part.room()).reminders.forget();
    await run(second);
    await run(second);
    expect(said()).toHaveLength(2);
    await second.settle();
  });

  test("a channel that is archived, or fails, delays no other", async () => {
    const { links } = await world.part.room();
    const archived = world.base.mattermost.addChannel({ Name: "archived", DeleteAt: 1 });
    const failing = world.base.mattermost.addChannel({ Name: "failing" });
    const event = await linked(5);
    await links.forget(ana.user.Id);
    for (const { Id } of [archived, failing, channel])
      await links.add(ana.user.Id, linkOfEvent(readEvent(event) as never, Id, 1));
    world.base.fault = (method, args) =>
      method === "createPost" && (args[0] as { ChannelId: string }).ChannelId === failing.Id
        ? new Error("the database is away")
        : undefined;
    await run();
    expect(said()).toHaveLength(1);
  });

  test("a mailbox that fails delays no other", async () => {
    const ben = await world.member(`ben${count}`, {});
    await linked(5);
    world.calendars.of(ben.person.objectId).throttleNext = 9;
    const { links } = await world.part.room();
    await links.add(ben.user.Id, { eventId: "AAMkOther", channelId: channel.Id, at: 1 });
    await run();
    expect(said()).toHaveLength(1);
  });
});
