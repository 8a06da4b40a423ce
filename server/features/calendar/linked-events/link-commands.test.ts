import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Caller } from "../../../platform/commands/index.ts";
import type { Channel, Post } from "../../../runtime/mattermost/index.ts";
import { actionsOf, EventsWorld, HOUR, type Member, Microsoft } from "../testing/events-world.ts";

const microsoft = new Microsoft();
microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
afterAll(() => microsoft.close());

let world: EventsWorld;
let ana: Member;
let channel: Channel;
let count = 0;
beforeEach(async () => {
  count += 1;
  world = new EventsWorld(microsoft);
  ana = await world.member(`ana${count}`);
  channel = world.base.mattermost.addChannel({ Name: "plans", DisplayName: "Plans" });
  world.base.mattermost.join(ana.user.Id, channel.Id);
});
afterEach(() => world.settle());

/** `/mscalendar …` */
async function type(line: string, more: Partial<Caller> = {}): Promise<string> {
  const [name = "", ...words] = line.split(" ");
  const command = world.part.commands.find((one) => one.name === name);
  return (
    (await command?.run(words, {
      ...{ userId: ana.user.Id, channelId: channel.Id, teamId: "", rootId: "", triggerId: "trigger" },
      language: "en",
      ...more,
    })) ?? "unknown"
  );
}
const said = () => world.inChannel(channel.Id).map(({ Message }) => Message);
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

  test("without words lists the next events, and what is linked", async () => {
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
});

describe("unlink", () => {
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

describe("the form", () => {
  const open = async () => {
    expect(await type("event create")).toBe("The form is open.");
    const dialog = world.opened.at(-1)?.dialog;
    expect(dialog?.fields.filter(({ label }) => label.length > 24)).toEqual([]);
    return Object.fromEntries((dialog?.fields ?? []).map(({ initial, name }) => [name, initial ?? ""]));
  };

  test("creates the event; a second submission of the same form creates none", async () => {
    const ben = await world.member(`ben${count}`);
    const fields = {
      ...(await open()),
      subject: "Kick-off",
      guests: `@${ben.user.Username}, guest@else.example`,
      link: true,
    };
    expect(await world.submit(ana.user.Id, fields)).toEqual({});
    expect(await world.submit(ana.user.Id, fields)).toEqual({});
    expect(world.calendars.of(ana.person.objectId).events.size).toBe(1);
    expect(world.calendars.of(ben.person.objectId).events.size).toBe(1);
    expect(said()).toEqual([expect.stringContaining("Kick-off")]);
  });

  test("F2: reports errors at each field", async () => {
    const fields = await open();
    const submit = (part: Record<string, unknown>) =>
      world.submit(ana.user.Id, { ...fields, subject: "x", ...part });
    expect(await submit({ subject: "" })).toHaveProperty("errors.subject");
    expect(await submit({ date: "2030-02-30" })).toHaveProperty("errors.date");
    expect(await submit({ date: "2020-01-01" })).toHaveProperty("errors.start");
    expect(await submit({ start: "25:00" })).toHaveProperty("errors.start");
    expect(await submit({ start: "10:00", end: "9:00", date: "2030-01-01" })).toHaveProperty("errors.end");
    expect(await submit({ guests: "@nobody" })).toHaveProperty("errors.guests");
    expect(await submit({ repeat: "daily", until: "2020-01-01" })).toHaveProperty("errors.until");
    expect(world.calendars.of(ana.person.objectId).events.size).toBe(0);
    expect(
      await submit({ date: "2030-01-01", all_day: true, repeat: "weekly", until: "2030-03-01" }),
    ).toEqual({});
    expect([...world.calendars.of(ana.person.objectId).events.values()][0]).toMatchObject({
      isAllDay: true,
      type: "seriesMaster",
    });
  });
});

describe("the form before it opens", () => {
  test("F6, F8: the time zone of the form, and whether the calendar makes Teams meetings", async () => {
    expect(await world.json("/api/v1/calendar/form", ana.user)).toMatchObject({
      status: 200,
      body: { zone: "Europe/Berlin", mailboxZone: "W. Europe Standard Time", teamsMeetings: true },
    });
    world.calendars.of(ana.person.objectId).teamsMeetings = false;
    await type("event create");
    expect(world.opened.at(-1)?.dialog.fields.map(({ name }) => name)).not.toContain("online");
  });

  test("F16: guests who are busy are named as a hint after the event was made", async () => {
    const [ben, eve] = [await world.member(`ben${count}`), await world.member(`eve${count}`)];
    world.put(ben, 24, { subject: "Secret" });
    const at = Math.floor(world.base.now / HOUR) * HOUR + 24 * HOUR;
    const local = (moment: number) =>
      Temporal.Instant.fromEpochMilliseconds(moment)
        .toZonedDateTimeISO("Europe/Berlin")
        .toPlainDateTime()
        .toString({ smallestUnit: "minute" });
    const asked = {
      attendees: [ben.user.Id, eve.user.Id, "x@else.example"],
      start: local(at),
      end: local(at + HOUR),
    };
    const { body, status } = await world.json("/api/v1/calendar/availability", ana.user, asked);
    expect(status).toBe(200);
    expect(body).toEqual({
      [ben.user.Id]: "busy",
      [eve.user.Id]: "free",
      "x@else.example": "unknown",
    } as never);
    for (const [part, field] of [
      [{ attendees: [] }, "attendees"],
      [{ start: "soon" }, "start"],
      [{ end: asked.start }, "end"],
      [{ zone: "Mars" }, "zone"],
    ] as const)
      expect(
        await world.json("/api/v1/calendar/availability", ana.user, { ...asked, ...part }),
      ).toMatchObject({
        status: 400,
        body: { errors: { [field]: expect.any(String) } },
      });
    await type("event create");
    const [date = "", start] = asked.start.split("T");
    const fields = {
      subject: "x",
      date,
      start,
      end: asked.end.split("T")[1],
      guests: `@${ben.user.Username}`,
    };
    const told: string[] = [];
    world.base.mattermost.watch((event) => void told.push(JSON.stringify(event)));
    expect(await world.submit(ana.user.Id, { ...fields, end_date: asked.end.split("T")[0] })).toEqual({});
    expect(told.join("\n")).toContain("Not free then");
  });
});

describe("find a time", () => {
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
