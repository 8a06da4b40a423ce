// Tests what admins see of the calendar: numbers, times and codes, the same on each node.
import { afterEach, expect, test } from "bun:test";
import { settingsAfterConnecting } from "../rules/settings.ts";
import { DayWorld, type Node } from "../testing/day-world.ts";
import { calendarDiagnostics, readState } from "./admin-state.ts";
import { calendarTables } from "./checks.ts";
import { lookAtMailboxes } from "./mailbox-check.ts";

let world: DayWorld;
afterEach(() => world.stop());

const stateOf = ({ core }: Node) => readState({ core, linkedEvents: async () => 3 });

test("I12, I14: members by the token that reads them, failures with their reason, work done; also from a node that does not drive", async () => {
  world = new DayWorld();
  const { Refusal } = await import("../../../../e2e/sandbox/graph/refusal.ts");
  const [sam, ann, eve] = [
    world.member("sam", { status: "dnd", reminders: true }),
    world.member("ann", { customStatus: true, notifications: true }),
    world.member("eve", { status: "away" }),
  ];
  world.member("idle");
  world.box(ann).deniedToApps = true;
  world.box(eve).failure = () => new Refusal(404, "MailboxNotEnabledForRESTAPI", "no mailbox of eve");
  world.meeting(sam, "10:00", "11:00", { subject: "Secret" });
  const [driving, other] = [await world.start(), await world.start()];
  await world.passTo("09:00:30");
  expect((await stateOf(driving)).day?.nextBoundaryAt).toBe(world.at("09:50"));
  await world.passTo("10:02");
  for (const node of [driving, other]) {
    const state = await stateOf(node);
    expect(state).toMatchObject({
      isOn: true,
      members: { all: 4, status: 2, customStatus: 1, reminders: 1, notifications: 1, summary: 0 },
      day: { members: 3, readByApp: 1, readByPerson: 1, notReadYet: 1, failing: { no_mailbox: 1 } },
      done: { today: { statusChanges: 1, reminders: 1, cards: 0 }, sevenDays: { statusChanges: 1 } },
      lastFailure: { what: "read", code: "404 MailboxNotEnabledForRESTAPI" },
      linkedEvents: 3,
    });
    expect(state.day?.lastReadAt).toBeGreaterThan(world.at("09:00"));
    expect(JSON.stringify(state)).not.toMatch(/Secret|"sam|example.com|no mailbox of/);
  }
  const metrics = driving.metrics.text();
  for (const line of [
    "mission_collaboration_calendar_members 3",
    "mission_collaboration_calendar_members_failing 1",
    'mission_collaboration_calendar_reads_total{outcome="no_mailbox"} 1',
    'mission_collaboration_calendar_steps_total{outcome="done",step="status_set"} 1',
    "mission_collaboration_calendar_boundary_lateness_seconds_count 2",
  ])
    expect(metrics).toContain(line);
  expect(await calendarDiagnostics({ core: other.core, linkedEvents: async () => 3 })).toMatchObject({
    ...{ on: true, members: 4, linked_events: 3, mailboxes_failing: 1, status_changes_seven_days: 1 },
  });
});

test("numbers survive the node that counted them, and cover the last seven days", async () => {
  world = new DayWorld();
  const sam = world.member("sam", { status: "away" });
  world.meeting(sam, "10:00", "11:00");
  const first = await world.start();
  await world.passTo("11:02");
  first.kill();
  // Without a driver, so that days pass quickly.
  void first.part.stop();
  const next = world.node();
  expect((await stateOf(next)).done.sevenDays.statusChanges).toBe(2);
  next.core.statistics.count("cards");
  await next.core.statistics.stop();
  await world.clock.pass(3 * 86_400_000);
  const later = await stateOf(next);
  expect([later.done.today.cards, later.done.sevenDays.cards]).toEqual([0, 1]);
  for (let day = 0; day < 8; day += 1) {
    next.core.statistics.count("answers");
    await next.core.statistics.stop();
    await world.clock.pass(86_400_000);
  }
  const { sevenDays } = (await stateOf(next)).done;
  expect([sevenDays.cards, sevenDays.answers]).toEqual([0, 6]);
  // Days without activity count as days, too.
  await world.clock.pass(5 * 86_400_000);
  expect((await stateOf(next)).done.sevenDays.answers).toBe(1);
  const writes = world.store.calls;
  next.core.statistics.start();
  next.core.statistics.failed("read", "503");
  await world.clock.pass(10 * 60_000);
  expect(world.store.calls - writes).toBeLessThan(5);
}, 120_000);

test("the check tries a mailbox: read, denied, failing, nobody, unreachable; each with texts", async () => {
  world = new DayWorld();
  const { Refusal } = await import("../../../../e2e/sandbox/graph/refusal.ts");
  const node = await world.start();
  const look = async () => {
    const answer = await lookAtMailboxes(node.core);
    for (const table of Object.values(calendarTables())) {
      for (const { code } of answer.seen) expect(table[`seen.${code}`]).toBeString();
      if (answer.cure) expect(table[`cure.${answer.cure}`]).toBeString();
    }
    return [answer.state, ...answer.seen.map(({ code }) => code)];
  };
  expect(await look()).toEqual(["unknown", "calendar_nobody"]);
  const sam = world.member("sam", { status: "dnd" });
  await node.core.members.setSettings(sam.user.Id, { ...settingsAfterConnecting, status: "dnd" });
  await world.pass(5_000);
  expect(await look()).toEqual(["ok", "calendar_read", "calendar_members"]);
  world.box(sam).failure = () => new Refusal(404, "MailboxNotEnabledForRESTAPI", "words of Microsoft");
  node.part.driver.changed(sam.user.Id);
  await world.pass(5_000);
  expect(await look()).toEqual(["unknown", "calendar_not_tried", "calendar_members"]);
  expect(JSON.stringify(await lookAtMailboxes(node.core))).not.toContain("words of Microsoft");
  world.box(sam).failure = null;
  expect(await look()).toEqual(["warning", "calendar_read", "calendar_members", "calendar_failing"]);
  world.box(sam).deniedToApps = true;
  expect((await look()).slice(0, 2)).toEqual(["warning", "calendar_denied"]);
});
