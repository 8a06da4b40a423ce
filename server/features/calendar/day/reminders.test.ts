// Tests reminders with a fake Outlook and Mattermost. The letters are those of the scenarios we build for.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld, type Member } from "../testing/day-world.ts";
import { meetingKeptBy } from "../testing/one-meeting.ts";

let world: DayWorld;
afterEach(() => world.stop());

const withMeeting = meetingKeptBy((started) => {
  world = started;
});

const texts = (member: Member) => world.posts(member).map(({ Message }) => Message);

describe("C: reminders", () => {
  test("C1: ten minutes before, once, with time, place and join link", async () => {
    const { sam } = await withMeeting(
      { reminders: true },
      {
        subject: "Budget @all | plans",
        location: { displayName: "Room 7" },
        onlineMeeting: { joinUrl: "https://teams.microsoft.com/l/meetup-join/abc" },
      },
    );
    await world.passTo("09:49:45");
    expect(world.posts(sam)).toEqual([]);
    await world.passTo("09:50:15");
    const [text = ""] = texts(sam);
    expect(text).toContain("starts in 10 min");
    expect(text).toContain("Room 7");
    expect(text).toContain("10:00");
    expect(text).toContain("(https://teams.microsoft.com/l/meetup-join/abc)");
    expect(text).not.toContain("@all");
    await world.passTo("10:30");
    expect(world.posts(sam)).toHaveLength(1);
  });

  test("C10: none for all-day, declined and cancelled events", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { reminders: true });
    world.meeting(sam, "10:00", "11:00", { responseStatus: { response: "declined" } });
    world.meeting(sam, "10:00", "11:00", { isCancelled: true });
    world.graph.calendars.add(sam.person.objectId, "2026-06-16", "2026-06-17", { isReminderOn: true });
    world.meeting(sam, "10:00", "11:00", { subject: "Control" });
    await world.start();
    await world.pass(24 * 3_600_000);
    expect(texts(sam)).toEqual([expect.stringContaining("Control")]);
  });

  test("C6: moved after the reminder: reminded again", async () => {
    const { meeting, node, sam } = await withMeeting({ reminders: true });
    await world.passTo("09:52");
    const at = (time: string) => ({ dateTime: `2026-06-15T${time}:00.0000000`, timeZone: "UTC" });
    await world.graph.calendars.change(sam.person.objectId, meeting.id, {
      start: at("10:30"),
      end: at("11:30"),
    });
    node.part.driver.changed(sam.user.Id);
    await world.passTo("10:20:01");
    expect(world.posts(sam)).toHaveLength(2);
  });

  test("C11: with the question in one post", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd", confirm: true, reminders: true });
    world.meeting(sam, "10:00", "11:00", { subject: "First" });
    world.meeting(sam, "10:10", "11:10", { subject: "Second" });
    await world.start();
    await world.passTo("10:00:01");
    const [, both] = world.posts(sam);
    expect(world.posts(sam)).toHaveLength(2);
    expect(both?.Message).toContain("**First**");
    expect(both?.Message).toContain("**Second** starts in 10 min");
  });

  test("C11: with the question in one post, which shows no words of a private meeting", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd", confirm: true, reminders: true });
    world.meeting(sam, "10:00", "11:00", { subject: "First" });
    world.meeting(sam, "10:10", "11:10", { subject: "Surgery", sensitivity: "private" });
    await world.start();
    await world.passTo("10:00:01");
    const [, both] = world.posts(sam);
    expect(both?.Message).toContain("**First**");
    expect(both?.Message).toContain("starts in 10 min");
    expect(both?.Message).not.toContain("Surgery");
  });

  test("C12: snoozed for five minutes, and until the start", async () => {
    const { node, sam } = await withMeeting({ reminders: true });
    await world.passTo("09:50:01");
    const [first] = world.posts(sam);
    await world.press(node, sam, first as never, "snooze5");
    await world.passTo("09:55:02");
    expect(world.posts(sam)).toHaveLength(2);
    await world.press(node, sam, world.posts(sam)[1] as never, "snooze_start");
    await world.passTo("10:00:01");
    expect(texts(sam)[2]).toContain("starts now");
    await world.passTo("10:30");
    expect(world.posts(sam)).toHaveLength(3);
  });

  test("C19: answers and running late; the chosen answer is marked, and an own meeting has no buttons for it", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { reminders: true });
    world.meeting(sam, "10:00", "10:30", { subject: "Accepted" });
    const response = { responseStatus: { response: "organizer" } };
    world.meeting(sam, "11:00", "11:30", { subject: "Own", isOrganizer: true, ...response });
    const node = await world.start();
    node.core.answer = async () => ({});
    await world.passTo("10:50:30");
    const labels = world
      .posts(sam)
      .map(({ Props }) =>
        (Props.attachments as { actions: { id: string; name: string }[] }[]).flatMap(({ actions }) =>
          actions.map(({ id, name }) => `${id}: ${name}`),
        ),
      );
    expect(labels[0]?.slice(0, 3)).toEqual(["accept: ✓ Accept", "tentative: Tentative", "decline: Decline"]);
    expect(labels[0]?.at(-1)).toStartWith("late: ");
    expect(labels[1]?.map((label) => label.split(":")[0])).toEqual(["snooze5", "snooze_start", "late"]);
  });

  test("C19: running late: every connected member of the meeting gets a message", async () => {
    world = new DayWorld();
    const [sam, ann] = [world.member("sam", { reminders: true }), world.member("ann")];
    const guest = (name: string) => ({
      type: "required",
      emailAddress: { name, address: `${name}@example.com` },
    });
    world.meeting(sam, "10:00", "11:00", {
      subject: "Budget",
      attendees: [guest("sam"), guest("ann"), guest("eve")],
    });
    const node = await world.start();
    await world.passTo("09:50:01");
    const [post] = world.posts(sam);
    expect(await world.press(node, sam, post as never, "late")).toMatchObject({
      reply: {
        ephemeral: "The message that you are running late was sent to this many people in Mattermost: 1.",
      },
    });
    expect(texts(ann)[0]).toContain("@sam is running late for Budget");
    // Once: the button disappears with the press, and a press of the old one is refused or does nothing.
    const [after] = world.posts(sam);
    expect(JSON.stringify(after?.Props)).not.toContain('"late"');
    expect(JSON.stringify(after?.Props)).toContain('"snooze5"');
  });

  test("C19: running late for a private meeting: its words are nobody else's", async () => {
    world = new DayWorld();
    const [sam, ann] = [world.member("sam", { reminders: true }), world.member("ann")];
    world.meeting(sam, "10:00", "11:00", {
      ...{ subject: "Surgery", sensitivity: "private" },
      attendees: [{ type: "required", emailAddress: { name: "ann", address: "ann@example.com" } }],
    });
    const node = await world.start();
    await world.passTo("09:50:01");
    expect(texts(sam)[0]).toContain("Surgery");
    await world.press(node, sam, world.posts(sam)[0] as never, "late");
    expect(texts(ann)).toHaveLength(1);
    expect(texts(ann)[0]).toContain("@sam is running late");
    expect(texts(ann)[0]).not.toContain("Surgery");
  });

  test("C19: two presses at once are one message; nobody is notified for a cancelled or deleted meeting", async () => {
    world = new DayWorld();
    const [sam, ann] = [world.member("sam", { reminders: true }), world.member("ann")];
    const people = ["sam", "ann"].map((name) => ({ emailAddress: { name, address: `${name}@example.com` } }));
    const meetings = [10, 11, 12].map((hour) =>
      world.meeting(sam, `${hour}:00`, `${hour}:30`, { attendees: people }),
    );
    const node = await world.start();
    const late = async (time: string) => {
      await world.passTo(time);
      return world.posts(sam).at(-1) as never;
    };
    const first = await late("09:50:01");
    await Promise.all([1, 2].map(() => world.press(node, sam, first, "late")));
    expect(texts(ann)).toHaveLength(1);
    const [, cancelled, deleted] = meetings;
    const second = await late("10:50:01");
    world
      .box(sam)
      .events.set(cancelled?.id ?? "", { ...(cancelled as never as object), isCancelled: true } as never);
    const third = await late("11:50:01");
    world.box(sam).events.delete(deleted?.id ?? "");
    for (const post of [second, third])
      expect(await world.press(node, sam, post, "late")).toMatchObject({
        reply: { ephemeral: "This reminder is over." },
      });
    expect(texts(ann)).toHaveLength(1);
  });
});
