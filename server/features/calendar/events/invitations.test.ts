/** Tests the cards that a change in a member's calendar causes. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Refusal } from "../../../../e2e/sandbox/graph/refusal.ts";
import { buttonsOf, EventsWorld, HOUR, type Member, Microsoft, wordsOf } from "../testing/events-world.ts";

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

describe("a change in the calendar", () => {
  test("D1, D2: an invitation is one card with buttons, however often Graph repeats it; one read each", async () => {
    const event = world.put(ana, 24, {
      subject: "Quarterly review",
      location: { displayName: "Room 7" },
      bodyPreview: "Bring figures.",
    });
    world.requests();
    expect(await world.change(ana, event.id, "created")).toEqual({ kind: "done" });
    expect(world.requests()).toEqual(["GET /users/{oid}/events/{id} 200"]);
    await world.change(ana, event.id);
    await world.change(ana, event.id);
    const [card, ...more] = world.posts(ana);
    expect(more).toEqual([]);
    expect(card?.Props.calendar_event_id).toBe(event.id);
    expect(buttonsOf(card)).toEqual(["accept", "tentative", "decline", "respond"]);
    for (const word of ["Quarterly review", "Room 7", "Bring figures", "Olga Organizer"])
      expect(wordsOf(card)).toContain(word);
    expect(world.changedFor).toEqual([ana.user.Id, ana.user.Id, ana.user.Id]);
  });

  test("D1, D31: connected guests appear by their name here, at most ten; nobody in the card is mentioned", async () => {
    const guests = await Promise.all(
      Array.from({ length: 3 }, (_, index) => world.member(`guest${count}${index}`)),
    );
    const address = (name: string, mail: string) => ({
      ...{ type: "required", status: { response: "none" }, emailAddress: { name, address: mail } },
    });
    const event = world.put(ana, 24, {
      subject: "With @all and @channel",
      attendees: [
        ...guests.map(({ person }) => address(person.displayName, person.userPrincipalName)),
        ...Array.from({ length: 15 }, (_, index) => address(`@here ${index}`, `x${index}@elsewhere.example`)),
      ],
    });
    await world.change(ana, event.id, "created");
    const [card] = world.posts(ana);
    const words = wordsOf(card);
    for (const { user } of guests) expect(words).toContain(`@${user.Username}`);
    expect(words).toContain("8 more");
    expect(words).not.toMatch(/(^|[^\u200b\\\w])@(all|channel|here)\b/);
    // Only the owner's direct channel has the card.
    for (const one of guests) expect(world.posts(one)).toEqual([]);
  });

  test("D4: a moved event shows old and new, and the first card shows the event as it is", async () => {
    const event = world.put(ana, 24, { subject: "Review" });
    await world.change(ana, event.id, "created");
    world.base.pass(60_000);
    const from = Date.parse(`${event.start.dateTime.slice(0, 19)}Z`) + 2 * HOUR;
    const wall = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" });
    world.edit(ana, event.id, {
      start: wall(from),
      end: wall(from + HOUR),
      location: { displayName: "Room 2" },
    });
    await world.change(ana, event.id);
    const [first, update, ...more] = world.posts(ana, event.id);
    expect(more).toEqual([]);
    expect(update?.Message).toContain("Changed");
    expect(wordsOf(update)).toMatch(/~~.+~~ → .+/);
    expect(wordsOf(update)).toContain("Room 2");
    expect(buttonsOf(update)).toContain("accept");
    expect(wordsOf(first)).toContain("Room 2");
    await world.change(ana, event.id);
    expect(world.posts(ana)).toHaveLength(2);
  });

  test("D8, D9: a cancellation is announced once and removes the buttons; so is a deletion", async () => {
    const event = world.put(ana);
    await world.change(ana, event.id, "created");
    world.edit(ana, event.id, { isCancelled: true });
    await world.change(ana, event.id);
    world.drop(ana, event.id);
    await world.change(ana, event.id, "deleted");
    const posts = world.posts(ana);
    expect(posts.map(({ Message }) => Message.includes("Cancelled"))).toEqual([true, true]);
    expect(posts.flatMap(buttonsOf)).toEqual([]);

    const other = world.put(ana);
    await world.change(ana, other.id, "created");
    world.drop(ana, other.id);
    await world.change(ana, other.id, "deleted");
    expect(world.posts(ana, other.id)).toHaveLength(2);
    expect(world.posts(ana, other.id).flatMap(buttonsOf)).toEqual([]);
  });

  for (const [status, code] of [
    [404, "ResourceNotFound"],
    [404, "ErrorInvalidUser"],
    [404, "MailboxNotEnabledForRESTAPI"],
    [403, "MailboxNotSupportedForRESTAPI"],
  ] as const)
    test(`a mailbox that cannot be read (${status} ${code}) is no cancellation`, async () => {
      const event = world.put(ana);
      await world.change(ana, event.id, "created");
      const box = world.calendars.of(ana.person.objectId);
      box.failure = () => new Refusal(status, code, "Not here.");
      expect(await world.change(ana, event.id)).toMatchObject({ kind: "retry" });
      box.failure = null;
      expect(world.posts(ana)).toHaveLength(1);
      expect(buttonsOf(world.posts(ana)[0])).toContain("accept");
    });

  test("a series that is cancelled as a whole is one cancellation, whatever became of its occurrences", async () => {
    const event = world.put(ana, -240, { type: "seriesMaster", subject: "Weekly" });
    await world.change(ana, event.id, "created");
    expect(world.posts(ana)).toHaveLength(1);
    world.edit(ana, event.id, { isCancelled: true, subject: "Canceled: Weekly" });
    await world.change(ana, event.id);
    await world.change(ana, event.id, "deleted");
    expect(world.posts(ana)).toHaveLength(2);
    expect(wordsOf(world.posts(ana)[1])).not.toContain("Canceled:");
    expect(world.posts(ana).flatMap(buttonsOf)).toEqual([]);
  });

  test("D3, D5, D9, D12: no card for own, old, unknown and minor changes", async () => {
    const own = world.put(ana, 24, { isOrganizer: true });
    await world.change(ana, own.id, "created");
    const old = world.put(ana, 24, { createdDateTime: "2020-01-01T00:00:00Z" });
    await world.change(ana, old.id);
    await world.change(ana, "AAMkUnknown", "deleted");
    await world.change(ana, "AAMkUnknown");
    expect(world.posts(ana)).toEqual([]);
    const event = world.put(ana);
    await world.change(ana, event.id, "created");
    world.edit(ana, event.id, { categories: ["Red"], bodyPreview: "other" });
    await world.change(ana, event.id);
    expect(world.posts(ana)).toHaveLength(1);
  });

  test("D6, D7: subject, time, place and join link are changes; other fields, and the same moment in another zone, are not", async () => {
    const event = world.put(ana, 24, { subject: "Review" });
    await world.change(ana, event.id, "created");
    const from = Date.parse(`${event.start.dateTime.slice(0, 19)}Z`);
    const inTokyo = (at: number) => ({
      dateTime: new Date(at + 9 * HOUR).toISOString().slice(0, 19),
      timeZone: "Tokyo Standard Time",
    });
    for (const part of [
      { bodyPreview: "More words", body: { contentType: "html", content: "<p>More words</p>" } },
      { categories: ["Red"], importance: "high" },
      { isReminderOn: false, reminderMinutesBeforeStart: 30 },
      { showAs: "free" },
      { start: inTokyo(from), end: inTokyo(from + HOUR), originalStartTimeZone: "Tokyo Standard Time" },
    ]) {
      world.edit(ana, event.id, part);
      await world.change(ana, event.id);
      expect([part, world.posts(ana).length]).toEqual([part, 1]);
    }
    let cards = 1;
    for (const part of [
      { subject: "Review 2" },
      { start: inTokyo(from + HOUR), end: inTokyo(from + 2 * HOUR) },
      { location: { displayName: "Room 2" } },
      { onlineMeeting: { joinUrl: "https://teams.microsoft.com/l/meetup-join/x" } },
    ]) {
      world.edit(ana, event.id, part);
      await world.change(ana, event.id);
      cards += 1;
      expect([part, world.posts(ana).length]).toEqual([part, cards]);
    }
  });

  test("D14, D15: a series is one card; one occurrence that moves is named by its date", async () => {
    const series = world.put(ana, 24, { type: "seriesMaster", subject: "Weekly" });
    await world.change(ana, series.id, "created");
    const from = Math.floor(world.base.now / HOUR) * HOUR + 48 * HOUR;
    const utc = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" });
    const of = { type: "occurrence", seriesMasterId: series.id, subject: "Weekly" };
    const occurrences = [48, 216].map((hours) => world.put(ana, hours, of));
    for (const one of occurrences) await world.change(ana, one.id, "created");
    expect(world.posts(ana)).toHaveLength(1);
    expect(wordsOf(world.posts(ana)[0])).toContain("series");
    const [moved] = occurrences;
    world.edit(ana, moved?.id ?? "", {
      ...{ type: "exception", originalStart: new Date(from).toISOString() },
      ...{ start: utc(from + HOUR), end: utc(from + 2 * HOUR) },
    });
    await world.change(ana, moved?.id ?? "");
    const [card] = world.posts(ana, moved?.id ?? "");
    const day = new Date(from).toLocaleDateString("en", { day: "numeric", timeZone: "Europe/Berlin" });
    expect(card?.Message).toContain("Changed");
    expect(wordsOf(card)).toMatch(new RegExp(`~~[^~]*\\b${day}\\b[^~]*~~ → `));
    expect(world.posts(ana)).toHaveLength(2);
  });

  test("E14: answered in Outlook: the card shows the answer", async () => {
    const event = world.put(ana);
    await world.change(ana, event.id, "created");
    world.edit(ana, event.id, { responseStatus: { response: "accepted" } });
    await world.change(ana, event.id);
    const [card, ...more] = world.posts(ana);
    expect(more).toEqual([]);
    expect(wordsOf(card)).toContain("You accepted.");
  });

  test("is not shown to a member with cards off, and the change is recorded anyway", async () => {
    const ben = await world.member(`ben${count}`, { status: "dnd", notifications: false });
    const event = world.put(ben);
    await world.change(ben, event.id, "created");
    expect(world.posts(ben)).toEqual([]);
    expect(world.changedFor).toContain(ben.user.Id);
  });

  test("an older copy of an event changes nothing", async () => {
    const event = world.put(ana, 24, { subject: "Second" });
    await world.change(ana, event.id, "created");
    world.edit(ana, event.id, { subject: "First", lastModifiedDateTime: "2020-01-01T00:00:00Z" });
    await world.change(ana, event.id);
    expect(world.posts(ana)).toHaveLength(1);
  });

  test("a mailbox that is closed to the app is read with its owner's token", async () => {
    world.calendars.of(ana.person.objectId).deniedToApps = true;
    const event = world.put(ana);
    world.requests();
    await world.change(ana, event.id, "created");
    expect(world.requests()).toEqual(["GET /users/{oid}/events/{id} 403", "GET /me/events/{id} 200"]);
    expect(world.posts(ana)).toHaveLength(1);
    await world.change(ana, event.id);
    expect(world.requests()).toEqual(["GET /me/events/{id} 200"]);
  });

  test("429 waits as long as Graph asks, and is not recorded as a failure", async () => {
    const event = world.put(ana);
    const box = world.calendars.of(ana.person.objectId);
    Object.assign(box, { throttleNext: 3, retryAfter: 17 });
    expect(await world.change(ana, event.id, "created")).toEqual({
      kind: "retry",
      because: "throttled",
      afterMs: 17_000,
      counts: false,
    });
    expect(world.posts(ana)).toEqual([]);
  });

  test("nobody who has disconnected is read", async () => {
    const event = world.put(ana);
    await world.base.connections.disconnect(ana.user.Id, { userId: ana.user.Id, requestId: "r" });
    world.requests();
    expect(await world.change(ana, event.id, "created")).toEqual({ kind: "drop", because: "withdrawn" });
    expect(world.requests()).toEqual([]);
  });

  test("a private event's text appears only in the owner's own card, never in a log or metric", async () => {
    const event = world.put(ana, 24, { subject: "Doctor", sensitivity: "private" });
    await world.change(ana, event.id, "created");
    expect(wordsOf(world.posts(ana)[0])).toContain("Doctor");
    expect(world.services.metrics.text()).not.toContain("Doctor");
    expect(world.base.logs.join("\n")).not.toContain("Doctor");
  });
});
