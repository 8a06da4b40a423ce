/**
 * Tests the day of members with the built executable: a member connects, a meeting begins and ends, commands answer,
 * and one of two nodes is killed. Runs in `npm test` after the bundle is built.
 */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { builtBundle } from "../built-bundle.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { until } from "../until.ts";
import { addMember } from "./member.ts";

const bundlePath = builtBundle();

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

let sandbox: Sandbox | null = null;
afterEach(() => {
  sandbox?.close();
  sandbox = null;
});

async function start({ nodes = 1, roles = ["Calendars.Read", "MailboxSettings.Read"] } = {}) {
  const started = await Sandbox.start({ bundlePath, nodes, settings: { calendar_enabled: true } });
  sandbox = started;
  const appId = started.registration?.app.appId ?? "";
  for (const role of roles) started.tenant.grantRole(appId, role);

  const member = async (name: string) => {
    const one = addMember(started, name);
    const { user } = one;
    await one.connect();
    started.world.setStatus(user.Id, "online");
    const status = () => started.world.statuses.get(user.Id)?.Status;
    return { ...one, status };
  };
  return { sandbox: started, member };
}

/** Outlook keeps whole seconds. */
const soon = (seconds: number) => (Math.floor(Date.now() / 1_000) + seconds) * 1_000;

describe("the product", () => {
  test("a member connects, answers the welcome and sees the day; web app, panel and commands share the settings", async () => {
    const world = await start();
    const sam = await world.member("sam");
    await until(
      () => sam.messages().some(({ Props }) => JSON.stringify(Props).includes('"status"')),
      "the welcome asks for the status",
    );
    const { calendars } = world.sandbox.graph;
    calendars.of(sam.person.objectId).settings.timeZone = "UTC";
    calendars.add(sam.person.objectId, soon(60), soon(120), { subject: "Kick-off" });
    expect(await sam.type("/mscalendar viewcal")).toContain("Kick-off");
    expect(await sam.type("/mscalendar nonsense")).toContain("/mscalendar today");
    expect(await sam.type("/mscalendar summary time 7:45pm")).toContain("is off");
    const settings = (await (await sam.ask("/api/v1/calendar/settings")).json()) as Record<string, unknown>;
    expect(settings).toMatchObject({ status: "off", summary: { postTime: "19:45", enabled: false } });
    const wrong = await sam.ask("/api/v1/calendar/settings", "PUT", { status: "asleep", colour: 1 });
    expect([wrong.status, ((await wrong.json()) as { errors: unknown }).errors]).toEqual([
      400,
      { status: "invalid", colour: "unknown" },
    ]);
  });

  test("the status follows a meeting from start to end although a node was killed", async () => {
    const world = await start({ nodes: 2 });
    const sam = await world.member("sam");
    expect((await sam.ask("/api/v1/calendar/settings", "PUT", { status: "away" })).status).toBe(200);
    const { calendars } = world.sandbox.graph;
    const from = soon(8);
    const meeting = calendars.add(sam.person.objectId, from, soon(3_600), { subject: "Kick-off" });
    await sam.type("/mscalendar avail");
    expect((await sam.ask("/api/v1/calendar/settings", "PUT", { status: "dnd" })).status).toBe(200);
    expect((await sam.ask("/api/v1/calendar/settings", "PUT", { zone: "Europe/Berlin" })).status).toBe(200);
    await until(() => sam.status() === "dnd", "the meeting is on");
    expect(Date.now()).toBeGreaterThanOrEqual(from);
    // Only now, because on a busy machine everything before may take minutes.
    const to = soon(20);
    const end = { dateTime: new Date(to).toISOString().replace("Z", "0000"), timeZone: "UTC" };
    await calendars.change(sam.person.objectId, meeting.id, { end });
    const endsAt = () => world.sandbox.world.statuses.get(sam.user.Id)?.DNDEndTime;
    const isShorter = () => endsAt() === Math.ceil(to / 60_000) * 60 || Date.now() > to;
    await until(isShorter, "the status ends earlier, or the meeting is over");
    world.sandbox.mattermost.crash("node-1");
    await until(() => sam.status() === "online", "the meeting is over");
    expect(Date.now()).toBeGreaterThanOrEqual(to - 1_000);
  });

  test("reads with the member's own token without admin consent", async () => {
    const world = await start({ roles: [] });
    const sam = await world.member("sam");
    const { calendars } = world.sandbox.graph;
    calendars.add(sam.person.objectId, soon(-60), soon(3_600), { subject: "Kick-off" });
    expect((await sam.ask("/api/v1/calendar/settings", "PUT", { status: "dnd" })).status).toBe(200);
    await until(() => sam.status() === "dnd", "the meeting is on");
    expect((await sam.ask("/api/v1/connection", "DELETE")).status).toBe(204);
    expect(sam.status()).toBe("online");
    expect((await sam.ask("/api/v1/calendar/settings")).status).toBe(409);
    const kept = world.sandbox.world.kv(world.sandbox.bundle.id);
    const left = kept
      .keys()
      .filter((key) => new TextDecoder().decode(kept.get(key) ?? new Uint8Array()).includes(sam.user.Id));
    expect(left.filter((key) => key.startsWith("calendar/"))).toEqual([]);
  });
});
