/** Rows of the scenarios C to E and G that no other test of this folder covers, by their numbers. */

import { describe, expect, test } from "bun:test";
import { ben, cy, dora, MINUTE, microsoft, node, openDirectChat, world } from "./testing/direct-chat.ts";

openDirectChat();

const direct = (to = cy) => world.teams.direct(ben.objectId, to.person.objectId);
const write = (text = "<p>hi</p>") => world.write(node, direct(), ben, text);
const count = () => world.posts(cy).length;
const discarded = (reason: string) =>
  Number(
    new RegExp(
      `^mission_collaboration_chat_notifications_total\\{[^}]*discarded_reason="${reason}"[^}]*\\} (\\d+)`,
      "m",
    ).exec(node.metrics.text())?.[1] ?? 0,
  );

describe("C02, C03, C04: presence as Graph reports it", () => {
  const states: [availability: string, activity: string, notifies: boolean][] = [
    ["Offline", "Offline", true],
    ["Offline", "OffWork", true],
    ["Away", "Away", true],
    ["Away", "Inactive", true],
    ["AvailableIdle", "Available", true],
    ["BusyIdle", "Busy", true],
    ["PresenceUnknown", "PresenceUnknown", true],
    ["Available", "Available", false],
    ["Busy", "Busy", false],
    ["BeRightBack", "BeRightBack", false],
    ["DoNotDisturb", "DoNotDisturb", false],
    ["Busy", "InACall", false],
    ["Busy", "InAConferenceCall", false],
    ["Busy", "InAMeeting", false],
    ["DoNotDisturb", "Presenting", false],
    ["DoNotDisturb", "UrgentInterruptionsOnly", false],
    ["Away", "OutOfOffice", false],
    ["Offline", "OutOfOffice", false],
  ];
  for (const [availability, activity, notifies] of states)
    test(`${availability} and ${activity}: ${notifies ? "a post" : "none"}`, async () => {
      microsoft.graph.presence.set(cy.person.objectId, availability, activity);
      await write();
      expect(count()).toBe(notifies ? 1 : 0);
      expect(discarded("user_active_in_teams")).toBe(notifies ? 0 : 1);
    });
});

describe("C06: presence cannot be read", () => {
  for (const status of [401, 403, 429, 500, 503])
    test(`${status}: everybody is notified, and the log has one line an hour`, async () => {
      microsoft.graph.setFaults({ status, failPath: "/communications" });
      for (let at = 0; at < 3; at += 1) {
        await write();
        await world.clock.pass(MINUTE);
      }
      const warnings = () => world.logs.filter((line) => line.startsWith("Presence in Teams")).length;
      expect([count(), warnings()]).toEqual([3, 1]);
      await world.clock.pass(60 * MINUTE);
      await write();
      expect([count(), warnings()]).toEqual([4, 2]);
      microsoft.graph.healthy();
    });

  test("an answer that leaves somebody out: their presence is unknown, and they get the message", async () => {
    microsoft.tenant.people.delete(cy.person.objectId);
    const chat = world.teams.group([ben, cy.person, dora.person].map(({ objectId }) => objectId));
    await world.write(node, chat, ben, "<p>hi</p>");
    expect([world.posts(cy).length, world.posts(dora).length]).toEqual([1, 1]);
  });
});

test("C08: presence of 1,300 connected members is read in groups of at most 650, and each is judged correctly", async () => {
  const members = Array.from({ length: 1_300 }, (_, at) => world.member(`m${at}`));
  for (const [at, { person }] of members.entries())
    if (at % 10 === 0) microsoft.graph.presence.set(person.objectId, "Available");
  const chat = world.teams.group([ben.objectId, ...members.map(({ person }) => person.objectId)], "All");
  await world.write(node, chat, ben, "<p>hi</p>");
  const { asked } = microsoft.graph.presence;
  expect(asked.every((ids) => ids.length <= 650)).toBe(true);
  expect(asked.flat().length).toBe(1_300);
  const got = members.map((one) => world.posts(one).length);
  expect(got).toEqual(members.map((_, at) => (at % 10 === 0 ? 0 : 1)));
});

describe("C09: a member who switched it off", () => {
  test("gets nothing, and no file is downloaded for them", async () => {
    await node.chats.settings.change(cy.user.Id, { on: false });
    const item = microsoft.graph.drives.put(ben.objectId, "a.txt", new Uint8Array(9));
    const before = world.asked.length;
    await world.write(node, direct(), ben, {
      html: '<attachment id="1"></attachment>',
      attachments: [{ id: "1", contentType: "reference", contentUrl: item.webUrl, name: "a.txt" }],
    });
    expect([count(), microsoft.graph.drives.downloads.length, world.asked.length]).toEqual([0, 0, before]);
    expect(discarded("user_disabled_notifications")).toBe(1);
  });
});

test("C11: a change of presence takes effect after 30 seconds at most", async () => {
  microsoft.graph.presence.set(cy.person.objectId, "Available");
  await write();
  microsoft.graph.presence.set(cy.person.objectId, "Away");
  await world.clock.pass(29_000);
  await write();
  expect(count()).toBe(0);
  await world.clock.pass(1_000);
  await write();
  expect(count()).toBe(1);
});

describe("C15, C20, C21: kinds of messages", () => {
  test("an urgent one does not bypass the gate", async () => {
    microsoft.graph.presence.set(cy.person.objectId, "DoNotDisturb");
    await world.write(node, direct(), ben, { html: "<p>now</p>", importance: "urgent" });
    expect(count()).toBe(0);
  });

  test("a picture only", async () => {
    const message = world.teams.put(direct(), ben.objectId);
    const bytes = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    world.teams.hosted.set(`${message.chatId} ${message.id} 1`, { bytes, type: null });
    message.body.content = `<div><img src="${world.teams.hostedAddress(message, "1")}"></div>`;
    await world.change(node, message);
    expect(world.posts(cy)[0]?.FileIds).toHaveLength(1);
    expect(discarded("empty_message")).toBe(0);
  });

  for (const blank of ["", " ", "<p></p>", "<div>&nbsp;</div>", "<p>\u200b</p>", "<br><br>"])
    test(`${JSON.stringify(blank)} is not a message`, async () => {
      await write(blank);
      expect([count(), discarded("empty_message")]).toEqual([0, 1]);
    });
});

describe("D: chats and recipients", () => {
  test("D02: a connected sender gets none, even in a group of connected people", async () => {
    const eva = world.member("eva");
    const chat = world.teams.group(
      [cy, dora, eva].map(({ person }) => person.objectId),
      "Three",
    );
    await world.write(node, chat, cy.person, "<p>hi</p>");
    expect([cy, dora, eva].map((one) => world.posts(one).length)).toEqual([0, 1, 1]);
    expect(world.texts(dora)[0]).toStartWith("**Cy** wrote to you and one other in [Three](");
  });

  test("D02: upper-case ids of Graph are the same person", async () => {
    const chat = world.teams.group(
      [cy, dora].map(({ person }) => person.objectId),
      "Two",
    );
    const from = { user: { id: dora.person.objectId.toUpperCase(), displayName: "Dora" } };
    await world.write(node, chat, null, { html: "<p>hi</p>", from });
    expect([world.posts(cy).length, world.posts(dora).length]).toEqual([1, 0]);
  });

  test("D06: a message of a channel is ignored", async () => {
    const outcome = await node.chats.changed(
      {
        ...{ key: "all", changeType: "created", etag: "1", content: {}, receivedAt: world.clock.now() },
        resource: { kind: "channel_message", teamId: "t", channelId: "c", messageId: "1", replyId: null },
      } as never,
      new AbortController().signal,
    );
    expect(outcome).toEqual({ kind: "drop", because: "channel_notifications_unsupported" });
  });

  test("D09: in a chat without connected members only the members are read, once", async () => {
    const chat = world.teams.group([ben.objectId, world.stranger("Rob").objectId], "Others");
    for (let at = 0; at < 3; at += 1) await world.write(node, chat, ben, "<p>hi</p>");
    expect(world.asked.toSorted()).toEqual(["GET /chats/{chat}", "GET /chats/{chat}/members"]);
    expect(discarded("no_connected_user")).toBe(3);
  });

  test("with nobody connected, nothing is read", async () => {
    for (const one of [cy, dora]) world.disconnect(one);
    await world.clock.pass(31_000);
    const chat = world.teams.group(
      [ben, cy.person].map(({ objectId }) => objectId),
      "Team",
    );
    expect((await world.write(node, chat, ben, "<p>hi</p>")).outcome.kind).toBe("drop");
    expect(world.asked).toEqual([]);
  });
});

describe("E: edits and deletions", () => {
  async function edit(content: string) {
    const { message } = await write("<p>Are you there?</p>");
    await world.clock.pass(MINUTE);
    message.body.content = content;
    message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(message);
    world.calls.splice(0);
    await world.change(node, message, "updated");
  }

  for (const content of [
    "<p>Are  you there?</p>",
    "<div>Are you\n there? </div>",
    "<p>Are you there?</p><p>&nbsp;</p>",
  ])
    test(`E19: ${JSON.stringify(content)} changes nothing, and no post is written`, async () => {
      await edit(content);
      expect(world.calls.filter((one) => /^(update|create)Post$/.test(one))).toEqual([]);
    });

  test("E07: an edit of a deleted message restores nothing", async () => {
    const { message } = await write();
    const edited = structuredClone({ ...message, body: { contentType: "html", content: "<p>back</p>" } });
    world.teams.bury(message);
    await world.change(node, message, "deleted");
    edited.lastEditedDateTime = edited.lastModifiedDateTime = new Date(world.clock.now() + 1).toISOString();
    await world.change(node, edited, "updated");
    await world.change(node, edited, "created");
    expect(count()).toBe(0);
  });
});

describe("G: files", () => {
  test("G04: of eleven files one stays in Teams, in the singular", async () => {
    const items = Array.from({ length: 11 }, (_, at) =>
      microsoft.graph.drives.put(ben.objectId, `f${at}.txt`, new Uint8Array(3)),
    );
    await world.write(node, direct(), ben, {
      html: items.map((_, at) => `<attachment id="${at}"></attachment>`).join(""),
      attachments: items.map(({ name, webUrl }, at) => ({
        ...{ id: String(at), contentType: "reference", contentUrl: webUrl, name },
      })),
    });
    expect(world.posts(cy)[0]?.FileIds).toHaveLength(10);
    expect(world.texts(cy)[0]).toContain("* 1 more file is in Teams. [Open in Teams](");
  });

  test("G05: a refused download keeps the text and the connection", async () => {
    const item = microsoft.graph.drives.put(ben.objectId, "a.txt", new Uint8Array(3));
    microsoft.graph.setFaults({ status: 403, failPath: "/shares" });
    await world.write(node, direct(), ben, {
      html: '<p>see</p><attachment id="1"></attachment>',
      attachments: [{ id: "1", contentType: "reference", contentUrl: item.webUrl, name: "a.txt" }],
    });
    microsoft.graph.healthy();
    expect(world.texts(cy)[0]).toContain(
      "\n\nsee\n\n* **a.txt** is not here: Microsoft 365 does not let you read it",
    );
    await write("<p>and on</p>");
    expect(count()).toBe(2);
  });
});
