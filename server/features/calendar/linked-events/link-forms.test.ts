/** The forms that link an event to a channel. */

import { describe, expect, test } from "bun:test";
import { HOUR } from "../testing/events-world.ts";
import { ana, count, openLinkedChannel, said, type, world } from "../testing/linked-channel.ts";

openLinkedChannel();

describe("the form", () => {
  const open = async () => {
    expect(await type("event create")).toBe("The form is open.");
    const dialog = world.opened.at(-1)?.dialog;
    expect(dialog?.fields.filter(({ label }) => label.length > 24)).toEqual([]);
    return Object.fromEntries((dialog?.fields ?? []).map(({ initial, name }) => [name, initial ?? ""]));
  };

  test("makes the event; a second submission of the same form makes none", async () => {
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

  for (const comma of [";", "،", "、", "，"])
    test(`separates guests at ${comma}`, async () => {
      const ben = await world.member(`ben${count}`);
      const guests = `@${ben.user.Username}${comma}guest@else.example`;
      expect(await world.submit(ana.user.Id, { ...(await open()), subject: "Kick-off", guests })).toEqual({});
      const [made] = world.calendars.of(ana.person.objectId).events.values();
      expect(JSON.stringify(made?.attendees)).toContain('"address":"guest@else.example"');
      expect(world.calendars.of(ben.person.objectId).events.size).toBe(1);
    });

  test("F2: shows an error at each wrong field", async () => {
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
    const sent: string[] = [];
    world.base.mattermost.watch((event) => void sent.push(JSON.stringify(event)));
    expect(await world.submit(ana.user.Id, { ...fields, end_date: asked.end.split("T")[0] })).toEqual({});
    expect(sent.join("\n")).toContain("Not free then");
  });
});
