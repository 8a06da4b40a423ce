/** Tests a member's choices: command, route, buttons, and what is removed with the connection. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { presenceStates } from "../recipients/presence-states.ts";
import { ChatsWorld, type Member, type Node } from "../testing/chats-world.ts";
import { Microsoft } from "../testing/microsoft.ts";
import { commandWords } from "./command-words.ts";
import { PERSON_PREFIX } from "./person-records.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
let ben: ReturnType<ChatsWorld["stranger"]>;
function begin(settings: Record<string, unknown> = {}): void {
  world = new ChatsWorld(microsoft, settings);
  node = world.node();
  cy = world.member("cy");
  ben = world.stranger("Ben Baker");
}
beforeEach(() => begin());
afterEach(() => world.stop());

const direct = () => world.teams.direct(ben.objectId, cy.person.objectId);
const write = (text = "<p>hi</p>") => world.write(node, direct(), ben, text);
const type = (line: string) => node.chats.command(line === "" ? [] : line.split(" "), { userId: cy.user.Id });
const put = (part: Record<string, unknown>) => node.chats.settings.change(cy.user.Id, part);
const count = () => world.posts(cy).length;

describe("/msteams notifications", () => {
  test("shows the state, switches off, and on again", async () => {
    expect(await type("status")).toBe("Messages of your Teams chats are currently **on** in Mattermost.");
    expect(await type("off")).toBe("Messages of your Teams chats are now **off** in Mattermost.");
    expect(await type("status")).toContain("currently **off**");
    await write();
    expect(count()).toBe(0);
    expect(await type("ON")).toContain("now **on**");
    await write();
    expect(count()).toBe(1);
  });

  test("is off when the admin's default is off, until the member switches it on", async () => {
    begin({ chats_default_on: false });
    expect(await type("status")).toContain("**off**");
    await write();
    await type("on");
    await write();
    expect(count()).toBe(1);
  });

  for (const line of ["sometimes", "on off", "status please", "on on"])
    test(`${line} is answered with the possible arguments`, async () => {
      expect(await type(line)).toBe(commandWords.in("en")("usage"));
      expect(await type("status")).toContain("**on**");
    });

  test("explains how to connect to a person who is not connected, and stores nothing", async () => {
    world.disconnect(cy);
    await world.clock.pass(31_000);
    for (const line of ["status", "on", "off"]) expect(await type(line)).toContain("/msteams connect");
    expect([...world.store.values.keys()].filter((key) => key.startsWith(PERSON_PREFIX))).toEqual([]);
  });

  test("takes effect on another node at once", async () => {
    const other = world.node();
    await write();
    await type("off");
    await world.write(other, direct(), ben, "<p>two</p>");
    expect(count()).toBe(1);
  });
});

describe("choices", () => {
  test("are shown with their defaults, change in parts, and every open window is notified", async () => {
    const events: string[] = [];
    world.mattermost.watch(({ event, to }) => void (to.userId === cy.user.Id && events.push(event)));
    expect(await node.chats.settings.show(cy.user.Id)).toEqual({
      ...{ connected: true, on: true, meetings: true, bots: true, quiet: "" },
      ...{ notWhileActive: false, grouping: false },
      states: ["AvailableIdle", "Away", "BusyIdle", "Inactive", "Offline", "OffWork", "PresenceUnknown"],
    });
    expect(await put({ quiet: "22:00-07:00", states: [...presenceStates] })).toBeNull();
    expect(await node.chats.settings.show(cy.user.Id)).toMatchObject({ quiet: "22:00-07:00", bots: true });
    expect(events).toEqual(["custom_mission-collaboration_chats_settings"]);
    expect(await put({ bots: false, quiet: "x" })).toEqual({ quiet: "invalid" });
    expect(await node.chats.settings.show(cy.user.Id)).toMatchObject({ bots: true });
  });

  test("of states: a member who wants all of them gets messages while active in Teams", async () => {
    microsoft.graph.presence.set(cy.person.objectId, "Available");
    await write();
    expect(count()).toBe(0);
    await put({ states: [...presenceStates] });
    await write();
    expect(count()).toBe(1);
  });

  test("of meetings and bots", async () => {
    const meeting = world.teams.meeting([ben.objectId, cy.person.objectId], "Standup");
    const from = { application: { id: "a", displayName: "Bot" } };
    await put({ meetings: false, bots: false });
    await world.write(node, meeting, ben, "<p>hi</p>");
    await world.write(node, direct(), null, { html: "<p>done</p>", from });
    expect(count()).toBe(0);
    await put({ meetings: true, bots: true });
    await world.write(node, meeting, ben, "<p>hi</p>");
    await world.write(node, direct(), null, { html: "<p>done</p>", from });
    expect(count()).toBe(2);
  });

  test("of quiet hours, in the member's own time zone", async () => {
    const zone = { useAutomaticTimezone: "false", manualTimezone: "Asia/Tokyo", automaticTimezone: "UTC" };
    world.mattermost.putUser({ ...cy.user, Timezone: zone });
    const hour = Temporal.Instant.fromEpochMilliseconds(world.clock.now()).toZonedDateTimeISO(
      "Asia/Tokyo",
    ).hour;
    const at = (offset: number) => `${String((hour + offset + 24) % 24).padStart(2, "0")}:00`;
    await put({ quiet: `${at(0)}-${at(1)}` });
    await write();
    expect(count()).toBe(0);
    await put({ quiet: `${at(2)}-${at(3)}` });
    await write();
    expect(count()).toBe(1);
  });

  test("not while active in Mattermost", async () => {
    world.mattermost.setStatus(cy.user.Id, "online");
    await write();
    await put({ notWhileActive: true });
    await write();
    expect(count()).toBe(1);
    world.mattermost.setStatus(cy.user.Id, "away");
    await write();
    expect(count()).toBe(2);
  });

  test("a choice stored by another version, or damaged, is the default", async () => {
    const key = PERSON_PREFIX + cy.user.Id;
    for (const text of [
      "{",
      "null",
      '{"v":2,"choices":{"on":false}}',
      '{"v":1,"choices":{"on":"no"},"muted":5}',
    ]) {
      await world.store.set(key, text);
      await world.clock.pass(31_000);
      expect(await node.chats.settings.show(cy.user.Id)).toMatchObject({ on: true });
    }
  });
});

describe("the buttons of a post", () => {
  const press = (action: string, member = cy) =>
    world.press(node, member, world.posts(cy)[0] as Post, action);

  test("mute a chat for an hour, and no other chat", async () => {
    await write();
    expect(await press("mute_hour")).toMatchObject({
      ok: true,
      reply: { ephemeral: expect.stringContaining("hour") },
    });
    await write();
    await world.write(node, world.teams.group([ben.objectId, cy.person.objectId], "Other"), ben, "<p>x</p>");
    expect(count()).toBe(2);
    await world.clock.pass(3_601_000);
    await write();
    expect(count()).toBe(3);
  });

  test("mute a chat permanently, and undo it", async () => {
    await write();
    await press("mute");
    await world.clock.pass(30 * 24 * 3_600_000 - 60_000);
    await write();
    expect(count()).toBe(1);
    expect(await press("mute")).toMatchObject({ reply: { ephemeral: "This chat is no longer muted." } });
    await write();
    expect(count()).toBe(2);
  });

  test("do nothing when pressed by somebody else", async () => {
    await write();
    expect(await press("mute", world.member("dora"))).toEqual({ ok: false, problem: "card_foreign" });
    await write();
    expect(count()).toBe(2);
  });

  test("expire", async () => {
    await write();
    world.clock.jumpTo(world.clock.now() + 31 * 24 * 3_600_000);
    expect(await press("mute")).toEqual({ ok: false, problem: "card_expired" });
  });
});

test("the choices are removed with the connection, and nothing without expiry is left", async () => {
  await write();
  await put({ quiet: "22:00-07:00" });
  await world.press(node, cy, world.posts(cy)[0] as Post, "mute");
  expect(world.store.values.has(PERSON_PREFIX + cy.user.Id)).toBe(true);
  await node.chats.forget(cy.user.Id);
  world.disconnect(cy);
  const left = [...world.store.values].filter(
    ([key, value]) => !key.startsWith("chats.message.") && Buffer.from(value).includes(cy.user.Id),
  );
  expect(left).toEqual([]);
  const { outcome } = await write();
  expect(outcome).toMatchObject({ kind: "drop", because: "no_connected_user" });
});

test("nothing of a message is in the store, in logs or in metrics", async () => {
  await write("<p>the secret word is xylophone</p>");
  world.fault = (method) => (method === "createPost" ? new Error("down") : undefined);
  await write("<p>and zeppelin</p>");
  const everything = [
    ...[...world.store.values.values()].map((bytes) => new TextDecoder().decode(bytes)),
    ...world.logs,
    node.metrics.text(),
  ].join("\n");
  expect(everything).not.toMatch(/xylophone|zeppelin|Ben Baker/);
  expect(node.metrics.text()).not.toContain(cy.user.Id);
});
