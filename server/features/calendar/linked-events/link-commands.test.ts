import { describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { actionsOf, HOUR } from "../testing/events-world.ts";
import { ana, channel, count, openLinkedChannel, said, type, world } from "../testing/linked-channel.ts";

openLinkedChannel();

/** The bot's last direct message with buttons. */
const choice = () =>
  [...world.base.mattermost.posts.values()].findLast((post) => actionsOf(post).length > 0) as Post;
const wall = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" });

describe("link", () => {
  test("F19: the next event with these words; an occurrence links its series", async () => {
    world.put(ana, 5, { subject: "Lunch" });
    const series = world.put(ana, 24, { type: "seriesMaster", subject: "Weekly Stand-up" });
    for (const hours of [24, 24 * 8])
      world.put(ana, hours, { type: "occurrence", seriesMasterId: series.id, subject: "Weekly Stand-up" });
    expect(await type("link weekly STAND")).toBe("Linked to this channel: Weekly Stand-up");
    expect(said()).toEqual([expect.stringContaining("was linked to this channel by")]);
    expect(await type("link weekly stand")).toContain("already");
    expect(said()).toHaveLength(1);
    const { links } = await world.part.room();
    expect(await links.ofChannel(channel.Id)).toMatchObject([{ eventId: series.id, ownerId: ana.user.Id }]);
  });

  test("without words lists the next events and the links", async () => {
    world.put(ana, 24, { subject: "Review" });
    world.put(ana, 48, { subject: "Declined", responseStatus: { response: "declined" } });
    expect(await type("link")).toMatch(/Review/);
    expect(await type("link")).not.toContain("Declined");
    await type("link review");
    expect(await type("link")).toContain("linked here");
  });

  test("of several, the person chooses by buttons in a direct message", async () => {
    world.put(ana, 24, { subject: "Review A" });
    world.put(ana, 48, { subject: "Review B" });
    expect(await type("link review")).toContain("direct message");
    expect(actionsOf(choice()).map(({ name }) => name)).toEqual([
      expect.stringContaining("Review A"),
      expect.stringContaining("Review B"),
    ]);
    const other = world.base.user(`other${count}`);
    expect(await world.press(ana, choice(), "choose2", { by: other })).toMatchObject({ ok: false });
    const post = choice();
    await world.press(ana, post, "choose2");
    expect(said()).toEqual([expect.stringContaining("Review B")]);
    // The buttons are gone: pressing again changes nothing.
    expect(await world.press(ana, post, "choose1")).toMatchObject({ ok: false });
    expect(said()).toHaveLength(1);
  });

  test("refuses private events, foreign channels, and says when nothing matches", async () => {
    world.put(ana, 24, { subject: "Doctor", sensitivity: "private" });
    expect(await type("link doctor")).toContain("private");
    expect(await type("link nothing")).toContain("No coming event");
    const secret = world.base.mattermost.addChannel({ Name: "secret", Type: "P" });
    world.put(ana, 24, { subject: "Open" });
    expect(await type("link open", { channelId: secret.Id })).toContain("may not post");
    expect(await type("link open", { userId: world.base.user(`nobody${count}`).Id })).toContain("Connect");
    expect(said()).toEqual([]);
  });

  test("of several, nothing is linked by somebody who may not post there any more", async () => {
    world.put(ana, 24, { subject: "Review A" });
    world.put(ana, 48, { subject: "Review B" });
    await type("link review");
    world.base.mattermost.leave(ana.user.Id, channel.Id);
    expect(JSON.stringify(await world.press(ana, choice(), "choose1"))).toContain("may not post");
    expect(said()).toEqual([]);
    const { links } = await world.part.room();
    expect(await links.ofChannel(channel.Id)).toEqual([]);
  });

  test("an event that became private after the choice was offered is not linked", async () => {
    const [first] = [
      world.put(ana, 24, { subject: "Review A" }),
      world.put(ana, 26, { subject: "Review B" }),
    ];
    await type("link review");
    const offer = choice();
    world.edit(ana, first.id, { subject: "Secret surgery", sensitivity: "private" });
    await world.press(ana, offer, "choose1");
    expect(said()).toEqual([]);
    const { links } = await world.part.room();
    expect(await links.ofChannel(channel.Id)).toEqual([]);
  });
});

describe("a person who has linked 200 events", () => {
  const full = async () => {
    const { links } = await world.part.room();
    for (let at = 1; at <= 200; at += 1)
      await links.add(ana.user.Id, { eventId: `event-${at}`, channelId: "elsewhere", at });
    return links;
  };

  test("reads that this is the limit, and what to do, in each language", async () => {
    const links = await full();
    world.put(ana, 24, { subject: "Review" });
    for (const language of ["en", "de", "es", "fr", "ja", "ar"] as const) {
      const answer = await type("link review", { language });
      expect(answer).toContain("200");
      expect(answer).toContain("/mscalendar unlink");
    }
    expect(said()).toEqual([]);
    await links.remove(ana.user.Id, { eventId: "event-1" });
    expect(await type("link review")).toContain("Linked to this channel");
    // The last one is linked already; that is not the limit.
    expect(await type("link review")).toContain("already");
  });

  test("creates no event for a channel that would silently get no post", async () => {
    await full();
    await type("event create");
    const fields = Object.fromEntries(
      (world.opened.at(-1)?.dialog.fields ?? []).map(({ initial, name }) => [name, initial ?? ""]),
    );
    const answer = await world.submit(ana.user.Id, { ...fields, subject: "Kick-off", link: true });
    expect(JSON.stringify(answer)).toContain("/mscalendar unlink");
    expect(world.calendars.of(ana.person.objectId).events.size).toBe(0);
    // Without the channel there is no limit.
    expect(await world.submit(ana.user.Id, { ...fields, subject: "Kick-off" })).toEqual({});
    expect(world.calendars.of(ana.person.objectId).events.size).toBe(1);
  });
});

describe("unlink", () => {
  test("finds each of many", async () => {
    const { links } = await world.part.room();
    for (let at = 1; at <= 12; at += 1) {
      const { id } = world.put(ana, 24, { subject: `Plan ${at}` });
      await links.add(ana.user.Id, { eventId: id, channelId: channel.Id, at });
    }
    expect(await type("unlink 12")).toBe("Unlinked from this channel: Plan 12");
  });

  test("F18: the only one without words, one of several by words, or by buttons", async () => {
    for (const name of ["Alpha", "Beta", "Gamma"]) {
      world.put(ana, 24, { subject: name });
      await type(`link ${name}`);
    }
    expect(await type("unlink beta")).toBe("Unlinked from this channel: Beta");
    expect(await type("unlink")).toContain("direct message");
    await world.press(ana, choice(), "choose1");
    expect(await type("unlink")).toBe("Unlinked from this channel: Gamma");
    expect(await type("unlink")).toContain("None of your events");
  });

  test("keeps the links of other members", async () => {
    world.put(ana, 24, { subject: "Alpha" });
    await type("link alpha");
    const ben = await world.member(`ben${count}`);
    expect(await type("unlink", { userId: ben.user.Id })).toContain("None of your events");
    const { links } = await world.part.room();
    expect(await links.ofChannel(channel.Id)).toHaveLength(1);
  });
});

describe("a linked channel", () => {
  test("is notified once of a move and of a cancellation, also of the owner's own event", async () => {
    const event = world.put(ana, 24, { subject: "Launch", isOrganizer: true });
    await type("link launch");
    const at = Date.parse(`${event.start.dateTime.slice(0, 19)}Z`) + HOUR;
    world.edit(ana, event.id, { start: wall(at), end: wall(at + HOUR) });
    await world.change(ana, event.id);
    await world.change(ana, event.id);
    world.edit(ana, event.id, { categories: ["Red"] });
    await world.change(ana, event.id);
    expect(said().slice(1)).toEqual([expect.stringMatching(/Changed.*Launch\n.*~~.*~~ → /s)]);
    world.drop(ana, event.id);
    await world.change(ana, event.id, "deleted");
    await world.change(ana, event.id, "deleted");
    expect(said().slice(2)).toEqual([expect.stringContaining("Cancelled")]);
    const { links } = await world.part.room();
    expect(await links.ofChannel(channel.Id)).toEqual([]);
    expect(world.posts(ana)).toEqual([]);
  });

  test("gets a post about one moved occurrence of a linked series, with its former time", async () => {
    const series = world.put(ana, 24, { type: "seriesMaster", subject: "Weekly", isOrganizer: true });
    const one = world.put(ana, 24, { type: "occurrence", seriesMasterId: series.id, subject: "Weekly" });
    await type("link weekly");
    const at = Date.parse(`${one.start.dateTime.slice(0, 19)}Z`);
    const moved = { type: "exception", originalStart: new Date(at).toISOString(), isOrganizer: true };
    world.edit(ana, one.id, { ...moved, start: wall(at + HOUR), end: wall(at + 2 * HOUR) });
    await world.change(ana, one.id);
    expect(said().slice(1)).toEqual([expect.stringContaining("~~")]);
  });

  test("one post, however many guests are connected: the owner's mailbox decides", async () => {
    const ben = await world.member(`ben${count}`);
    const event = world.put(ana, 24, { subject: "Launch", iCalUId: "same" });
    const copy = world.put(ben, 24, { subject: "Launch", iCalUId: "same" });
    await type("link launch");
    for (const [member, id] of [
      [ana, event.id],
      [ben, copy.id],
    ] as const) {
      await world.change(member, id, "created");
      world.edit(member, id, { isCancelled: true });
      await world.change(member, id);
    }
    expect(said().filter((text) => text.includes("Cancelled"))).toHaveLength(1);
  });

  test("does not read the private words of an event that is public again", async () => {
    const event = world.put(ana, 24, { subject: "Launch" });
    await type("link launch");
    world.edit(ana, event.id, { subject: "Secret surgery", sensitivity: "private" });
    await world.change(ana, event.id);
    world.edit(ana, event.id, { subject: "Grand launch", sensitivity: "normal" });
    await world.change(ana, event.id);
    expect(said().slice(1)).toEqual([expect.stringContaining("Grand launch")]);
    expect(said().join()).not.toContain("Secret");
  });

  test("an event that became private is not mentioned there any more", async () => {
    const event = world.put(ana, 24, { subject: "Launch" });
    await type("link launch");
    world.edit(ana, event.id, { subject: "Secret surgery", sensitivity: "private" });
    await world.change(ana, event.id);
    expect(said().join("\n")).not.toContain("surgery");
  });

  test("the owner's calendar is subscribed to, although they use nothing themselves", async () => {
    const ben = await world.member(`ben${count}`, {});
    world.put(ben, 24, { subject: "Launch" });
    world.base.mattermost.join(ben.user.Id, channel.Id);
    await type("link launch", { userId: ben.user.Id });
    expect((await world.part.listener.wishes()).map(({ key }) => key)).toContain(ben.user.Id);
  });
});

describe("find a time", () => {
  test("is refused in a channel that the person cannot read: its members' free times are not theirs to see", async () => {
    const secret = world.base.mattermost.addChannel({ Name: "board", Type: "P" });
    const ben = await world.member(`ben${count}`);
    world.base.mattermost.join(ben.user.Id, secret.Id);
    expect(await type("event find", { channelId: secret.Id })).toContain("may not post");
    expect(JSON.stringify([...world.base.mattermost.posts.values()])).not.toContain("free");
  });

  test("offers three times at which the channel's members are free, and each opens the form", async () => {
    const ben = await world.member(`ben${count}`);
    world.base.mattermost.join(ben.user.Id, channel.Id);
    expect(await type("event find 60")).toContain("three proposals");
    expect(actionsOf(choice())).toHaveLength(3);
    expect(actionsOf(choice())[0]?.name).toContain("2 of 2 free");
    await world.press(ana, choice(), "choose1");
    const guests = world.opened.at(-1)?.dialog.fields.find(({ name }) => name === "guests");
    expect(guests?.initial).toBe(`@${ben.user.Username}`);
  });

  test("over HTTP, for members of the channel only", async () => {
    const path = "/api/v1/calendar/times";
    const { body, status } = await world.json(path, ana.user, { channelId: channel.Id, minutes: 30 });
    expect(status).toBe(200);
    expect((body as { proposals: unknown[] }).proposals).toHaveLength(3);
    const secret = world.base.mattermost.addChannel({ Name: "secret", Type: "P" });
    expect((await world.json(path, ana.user, { channelId: secret.Id })).status).toBe(403);
    expect((await world.json(path, ana.user, { channelId: channel.Id, minutes: 0 })).status).toBe(400);
  });
});
