/**
 * Tests the calendar of the built executable from outside: change notifications of Graph move a status, levers of the
 * sandbox move the clock, forged requests change nothing, and admins see the figures. Runs in `npm test` after the
 * bundle is built.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Refusal } from "../sandbox/graph/refusal.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { until } from "../until.ts";
import { HOUR, listening, local, type Started, startCalendar } from "./calendar-stage.ts";

setDefaultTimeout(300_000);

let world: Started;
beforeAll(async () => {
  world = await startCalendar();
});
afterAll(() => world.close());

const MINUTE = 60_000;
/** The calendar is read without a notification after five minutes at the earliest; a busy machine may be slow. */
const SOON_MS = 4 * MINUTE;
const soon = (seconds: number) => (Math.floor(Date.now() / 1_000) + seconds) * 1_000;
const lever = (action: string, json: object) =>
  fetch(`${world.sandbox.siteUrl}/sandbox/api/calendar/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(json),
  }).then(async (response) => {
    if (!response.ok) throw new Error(await response.text());
    return response.json() as Promise<{ id: string }>;
  });

type Listening = Awaited<ReturnType<typeof listening>>;
const statusOf = ({ user }: Listening) => world.sandbox.world.statuses.get(user.Id)?.Status;

async function withStatus(name: string, settings: object = { status: "dnd" }): Promise<Listening> {
  const one = await listening(world, name);
  world.sandbox.world.setStatus(one.user.Id, "online");
  expect((await one.ask("/api/v1/calendar/settings", "PUT", settings)).status).toBe(200);
  return one;
}

test("G7: a person whose account has no mailbox gets one message on connecting; Graph is not asked again and no record is kept", async () => {
  const { calendars } = world.sandbox.graph;
  const eve = world.member("eve");
  calendars.of(eve.person.objectId).failure = () =>
    new Refusal(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive or on-premises.");
  await eve.connect();
  await until(
    () => eve.messages().some(({ Message }) => Message.includes("no mailbox")),
    "the message to Eve",
  );
  await Bun.sleep(500);
  expect(eve.messages().filter(({ Message }) => Message.includes("no mailbox"))).toHaveLength(1);
  expect(JSON.stringify(eve.messages().map(({ Props }) => Props))).not.toContain('"status"');
  const stored = world.sandbox.world.kv(world.sandbox.bundle.id).backup();
  for (const [key, { value }] of stored)
    if (key.startsWith("calendar/")) expect(Buffer.from(value).toString()).not.toContain(eve.user.Id);
});

describe("a change in Outlook", () => {
  test("moves the status: a meeting that is made, extended and cancelled while it runs", async () => {
    const sam = await withStatus("sam");
    const { calendars } = world.sandbox.graph;
    // Long after the first read, so that only the notification can be the cause.
    await Bun.sleep(1_000);
    const [from, to] = [soon(6), soon(6 + 3_600)];
    const made = await calendars.invite(sam.person.objectId, from, to);
    await until(() => statusOf(sam) === "dnd", "Sam is in do-not-disturb");
    const late = Date.now() - from;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(SOON_MS);
    expect(world.sandbox.world.statuses.get(sam.user.Id)?.DNDEndTime).toBe(Math.ceil(to / MINUTE) * 60);
    const cancelledAt = Date.now();
    await calendars.change(sam.person.objectId, made.id, { isCancelled: true });
    await until(() => statusOf(sam) === "online", "Sam is online again");
    expect(Date.now() - cancelledAt).toBeLessThan(SOON_MS);
    expect(world.sandbox.world.statuses.get(sam.user.Id)?.DNDEndTime).toBe(0);
  });

  test("the clock of the sandbox goes forward: the status and the reminder come", async () => {
    const kim = await withStatus("kim", { status: "away", reminders: true, leadMinutes: 10 });
    const { person, user } = kim;
    await lever("invite", { upn: person.userPrincipalName, startsIn: 60, minutes: 30 });
    await until(
      () => kim.cards().length === 0 && statusOf(kim) === "online",
      "Kim has no card and is online",
    );
    await lever("forward", { minutes: 52 });
    const texts = () =>
      [...world.sandbox.world.posts.values()]
        .filter(({ ChannelId }) => world.sandbox.world.channels.get(ChannelId)?.Name.includes(user.Id))
        .map(({ Message }) => Message);
    await until(() => texts().some((text) => / min/.test(text) && text.includes("Meeting")), "a reminder");
    expect(statusOf(kim)).toBe("online");
    await lever("forward", { minutes: 20 });
    await until(() => statusOf(kim) === "away", "Kim is away");
    await lever("forward", { minutes: 30 });
    await until(() => statusOf(kim) === "online", "Kim is online again");
  });
});

describe("a forged button press", () => {
  const press = (who: Listening, postId: string, token: unknown, userId = who.user.Id) =>
    who.ask("/api/v1/cards", "POST", {
      ...{ user_id: userId, post_id: postId, channel_id: "c", trigger_id: "t", team_id: "" },
      context: { token },
    });

  test("by another person, on another post, with a changed context, without one: sends nothing, and only the presser sees the reason", async () => {
    const ana = await listening(world, "ana");
    const ben = await listening(world, "ben");
    const { calendars } = world.sandbox.graph;
    for (const subject of ["First", "Second"])
      await calendars.invite(ana.person.objectId, Date.now() + 24 * HOUR, Date.now() + 25 * HOUR, {
        ...{ subject, responseStatus: { response: "notResponded" } },
        createdDateTime: new Date().toISOString(),
      });
    await until(() => ana.cards().length === 2, "Ana has two cards");
    const [first, second] = ana.cards();
    if (!first || !second) throw new Error("no cards");
    const attachments = first.Props.attachments as {
      actions: { id: string; integration: { context: { token: string } } }[];
    }[];
    const token = attachments[0]?.actions.find(({ id }) => id === "accept")?.integration.context.token ?? "";
    const [body = "", signature = ""] = token.split(".");
    const other = Buffer.from(body, "base64url").toString().replace("accept", "decline");
    const changed = `${Buffer.from(other).toString("base64url")}.${signature}`;
    const before = calendars.answered.length;
    const refused: [string, Promise<Response>][] = [
      ["another person", press(ben, first.Id, token)],
      ["another person who names the owner", press(ben, first.Id, token, ana.user.Id)],
      ["another post", press(ana, second.Id, token)],
      ["a changed context", press(ana, first.Id, changed)],
      ["no context", press(ana, first.Id, undefined)],
      ["a context that is not text", press(ana, first.Id, { e: "x" })],
    ];
    for (const [name, answer] of refused) {
      const response = await answer;
      const json = (await response.json()) as { ephemeral_text?: string };
      expect([name, response.status, typeof json.ephemeral_text]).toEqual([name, 200, "string"]);
    }
    expect(calendars.answered.length).toBe(before);
    // The server itself refuses people who cannot read the channel.
    const foreign = await ben.ask(
      `/api/v4/posts/${first.Id}/actions/accept`,
      "POST",
      {},
      world.sandbox.siteUrl,
    );
    expect(foreign.status).toBeGreaterThanOrEqual(400);
    expect(calendars.answered.length).toBe(before);
    // As a control, the owner's own press works.
    const own = await press(ana, first.Id, token);
    expect(own.status).toBe(200);
    await until(() => calendars.answered.length === before + 1, "an answer at Microsoft");
  });

  test("of two simultaneous presses one answer reaches Outlook", async () => {
    const eva = await listening(world, "eva");
    const { calendars } = world.sandbox.graph;
    await calendars.invite(eva.person.objectId, Date.now() + 24 * HOUR, Date.now() + 25 * HOUR, {
      responseStatus: { response: "notResponded" },
      createdDateTime: new Date().toISOString(),
    });
    await until(() => eva.cards().length === 1, "Eva has a card");
    const [card] = eva.cards();
    const before = calendars.answered.length;
    const { siteUrl } = world.sandbox;
    const path = `/api/v4/posts/${card?.Id}/actions/accept`;
    const answers = await Promise.all([1, 2, 3].map(() => eva.ask(path, "POST", {}, siteUrl)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(calendars.answered.length).toBe(before + 1);
    expect(eva.cards()).toHaveLength(1);
  });
});

test("admins see the state; members do not", async () => {
  const one = await listening(world, "olga");
  expect((await one.ask("/api/v1/admin/calendar")).status).toBe(403);
  const { sandbox } = world;
  const admin = sandbox.scene.sam.user;
  const { session } = login(sandbox.world, admin, new Request(sandbox.siteUrl));
  const response = await fetch(`${sandbox.siteUrl}/plugins/${sandbox.bundle.id}/api/v1/admin/calendar`, {
    headers: { Authorization: `Bearer ${session.Token}` },
  });
  expect(response.status).toBe(200);
  const state = (await response.json()) as Record<string, never>;
  expect(state).toMatchObject({ isOn: true, members: { all: expect.any(Number) }, linkedEvents: 0 });
  expect(JSON.stringify(state)).not.toContain("olga");
});

test("the members' routes refuse what the contract forbids", async () => {
  const one = await listening(world, "uma");
  const events = (query: string) => one.ask(`/api/v1/calendar/events?${query}`).then(({ status }) => status);
  const day = (n: number) => new Date(Date.UTC(2026, 10, 1 + n)).toISOString();
  expect(await events(`from=${day(0)}&to=${day(62)}`)).toBe(200);
  for (const query of [
    `from=${day(0)}&to=${day(63)}`,
    `from=${day(2)}&to=${day(1)}`,
    `from=${day(0)}`,
    "from=2026-11-01&to=2026-11-02",
    "",
  ])
    expect([query, await events(query)]).toEqual([query, 400]);
  const made = await one.ask("/api/v1/calendar/events", "POST", {
    ...{ subject: "  ", start: local(-5), end: local(-6), requestId: "x" },
  });
  expect(made.status).toBe(400);
  const wrong = await one.ask("/api/v1/calendar/settings", "PUT", { leadMinutes: 61, needAttendee: "no" });
  expect([wrong.status, ((await wrong.json()) as { errors: unknown }).errors]).toEqual([
    400,
    { leadMinutes: "invalid", needAttendee: "invalid" },
  ]);
});

describe("/mscalendar", () => {
  test("I1: every command answers a member, and unknown words get a complete help", async () => {
    const cal = await listening(world, "cal");
    world.sandbox.graph.calendars.of(cal.person.objectId).settings.timeZone = "UTC";
    const from = Math.ceil(Date.now() / HOUR) * HOUR;
    world.sandbox.graph.calendars.add(cal.person.objectId, from, from + HOUR, { subject: "Council" });
    const help = await cal.type("/mscalendar help");
    for (const name of [
      "today",
      "tomorrow",
      "viewcal",
      "summary",
      "settings",
      "event",
      "link",
      "unlink",
      "why",
    ])
      expect(help).toContain(`/mscalendar ${name}`);
    for (const name of ["showcals", "avail", "subscribe", "free"]) expect(help).not.toContain(name);
    for (const line of ["/mscalendar", "/mscalendar nonsense", "/mscalendar createevent --subject x"])
      expect([line, await cal.type(line)]).toEqual([line, expect.stringContaining(help)]);
    expect(await cal.type("/mscalendar info")).toContain("version");
    expect(await cal.type("/mscalendar viewcal")).toContain("Council");
    expect(`${await cal.type("/mscalendar today")}${await cal.type("/mscalendar tomorrow")}`).toContain(
      "Council",
    );
    expect(await cal.type("/mscalendar summary")).toContain("/mscalendar summary time");
    expect(await cal.type("/mscalendar summary view")).not.toContain("/mscalendar summary time");
    expect(await cal.type("/mscalendar event")).toContain("create");
    expect(await cal.type("/mscalendar link")).toContain("Council");
    expect(await cal.type("/mscalendar link council")).toContain("Council");
    expect(await cal.type("/mscalendar unlink")).toContain("Council");
    expect(await cal.type("/mscalendar why")).toContain("**");
    expect(await cal.type("/mscalendar connect")).toContain("harbor.example");
    expect(await cal.type("/mscalendar settings")).not.toBe(help);
    expect(await cal.type("/mscalendar disconnect")).not.toBe(help);
  });

  test("I4: commands of admins are for system admins and listed ids; others do not see them", async () => {
    const dan = await listening(world, "dan");
    const refused: string[] = [];
    for (const name of ["showcals", "avail", "avail all", "subscribe", "unsubscribe", "free @cal"])
      refused.push(await dan.type(`/mscalendar ${name}`));
    expect(new Set(refused).size).toBe(1);
    expect(refused[0]).not.toMatch(/calendar-|Graph|Admin User|subscri/i);
    const { bundle, world: mattermost } = world.sandbox;
    const plugins = mattermost.config.PluginSettings.Plugins;
    plugins[bundle.id] = {
      ...plugins[bundle.id],
      calendar_admin_user_ids: ` ${"x".repeat(26)} ,\n ${dan.user.Id} \n`,
    };
    mattermost.fireOnEveryNode("onConfigurationChange");
    await until(
      async () => (await dan.type("/mscalendar showcals")).includes('"name": "Calendar"'),
      "Dan may see calendars",
    );
    expect(await dan.type("/mscalendar avail all")).toMatch(/\d/);
    expect(await dan.type("/mscalendar subscribe list")).toContain("events");
    expect(await dan.type("/mscalendar free @nobody-of-that-name")).not.toBe(refused[0] ?? "");
  });

  test("each tells a member without a connection how to connect", async () => {
    const lee = world.member("lee");
    for (const name of [
      "today",
      "tomorrow",
      "viewcal",
      "summary view",
      "settings",
      "why",
      "event create",
      "link",
      "unlink",
    ])
      expect([name, await lee.type(`/mscalendar ${name}`)]).toEqual([
        name,
        expect.stringContaining("/oauth2/connect"),
      ]);
  });
});
