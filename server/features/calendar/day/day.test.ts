// Tests members' statuses during their day with a fake Outlook and Mattermost. The letters are those of the scenarios
// we build for.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld, type Member } from "../testing/day-world.ts";
import { meetingKeptBy } from "../testing/one-meeting.ts";

let world: DayWorld;
afterEach(() => world.stop());

const withMeeting = meetingKeptBy((started) => {
  world = started;
});

const texts = (member: Member) => world.posts(member).map(({ Message }) => Message);

describe("A: the status", () => {
  test("A1, A2: from the start to the end, with one call at the start", async () => {
    const { sam } = await withMeeting({ status: "dnd" });
    await world.passTo("09:59:59");
    expect(world.status(sam)).toBe("online");
    await world.passTo("10:00:01");
    expect(world.status(sam)).toBe("dnd by hand");
    expect(world.statusCalls()).toEqual(["10:00:00 dnd until 11:00"]);
    await world.passTo("11:00:05");
    expect(world.status(sam)).toBe("online");
    expect(world.statusCalls()).toHaveLength(1);
  });

  test("A2: when the server does not end it, we do within five seconds, and leave no end time behind", async () => {
    const { sam } = await withMeeting({ status: "dnd" });
    world.serverJobs = false;
    await world.passTo("11:00:05");
    expect(world.status(sam)).toBe("online");
    expect(world.mattermost.statuses.get(sam.user.Id)?.DNDEndTime).toBe(0);
  });

  test("A13: cancelled in the middle: back within the minute, when Microsoft announces it", async () => {
    const { meeting, node, sam } = await withMeeting({ status: "dnd" });
    await world.passTo("10:20");
    await world.graph.calendars.change(sam.person.objectId, meeting.id, { isCancelled: true });
    node.part.driver.changed(sam.user.Id);
    await world.passTo("10:20:10");
    expect(world.status(sam)).toBe("online");
    expect(world.mattermost.statuses.get(sam.user.Id)?.DNDEndTime).toBe(0);
  });

  test("A13: cancelled without a notification: back after the safety read", async () => {
    const { meeting, sam } = await withMeeting({ status: "dnd" });
    await world.passTo("10:20");
    await world.graph.calendars.remove(sam.person.objectId, meeting.id);
    await world.passTo("10:26");
    expect(world.status(sam)).toBe("online");
  });

  test("A15: extended: stays, still ends, and the server restores the previous status", async () => {
    const { meeting, node, sam } = await withMeeting({ status: "dnd" });
    await world.passTo("10:50");
    const end = { dateTime: "2026-06-15T11:30:00.0000000", timeZone: "UTC" };
    await world.graph.calendars.change(sam.person.objectId, meeting.id, { end });
    node.part.driver.changed(sam.user.Id);
    await world.passTo("11:00:10");
    expect(world.status(sam)).toBe("dnd by hand");
    expect(world.mattermost.statuses.get(sam.user.Id)).toMatchObject({ PrevStatus: "online" });
    node.kill();
    await world.passTo("11:30:05");
    expect(world.status(sam)).toBe("online");
  });

  test("A18: the person's own choice wins until the meeting is over", async () => {
    const { node, sam } = await withMeeting({ status: "dnd" });
    world.meeting(sam, "14:00", "15:00");
    await world.passTo("10:20");
    world.mattermost.setStatus(sam.user.Id, "online");
    node.part.driver.changed(sam.user.Id);
    await world.passTo("13:59");
    expect(world.status(sam)).toBe("online");
    await world.passTo("14:00:01");
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("A18: do-not-disturb for longer, chosen during the meeting, is the person's and ends when they said", async () => {
    const { sam } = await withMeeting({ status: "dnd" });
    await world.passTo("10:20");
    const until = world.at("13:00") / 1_000;
    world.mattermost.setStatus(sam.user.Id, "dnd", { Manual: true, DNDEndTime: until });
    await world.passTo("11:30");
    expect([world.status(sam), world.mattermost.statuses.get(sam.user.Id)?.DNDEndTime]).toEqual([
      ...["dnd by hand", until],
    ]);
    expect(world.statusCalls()).toHaveLength(1);
  });

  test("A19: a manual away is restored as a manual away", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "10:00", "11:00");
    world.mattermost.setStatus(sam.user.Id, "away", { Manual: true });
    await world.start();
    await world.passTo("11:00:10");
    expect(world.status(sam)).toBe("away by hand");
  });

  test("A23: a member who comes online in the middle has the status within a minute", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "10:00", "11:00");
    world.mattermost.setStatus(sam.user.Id, "offline");
    await world.start();
    await world.passTo("10:30:20");
    expect(world.statusCalls()).toEqual([]);
    world.mattermost.setStatus(sam.user.Id, "online");
    await world.passTo("10:31:30");
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("A25, A21: out of office and the person's own do-not-disturb are never changed", async () => {
    world = new DayWorld();
    const [sam, ann] = [world.member("sam", { status: "dnd" }), world.member("ann", { status: "away" })];
    for (const one of [sam, ann]) world.meeting(one, "10:00", "11:00");
    world.mattermost.setStatus(sam.user.Id, "ooo", { Manual: true });
    world.mattermost.setStatus(ann.user.Id, "dnd", { Manual: true });
    await world.start();
    await world.passTo("11:05");
    expect(world.statusCalls()).toEqual([]);
  });

  test("A40: another wish during the meeting: another status, the same end", async () => {
    const { node, sam } = await withMeeting({ status: "dnd" });
    await world.passTo("10:20");
    await node.core.members.update(sam.user.Id, (member) => ({
      ...member,
      settings: { ...member.settings, status: "away" },
    }));
    await world.passTo("10:20:05");
    expect(world.status(sam)).toBe("away by hand");
    expect(world.mattermost.statuses.get(sam.user.Id)?.DNDEndTime).toBe(0);
    await world.passTo("11:00:05");
    expect(world.status(sam)).toBe("online");
  });

  test("A49: a server without statuses: nothing is set, and Graph is not the reason", async () => {
    world = new DayWorld();
    world.mattermost.config.ServiceSettings.EnableUserStatuses = false;
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "10:00", "11:00");
    const node = await world.start();
    await world.passTo("10:05");
    expect(world.statusCalls()).toEqual([]);
    expect(world.box(sam).requests).toBe(0);
    // An admin switches them on: the plugin is notified of the server's configuration change.
    world.mattermost.config.ServiceSettings.EnableUserStatuses = true;
    node.part.driver.settingsChanged();
    await world.passTo("10:06");
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("A58: only in the mailbox's working hours; reminders come for all meetings", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd", reminders: true, workingHoursOnly: true });
    world.box(sam).settings.workingHours = {
      ...{ daysOfWeek: ["monday"], startTime: "08:00:00", endTime: "17:00:00", timeZone: { name: "UTC" } },
    };
    world.meeting(sam, "10:00", "10:30");
    world.meeting(sam, "20:00", "21:00", { subject: "Late" });
    await world.start();
    await world.passTo("20:30");
    expect(world.statusCalls()).toEqual(["10:00:00 dnd until 10:30"]);
    expect(texts(sam).at(-1)).toContain("Late");
  });

  test("A49: what needs no status continues: reminders and the summary", async () => {
    world = new DayWorld();
    world.mattermost.config.ServiceSettings.EnableUserStatuses = false;
    const sam = world.member("sam", { status: "dnd", reminders: true });
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    await world.passTo("10:05");
    expect(texts(sam)).toHaveLength(1);
    expect(world.statusCalls()).toEqual([]);
  });

  test("A50: one mailbox is throttled: nineteen others are on time, and it follows", async () => {
    world = new DayWorld();
    const people = Array.from({ length: 20 }, (_, index) => world.member(`p${index}`, { status: "dnd" }));
    for (const one of people) world.meeting(one, "09:10", "10:00");
    const [slow] = people as [Member];
    world.box(slow).throttleNext = 1;
    world.box(slow).retryAfter = 240;
    await world.start();
    await world.passTo("09:03:30");
    await world.passTo("09:10:02");
    expect(people.map((one) => world.status(one))).toEqual(people.map(() => "dnd by hand"));
  });

  test("a mailbox that always fails never affects another, and is retried ever less often", async () => {
    world = new DayWorld();
    const [sam, ann] = [world.member("sam", { status: "dnd" }), world.member("ann", { status: "dnd" })];
    for (const one of [sam, ann]) world.meeting(one, "10:00", "11:00");
    const { Refusal } = await import("../../../../e2e/sandbox/graph/refusal.ts");
    world.box(sam).failure = () =>
      new Refusal(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported.");
    await world.start();
    await world.passTo("10:30");
    expect([world.status(sam), world.status(ann)]).toEqual(["online", "dnd by hand"]);
    expect(world.box(sam).requests).toBeLessThan(5);
    expect(texts(sam)).toHaveLength(1);
    expect(texts(sam)[0]).toContain("no mailbox");
  });

  test("A54: deactivated: no calls for the person; activated again: it works again", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "12:00", "13:00");
    world.mattermost.setActive(sam.user.Id, false);
    await world.start();
    await world.passTo("10:00");
    expect(world.box(sam).requests).toBe(0);
    world.mattermost.setActive(sam.user.Id, true);
    await world.passTo("12:00:01");
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("a person outside the access policy is read with their own token", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd" });
    world.box(sam).deniedToApps = true;
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    await world.passTo("10:00:01");
    expect(world.status(sam)).toBe("dnd by hand");
    expect(world.requests("/me/calendarView").length).toBeGreaterThan(0);
  });

  test("when a connection is lost during a meeting, the status ends, and returns with the connection", async () => {
    world = new DayWorld();
    world.roles = [];
    const sam = world.member("sam", { status: "away" });
    world.meeting(sam, "10:00", "11:00");
    world.meeting(sam, "12:00", "13:00");
    world.meeting(sam, "14:00", "15:00");
    const node = await world.start();
    await world.passTo("10:20");
    expect(world.status(sam)).toBe("away by hand");
    world.lost.add(sam.user.Id);
    await world.passTo("11:01");
    expect(world.status(sam)).toBe("online");
    await world.passTo("13:30");
    world.lost.delete(sam.user.Id);
    node.core.view.forgetRefusals(sam.user.Id);
    node.part.driver.changed(sam.user.Id);
    await world.passTo("14:00:01");
    expect(world.status(sam)).toBe("away by hand");
  });

  test("moved or cancelled in the minute of its start: nothing is set for the old time", async () => {
    for (const change of ["moved", "cancelled"]) {
      await world?.stop();
      world = new DayWorld();
      const sam = world.member("sam", { status: "dnd" });
      world.subscribed.add(sam.user.Id);
      const meeting = world.meeting(sam, "10:00", "11:00");
      const node = await world.start();
      await world.passTo("09:59:50");
      const at = (time: string) => ({ dateTime: `2026-06-15T${time}:00.0000000`, timeZone: "UTC" });
      const part = change === "moved" ? { start: at("10:30"), end: at("11:00") } : { isCancelled: true };
      world.box(sam).events.set(meeting.id, { ...meeting, ...part } as never);
      node.part.driver.changed(sam.user.Id);
      await world.passTo("10:29");
      expect([change, world.statusCalls()]).toEqual([change, []]);
      await world.passTo("10:31");
      expect(world.status(sam)).toBe(change === "moved" ? "dnd by hand" : "online");
    }
  });

  test("without any admin consent, everybody is read with their own token", async () => {
    world = new DayWorld();
    world.roles = [];
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    await world.passTo("10:00:01");
    expect(world.status(sam)).toBe("dnd by hand");
  });
});
