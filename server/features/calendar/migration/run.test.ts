// Tests the import of the earlier Go plugin's records. The letters are those of the scenarios we build for.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { DayWorld, type Node } from "../testing/day-world.ts";
import { migrate } from "./run.ts";

let world: DayWorld;
let node: Node;
let connected: string[];
let linked: object[];
let isFull: boolean;

beforeEach(async () => {
  world = new DayWorld();
  node = await world.start();
  connected = [];
  linked = [];
  isFull = false;
});
afterEach(() => world.stop());

const md5 = (name: string) => createHash("md5").update(name).digest("hex");
const line = (key: string, value: unknown) =>
  JSON.stringify({ key, value: Buffer.from(JSON.stringify(value)).toString("base64") });
const record = (id: string, oid: string, more: object = {}) =>
  line(`user_${md5(id)}`, {
    MattermostUserID: id,
    Remote: { id: oid, mail: "sam@example.com" },
    OAuth2Token: { access_token: "a", token_type: "Bearer", refresh_token: `refresh-${id}`, expiry: "" },
    mattermostSettings: {
      ...{ UpdateStatusFromOptions: "Do Not Disturb", GetConfirmation: true, ReceiveReminders: true },
      DailySummary: { post_time: "7:30AM", tz: "W. Europe Standard Time", enable: true },
    },
    ...more,
  });

function run(text: string, dry: boolean) {
  const ports = {
    ...{ core: node.core, store: node.part.store },
    connections: {
      ...node.services.connections,
      isConnected: async (id: string) => connected.includes(id),
      fromEarlier: async (id: string, { refreshToken }: { refreshToken: string }) => {
        if (refreshToken.includes("bad")) return "refused" as const;
        connected.push(id);
        return "connected" as const;
      },
    },
    links: async () => ({
      add: async (owner: string, link: object) => {
        if (isFull) return "full" as const;
        linked.push({ owner, ...link });
        return "added" as const;
      },
    }),
  };
  return migrate(ports, text, { dry, requestId: "r" });
}

describe("the earlier plugin's records", () => {
  test("J12: a dry run counts, and writes nothing", async () => {
    const { person, user } = world.member("sam");
    const before = new Map(world.store.values);
    const report = await run(`${record(user.Id, person.objectId)}\nnonsense\n`, true);
    expect(report).toMatchObject({ dry: true, people: 1, connected: 1, reconnect: 0 });
    expect(report.problems).toEqual([{ code: "line_unreadable", line: 2 }]);
    expect(world.store.values).toEqual(before);
    expect(connected).toEqual([]);
  });

  test("J1, J2, J3: settings, connection and links are kept; twice is the same as once", async () => {
    const sam = world.member("sam");
    const event = world.meeting(sam, "12:00", "13:00", { iCalUId: "ical-1" });
    const text = record(sam.user.Id, sam.person.objectId, { linkedEvents: { "ical-1": "channel1" } });
    expect(await run(text, false)).toMatchObject({ people: 1, connected: 1, links: 1, problems: [] });
    expect((await node.core.members.get(sam.user.Id))?.settings).toMatchObject({
      ...{ status: "dnd", confirm: true, reminders: true, leadMinutes: 10 },
      summary: { enabled: true, postTime: "07:30", weekdays: [1, 2, 3, 4, 5] },
    });
    expect(linked).toMatchObject([{ owner: sam.user.Id, eventId: event.id, channelId: "channel1" }]);
    await node.core.members.update(sam.user.Id, (one) => ({
      ...one,
      settings: { ...one.settings, status: "away" },
    }));
    await run(text, false);
    expect((await node.core.members.get(sam.user.Id))?.settings.status).toBe("away");
  });

  test("a link above the limit of a person is reported", async () => {
    const sam = world.member("sam");
    world.meeting(sam, "12:00", "13:00", { iCalUId: "ical-1" });
    isFull = true;
    const text = record(sam.user.Id, sam.person.objectId, { linkedEvents: { "ical-1": "channel1" } });
    expect((await run(text, false)).problems.map(({ code }) => code)).toEqual(["linked_events_full"]);
  });

  test("J9: a member who cannot be connected keeps the settings and has to connect again", async () => {
    const [sam, ann] = [world.member("sam"), world.member("ann")];
    const text = [
      record(sam.user.Id, sam.person.objectId, { OAuth2Token: null }),
      record(ann.user.Id, ann.person.objectId, { OAuth2Token: { access_token: "a", refresh_token: "bad" } }),
      record("x".repeat(26), "nobody"),
    ].join("\n");
    const report = await run(text, false);
    expect(report).toMatchObject({ people: 2, connected: 0, reconnect: 2 });
    expect(report.problems.map(({ code }) => code)).toEqual([
      ...["not_connected_no_token", "not_connected_refused", "account_unknown"],
    ]);
    expect((await node.core.members.get(ann.user.Id))?.settings.status).toBe("dnd");
  });

  test("a status that the earlier plugin did not restore is restored", async () => {
    const sam = world.member("sam");
    world.mattermost.setStatus(sam.user.Id, "dnd", { Manual: true });
    const text = record(sam.user.Id, sam.person.objectId, {
      ...{ LastStatus: "", events: ["ical 2026-06-15T08:00:00Z"] },
      mattermostSettings: { UpdateStatusFromOptions: "Do Not Disturb" },
    });
    await run(text, false);
    await world.pass(6_000);
    expect(world.status(sam)).toBe("online");
  });
});
