// Tests the answers of /mscalendar.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Caller } from "../../../platform/commands/index.ts";
import { DISCONNECT_CARD, PANEL_CARD, WELCOME_CARD } from "../card-names.ts";
import { createPanel, type Panel } from "../preferences/panel.ts";
import { DayWorld, type Member, type Node } from "../testing/day-world.ts";
import type { DayCommand } from "./names.ts";
import { createCommands } from "./run.ts";

let world: DayWorld;
let sam: Member;
let node: Node;
let panel: Panel;
let freed: string[];

beforeEach(async () => {
  world = new DayWorld();
  sam = world.member("sam");
  world.box(sam).settings.timeZone = "W. Europe Standard Time";
  node = await world.start();
  panel = createPanel(node.core);
  node.cards.handle(PANEL_CARD, panel.press);
  node.cards.handle(WELCOME_CARD, panel.welcomePress);
  node.cards.handle(DISCONNECT_CARD, panel.disconnectPress);
  freed = [];
});
afterEach(() => world.stop());

async function type(line: string, who = sam.user, language: Caller["language"] = "en"): Promise<string> {
  const [name = "", ...words] = line.split(" ");
  const run = createCommands({
    ...{ core: node.core, part: node.part, panel },
    connections: node.services.connections as never,
    product: { name: "Mission", version: "1.2.3" },
    mayAdminister: node.services.isSystemAdmin,
    free: async (userId) => freed.push(userId) > 0,
  });
  const caller = {
    userId: who.Id,
    channelId: "c",
    teamId: "t",
    rootId: "",
    triggerId: "",
    language,
  } as Caller;
  const answer = await run(name as DayCommand, words, caller);
  await world.settle();
  return answer;
}

const settings = async () => (await node.core.members.get(sam.user.Id))?.settings;

describe("a member", () => {
  test("sees today and tomorrow in the mailbox's time zone", async () => {
    await node.part.mailboxes.refresh(sam.user.Id);
    world.meeting(sam, "10:00", "11:00", { subject: "Budget" });
    world.graph.calendars.add(sam.person.objectId, "2026-06-16", "2026-06-17", { subject: "Trip" });
    const today = await type("today");
    expect(today).toContain("| 12:00 – 13:00 | Budget |");
    expect(today).toContain("Europe/Berlin (UTC+02:00)");
    expect(today).not.toContain("Trip");
    expect(await type("tomorrow")).toContain("| All day | Trip |");
    expect(await type("viewcal")).toMatch(/Budget[\s\S]*Trip/);
    expect(await type("summary view")).toBe(today);
    expect(await type("summary tomorrow")).toContain("Trip");
  });

  test("sees that an entry cannot be read, and not an empty day", async () => {
    const view = node.core.view as {
      -readonly [K in keyof typeof node.core.view]: (typeof node.core.view)[K];
    };
    const { events } = view;
    view.events = async (...wanted) => {
      const answer = await events(...wanted);
      return answer.ok ? { ...answer, unreadable: 1 } : answer;
    };
    for (const words of ["today", "viewcal"])
      expect(await type(words)).toMatch(/no events[\s\S]*1 entries of your calendar could not be read\./);
    world.meeting(sam, "12:00", "13:00", { subject: "Budget" });
    expect(await type("today")).toMatch(/Budget[\s\S]*could not be read/);
    view.events = events;
    expect(await type("today")).not.toContain("could not be read");
  });

  test("B17, B21: today has the rows of the summary, with the day number of a trip, all-day events first", async () => {
    await node.part.mailboxes.refresh(sam.user.Id);
    world.graph.calendars.add(sam.person.objectId, "2026-06-14", "2026-06-17", { subject: "Trip" });
    world.meeting(sam, "10:00", "11:00", { subject: "Budget", responseStatus: { response: "notResponded" } });
    world.meeting(sam, "12:00", "13:00", { subject: "Refused", responseStatus: { response: "declined" } });
    const today = await type("today");
    expect(today).toMatch(/\(day 2 of 3\) \| Trip \|\n\| 12:00 – 13:00 \| Budget · \*not answered\* \|/);
    expect(today).not.toContain("Refused");
    const summary = { enabled: true, postTime: "11:30", weekdays: [1] };
    await node.core.members.update(sam.user.Id, (one) => ({
      ...one,
      settings: { ...one.settings, summary },
    }));
    await world.passTo("09:31");
    expect(world.posts(sam).at(-1)?.Message).toBe(today);
  });

  test("B22: viewcal begins at the person's midnight, and has every page", async () => {
    await node.part.mailboxes.refresh(sam.user.Id);
    // 15 June begins in Berlin at 22:00 UTC.
    world.graph.calendars.add(
      sam.person.objectId,
      world.at("00:00") - 7_200_000,
      world.at("00:00") - 5_400_000,
      {
        subject: "Just after midnight",
      },
    );
    world.graph.calendars.add(
      sam.person.objectId,
      world.at("00:00") - 10_800_000,
      world.at("00:00") - 7_200_000,
      {
        subject: "Yesterday",
      },
    );
    for (let index = 0; index < 130; index += 1) {
      const from = world.at("06:00") + (index % 13) * 86_400_000 + index * 60_000;
      world.graph.calendars.add(sam.person.objectId, from, from + 60_000, { subject: `No. ${index};` });
    }
    const text = await type("viewcal");
    expect(text).toContain("Just after midnight");
    expect(text).not.toContain("Yesterday");
    for (const index of [0, 25, 77, 129]) expect(text).toContain(`No. ${index};`);
  });

  test("an empty day says so, an error does not", async () => {
    expect(await type("today")).toStartWith("You have no events on Monday, June 15");
    expect(await type("viewcal")).toContain("next 14 days");
    world.graph.setFaults({ status: 503 });
    const answer = type("today");
    await world.pass(60_000);
    expect(await answer).toContain("cannot be read at the moment");
  });

  test("B25: in German, with German times", async () => {
    world.mattermost.putUser({ ...sam.user, Locale: "de" });
    world.meeting(sam, "07:00", "08:00", { subject: "Runde" });
    await node.part.mailboxes.refresh(sam.user.Id);
    expect(await type("today", sam.user, "de")).toMatch(/Montag, 15\. Juni[\s\S]*09:00 – 10:00/);
  });

  for (const [typed, postTime] of [
    ["7:45pm", "19:45"],
    ["19:45", "19:45"],
    ["07:45 PM", "19:45"],
    ["8:00AM", "08:00"],
  ])
    test(`I3: summary time ${typed}`, async () => {
      expect(await type(`summary time ${typed}`)).toContain("is off");
      expect((await settings())?.summary.postTime).toBe(postTime as string);
      expect(await type("summary enable")).toStartWith("Your daily summary comes at");
      expect(await type("summary settings")).toStartWith("Your daily summary comes at");
      expect(await type("summary disable")).toContain("is off");
    });

  test("I3: invalid times are explained, and change nothing", async () => {
    expect(await type("summary time 8:10")).toContain(":15");
    expect(await type("summary time soon")).toContain("8:00AM");
    expect(await type("summary time")).toContain("8:00AM");
    expect(await type("summary nonsense")).toContain("/mscalendar summary enable");
    expect((await settings())?.summary.postTime).toBe("08:00");
  });

  test("without a connection the answer is a way to connect, and nothing else", async () => {
    const eve = world.mattermost.addUser({ Username: "eve" });
    for (const line of ["today", "viewcal", "summary enable", "settings", "why", "subscribe"])
      expect(await type(line, eve)).toContain("/oauth2/connect");
    expect(await type("disconnect", eve)).toContain("No Microsoft account");
    expect(await type("info", eve)).toBe("Mission, version 1.2.3.");
    expect(await node.core.members.get(eve.Id)).toBeNull();
  });

  test("a member who connected before the calendar was on has to agree to it", async () => {
    world.box(sam).deniedToApps = true;
    world.scopes = ["Chat.Read"];
    node.core.view.forgetRefusals();
    expect(await type("today")).toContain("does not let this app read");
    world.missing = ["Calendars.ReadWrite"];
    expect(await type("today")).toMatch(/need your agreement: \[connect again\]\(.*\/oauth2\/connect/);
  });

  test("A60: why, in plain language, without any text of the event", async () => {
    await node.core.members.update(sam.user.Id, (one) => ({
      ...one,
      settings: { ...one.settings, status: "dnd" },
    }));
    world.meeting(sam, "09:00", "10:00", { subject: "Secret plan" });
    node.part.driver.changed(sam.user.Id);
    await world.pass(3_000);
    expect(world.status(sam)).toBe("dnd by hand");
    const text = await type("why");
    expect(text).toContain("set for your meeting");
    expect(text).not.toContain("Secret");
  });

  test("disconnects after a question, and leaves nothing of the person", async () => {
    await node.core.members.update(sam.user.Id, (one) => ({
      ...one,
      settings: { ...one.settings, status: "dnd", reminders: true },
    }));
    world.meeting(sam, "09:05", "10:00");
    node.part.driver.changed(sam.user.Id);
    await world.passTo("09:30");
    expect(world.status(sam)).toBe("dnd by hand");
    expect(await type("disconnect")).toContain("direct message");
    const post = world.posts(sam).at(-1);
    await world.press(node, sam, post as never, "yes");
    expect(world.status(sam)).toBe("online");
    expect([...world.store.values.values()].some((one) => Buffer.from(one).includes(sam.user.Id))).toBe(
      false,
    );
  });
});

describe("the settings panel", () => {
  test("I9, I11: one post, each choice in force at once, dependent ones only when they make sense", async () => {
    await type("settings");
    await type("settings");
    expect(world.posts(sam)).toHaveLength(1);
    const ids = () => {
      const attachments = world.posts(sam)[0]?.Props.attachments as { actions: { id: string }[] }[];
      return attachments[0]?.actions.map(({ id }) => id);
    };
    expect(ids()).toEqual(["status", "customStatus", "reminders", "notifications", "summary", "zone"]);
    const press = (action: string, selected?: string) =>
      world.press(node, sam, world.posts(sam)[0] as never, selected ? [action, selected] : action);
    await press("status", "dnd");
    await press("confirm");
    await press("reminders");
    await press("leadMinutes", "30");
    await press("summary");
    await press("summaryTime", "07:30");
    expect(await settings()).toMatchObject({
      ...{ status: "dnd", confirm: true, reminders: true, leadMinutes: 30 },
      summary: { enabled: true, postTime: "07:30" },
    });
    expect(ids()).toContain("leadMinutes");
    await press("leadMinutes", "999");
    expect((await settings())?.leadMinutes).toBe(30);
    // The panel shows what another place has changed when it is requested again.
    await node.core.members.update(sam.user.Id, (one) => ({
      ...one,
      settings: { ...one.settings, status: "off" },
    }));
    await type("settings");
    expect(ids()).not.toContain("confirm");
  });

  test("the welcome asks one question after the other, and ends with a link to the settings", async () => {
    await panel.welcome(sam.user.Id);
    const last = () => world.posts(sam).at(-1) as never;
    await world.press(node, sam, last(), ["status", "away"]);
    await world.press(node, sam, last(), "yes");
    await world.press(node, sam, last(), "no");
    await world.press(node, sam, last(), "yes");
    expect(await settings()).toMatchObject({
      ...{ status: "away", customStatus: true, notifications: false, reminders: true },
    });
    expect(world.posts(sam).at(-1)?.Message).toContain("/mscalendar settings");
    expect(world.posts(sam)).toHaveLength(6);
  });
});

describe("an admin", () => {
  test("subscribes, lists, unsubscribes", async () => {
    expect(await type("unsubscribe")).toContain("not subscribed");
    expect(await type("subscribe")).toContain("now subscribed");
    expect(await type("subscribe")).toContain("already");
    expect((await settings())?.notifications).toBe(true);
    world.subscribed.add(sam.user.Id);
    expect(await type("subscribe list")).toContain('"kind": "events"');
    expect(await type("unsubscribe")).toContain("have unsubscribed");
  });

  test("shows calendars, runs the statuses now, unlinks an account", async () => {
    expect(await type("showcals")).toContain('"name": "Calendar"');
    expect(await type("avail all")).toContain("1 members");
    expect(await type("avail nonsense")).toContain("not understood");
    expect(await type("free @nobody")).toContain("no such account");
    expect(await type("free @sam")).toContain("@sam is free");
    expect(freed).toEqual([sam.user.Id]);
  });

  test("asks why for somebody else; a member only for themselves", async () => {
    const boss = world.mattermost.addUser({ Username: "boss", Roles: "system_user system_admin" });
    expect(await type("why @sam", boss)).toContain("**Status:**");
    expect(await type("why @nobody", boss)).toContain("no such account");
    const ann = world.member("ann");
    expect(await type("why @sam", ann.user)).toContain("**Status:**");
  });
});
