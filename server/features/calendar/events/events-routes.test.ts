import { describe, expect, test } from "bun:test";
import { eventJson } from "../../../../e2e/sandbox/graph/mailbox.ts";
import { EventsWorld, HOUR } from "../testing/events-world.ts";
import {
  ana,
  channel,
  count,
  create,
  EVENTS,
  filled,
  microsoft,
  openOwnCalendar,
  wall,
  world,
} from "../testing/own-calendar.ts";

openOwnCalendar();

const day = (hours: number) => wall(hours).slice(0, 10);
const stored = (member = ana) => [...world.calendars.of(member.person.objectId).events.values()];

test("a member's other calendars are listed where they are chosen, in order with the default one", async () => {
  const from = Math.floor(world.base.now / HOUR) * HOUR + 30 * HOUR;
  const other = eventJson(ana.person, from, from + HOUR, { subject: "Elsewhere" });
  world.calendars.of(ana.person.objectId).others.set("Project", { events: new Map([[other.id, other]]) });
  world.put(ana, 31, { subject: "Later" });
  const path = `/api/v1/calendar/events?from=${new Date(from - HOUR).toISOString()}&to=${new Date(from + 9 * HOUR).toISOString()}`;
  const subjects = async () => {
    const { body } = await world.json(path, ana.user);
    return (body as { subject: string }[]).map(({ subject }) => subject);
  };
  expect(await subjects()).toEqual(["Later"]);
  world.settings.set(ana.user.Id, { ...world.settingsOf(ana.user.Id), otherCalendars: true });
  expect(await subjects()).toEqual(["Elsewhere", "Later"]);
});

describe("own events", () => {
  test("of a period, in order, with wall times of the person's time zone, over all pages", async () => {
    for (let one = 0; one < 130; one += 1) world.put(ana, 24 + (130 - one) / 10, { subject: `Event ${one}` });
    world.put(ana, 24 * 90);
    const from = new Date(world.base.now).toISOString();
    const to = new Date(world.base.now + 30 * 24 * HOUR).toISOString();
    const { body, status } = await world.json(`${EVENTS}?from=${from}&to=${to}`, ana.user);
    const events = body as unknown as { subject: string; start: string; startsAt: string; zone: string }[];
    expect(status).toBe(200);
    expect(events).toHaveLength(130);
    expect(events.map(({ startsAt }) => startsAt)).toEqual(events.map(({ startsAt }) => startsAt).toSorted());
    expect(events[0]).toMatchObject({ subject: "Event 129", zone: "Europe/Berlin" });
    expect(events[0]?.start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
  });

  test("an all-day event is dates, and on its day only", async () => {
    world.calendars.add(ana.person.objectId, "2030-05-10", "2030-05-11", { subject: "Holiday" });
    const list = async (from: string, to: string) =>
      (await world.json(`${EVENTS}?from=${from}&to=${to}`, ana.user)).body as unknown as { start: string }[];
    expect(await list("2030-05-09T22:00:00Z", "2030-05-10T21:59:59Z")).toMatchObject([
      { allDay: true, start: "2030-05-10", end: "2030-05-11" },
    ]);
    expect(await list("2030-05-08T22:00:00Z", "2030-05-09T21:59:59Z")).toEqual([]);
  });

  const bad: Record<string, [string, Record<string, string>]> = {
    "without a period": ["", { from: "missing", to: "missing" }],
    "from another text": ["?from=tomorrow&to=2030-01-02T00:00:00Z", { from: "invalid" }],
    "from a date that does not exist": [
      "?from=2030-02-30T00:00:00Z&to=2030-03-02T00:00:00Z",
      { from: "invalid" },
    ],
    "without an offset": ["?from=2030-01-01T00:00:00&to=2030-01-02T00:00:00Z", { from: "invalid" }],
    "the wrong way round": ["?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", { to: "to_before_from" }],
    "of more than 62 days": ["?from=2030-01-01T00:00:00Z&to=2030-03-05T00:00:00Z", { to: "too_long" }],
  };
  for (const [name, [query, errors]] of Object.entries(bad))
    test(`${name} are refused`, async () => {
      const answer = await world.json(`${EVENTS}${query}`, ana.user);
      expect(answer).toMatchObject({ status: 400, body: { code: "event_fields", errors } });
      expect(world.requests()).toEqual([]);
    });

  test("with an offset, with an empty period, and of exactly 62 days are accepted", async () => {
    for (const query of [
      "?from=2030-01-01T00:00:00%2B02:00&to=2030-01-02T00:00:00%2B02:00",
      "?from=2030-01-01T00:00:00+02:00&to=2030-01-02T00:00:00.000Z",
      "?from=2030-01-01T00:00:00Z&to=2030-01-01T00:00:00Z",
      "?from=2030-01-01T00:00:00Z&to=2030-03-04T00:00:00Z",
    ])
      expect((await world.json(`${EVENTS}${query}`, ana.user)).status).toBe(200);
  });

  test("of somebody who is not connected: 409", async () => {
    const stranger = world.base.user(`stranger${count}`);
    const query = "?from=2030-01-01T00:00:00Z&to=2030-01-02T00:00:00Z";
    expect(await world.json(`${EVENTS}${query}`, stranger)).toMatchObject({
      status: 409,
      body: { code: "not_connected" },
    });
    expect((await world.request(`${EVENTS}${query}`, null)).status).toBe(401);
  });
});

describe("a new event", () => {
  test("F1: is made with wall times and the mailbox's own zone name; its owner gets a post", async () => {
    const { body, status } = await create({ location: "Room 1", description: "Agenda", onlineMeeting: true });
    expect(status).toBe(201);
    expect(body).toMatchObject({ subject: "Plan", start: wall(24), end: wall(25), isOrganizer: true });
    const { requests } = microsoft.graph;
    const made = requests.findLast(({ method, path }) => method === "POST" && path.endsWith("/me/events"));
    expect(made?.body).toMatchObject({
      start: { dateTime: `${wall(24)}:00`, timeZone: "W. Europe Standard Time" },
      isOnlineMeeting: true,
      onlineMeetingProvider: "teamsForBusiness",
      location: { displayName: "Room 1" },
    });
    expect(world.posts(ana).map(({ Message }) => Message)).toEqual([expect.stringContaining("Plan")]);
    expect((body as { joinUrl: string }).joinUrl).toStartWith("https://teams.microsoft.com/");
  });

  test("F3, F4: all day without times, and across midnight", async () => {
    const whole = await create({ allDay: true, start: day(48), end: "" });
    expect(whole).toMatchObject({ status: 201, body: { allDay: true, start: day(48), end: day(72) } });
    const night = await create({ start: `${day(48)}T23:00`, end: `${day(72)}T01:00` });
    expect(night).toMatchObject({ status: 201, body: { end: `${day(72)}T01:00` } });
  });

  test("F7: a series, in Graph's shape", async () => {
    const recurrence = {
      pattern: { type: "daily", interval: 1 },
      range: { type: "numbered", numberOfOccurrences: 3 },
    };
    expect(await create({ recurrence })).toMatchObject({ status: 201, body: { type: "seriesMaster" } });
    expect(stored()[0]?.recurrence).toMatchObject({ range: { startDate: day(24), numberOfOccurrences: 3 } });
  });

  test("F13: a double click and a retry create one event and one post", async () => {
    const same = { channelId: channel.Id, requestId: "submission-1" };
    const answers = await Promise.all([create(same), create(same), create(same)]);
    answers.push(await create(same));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    expect(stored()).toHaveLength(1);
    expect(world.inChannel(channel.Id)).toHaveLength(1);
    await create({ channelId: channel.Id });
    expect(stored()).toHaveLength(2);
  });

  test("another node with the same submission creates neither a second event nor a second post", async () => {
    const same = { channelId: channel.Id, requestId: "submission-2" };
    const other = new EventsWorld(microsoft, world);
    await Promise.all([create(same), other.json(EVENTS, ana.user, filled(same))]);
    await other.json(EVENTS, ana.user, filled(same));
    expect(stored()).toHaveLength(1);
    expect(world.inChannel(channel.Id)).toHaveLength(1);
    await other.settle();
  });

  test("F9: guests are members with a verified address, and addresses; others are named", async () => {
    const ben = await world.member(`ben${count}`);
    const eve = world.base.user(`eve${count}`);
    const { body, status } = await create({
      attendees: [ben.user.Id, eve.Id, "guest@else.example", "GUEST@else.example", ben.person.mail],
    });
    expect(status).toBe(201);
    expect((body as { notInvited: string[] }).notInvited).toEqual([eve.Id]);
    const guests = (stored()[0]?.attendees ?? []) as { emailAddress: { address: string } }[];
    const addresses = guests.map(({ emailAddress }) => emailAddress.address.toLowerCase());
    expect(addresses.toSorted()).toEqual([ben.person.mail ?? "", "guest@else.example"].toSorted());
    expect(stored(ben)).toHaveLength(1);
  });

  const past = "2020-01-01T09:00";
  const bad: Record<string, [Record<string, unknown>, Record<string, string>]> = {
    "no subject": [{ subject: "  " }, { subject: "subject_empty" }],
    "a subject of 256 characters": [{ subject: "x".repeat(256) }, { subject: "subject_too_long" }],
    "a subject that is a number": [{ subject: 5 }, { subject: "invalid" }],
    "no start": [{ start: "" }, { start: "date_missing" }],
    "a start without a time": [{ start: "2030-02-20" }, { start: "time_missing" }],
    "a start that does not exist": [{ start: "2030-02-30T09:00" }, { start: "date_invalid" }],
    "a start with an offset": [{ start: "2030-02-20T09:00Z" }, { start: "time_invalid" }],
    "an end before its start": [{ end: past }, { end: "end_before_start" }],
    "a start in the past": [{ start: past }, { start: "start_past" }],
    "an unknown zone": [{ zone: "Mars/Olympus" }, { zone: "zone_unknown" }],
    "a place of 256 characters": [{ location: "x".repeat(256) }, { location: "location_too_long" }],
    "a description of 8,001": [{ description: "x".repeat(8001) }, { description: "description_too_long" }],
    "101 guests": [
      { attendees: Array.from({ length: 101 }, (_, one) => `g${one}@x.example`) },
      { attendees: "attendees_too_many" },
    ],
    "a guest that is not an address": [{ attendees: ["a b@x.example"] }, { attendees: "attendee_invalid" }],
    "a guest that is not an id": [{ attendees: ["somebody"] }, { attendees: "attendee_invalid" }],
    "a guest whom nobody knows": [{ attendees: ["z".repeat(26)] }, { attendees: "attendee_unknown" }],
    "a recurrence of another shape": [{ recurrence: { daily: true } }, { recurrence: "recurrence_invalid" }],
    "no request id": [{ requestId: undefined }, { requestId: "invalid" }],
  };
  for (const [name, [part, errors]] of Object.entries(bad))
    test(`F2: with ${name} is refused at its field, and nothing is created`, async () => {
      expect(await create(part)).toMatchObject({ status: 400, body: { code: "event_fields", errors } });
      expect(stored()).toEqual([]);
      expect(world.posts(ana)).toEqual([]);
    });

  test("in another zone is kept in that zone", async () => {
    const { status } = await create({
      start: "2030-07-01T09:00",
      end: "2030-07-01T10:00",
      zone: "Asia/Tokyo",
    });
    expect(status).toBe(201);
    expect(stored()[0]?.start.dateTime).toStartWith("2030-07-01T00:00");
  });

  test("F11: for a channel where the person may not post is refused before it is created", async () => {
    const other = world.base.mattermost.addChannel({ TeamId: channel.TeamId, Name: "secret", Type: "P" });
    const old = world.base.mattermost.addChannel({ TeamId: channel.TeamId, Name: "old", DeleteAt: 1 });
    for (const channelId of [other.Id, old.Id, "x".repeat(26), "../x"])
      expect(await create({ channelId })).toMatchObject({ status: 403, body: { code: "event_channel" } });
    expect(stored()).toEqual([]);
  });

  test("F11: in a channel is posted by the bot, with the author's name and without a mention", async () => {
    const subject = "@channel | a | b\n|---|---| `x` [y](http://z.example)";
    expect((await create({ channelId: channel.Id, subject })).status).toBe(201);
    const [post, ...more] = world.inChannel(channel.Id);
    expect(more).toEqual([]);
    expect(post?.Message).toContain(ana.user.Username);
    expect(post?.Message).not.toMatch(/@(channel|ana)\b/);
    expect(post?.Message).not.toMatch(/^\|/m);
    expect(post?.Message).toContain("\\[y](");
  });

  test("of somebody who is not connected: 409, whatever else is wrong", async () => {
    const stranger = world.base.user(`stranger${count}`);
    expect(await create({}, stranger)).toMatchObject({ status: 409, body: { code: "not_connected" } });
  });

  test("that is not JSON, or too large, is refused", async () => {
    expect((await world.request(EVENTS, ana.user, "{")).status).toBe(400);
    expect((await world.request(EVENTS, ana.user, filled({ description: "x".repeat(200_000) }))).status).toBe(
      413,
    );
  });
});

test("I13: creating, answering and linking are in the audit log, by ids alone", async () => {
  const { body } = await create({ channelId: channel.Id, subject: "Secret plan" });
  const event = world.put(ana, 24, { subject: "Secret plan" });
  await world.json(`${EVENTS}/${encodeURIComponent(event.id)}/answer`, ana.user, { answer: "accept" });
  const records = JSON.stringify(world.base.mattermost.audit);
  for (const name of ["calendarCreateEvent", "calendarLink", "calendarAnswer"])
    expect(records).toContain(name);
  expect(records).toContain((body as { id: string }).id);
  expect(records).not.toContain("Secret");
});
