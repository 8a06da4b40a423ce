/** Tests gap filling: cases H of the scenarios that concern chats. */

import { describe, expect, test } from "bun:test";
import type { Member } from "../testing/chats-world.ts";
import {
  ben,
  cy,
  dora,
  HOUR,
  MINUTE,
  microsoft,
  node,
  openDirectChat,
  world,
} from "../testing/direct-chat.ts";

openDirectChat();

const fill = (from: number, turns = Number.POSITIVE_INFINITY) => {
  let left = turns;
  const work = { signal: new AbortController().signal, turn: async () => left-- > 0 };
  return node.chats.fillGap({ from: from - 1, to: world.clock.now() + 1 }, work);
};
const say = (chat: Parameters<typeof world.teams.put>[0], content: string, more: object = {}) =>
  world.teams.put(chat, ben.objectId, { body: { contentType: "html", content }, ...more });
const last = (member: Member) => world.texts(member).map((text) => text.split("\n\n").slice(1).join("\n\n"));

describe("a gap", () => {
  test("of forty minutes with twelve messages in three chats: exactly those, once, in order", async () => {
    const from = world.clock.now();
    const chats = [
      world.teams.direct(ben.objectId, cy.person.objectId),
      world.teams.group([ben.objectId, cy.person.objectId], "A"),
      world.teams.group([ben.objectId, cy.person.objectId, dora.person.objectId], "B"),
    ];
    for (let at = 0; at < 12; at += 1) {
      await world.clock.pass(3 * MINUTE);
      const chat = chats[at % 3];
      if (chat) say(chat, `m${at}`);
    }
    await fill(from);
    expect(last(cy)).toEqual(Array.from({ length: 12 }, (_, at) => `m${at}`));
    expect(last(dora)).toEqual(["m2", "m5", "m8", "m11"]);
    await fill(from);
    expect([world.posts(cy).length, world.posts(dora).length]).toEqual([12, 4]);
  });

  test("over messages that were delivered already changes nothing", async () => {
    const from = world.clock.now() - MINUTE;
    await world.write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, "hi");
    await world.clock.pass(MINUTE);
    await fill(from);
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("of nine hours: one summary for each chat, and the last two hours as usual", async () => {
    const from = world.clock.now();
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    for (let at = 0; at < 9; at += 1) {
      say(chat, `m${at}`);
      await world.clock.pass(HOUR);
    }
    await fill(from);
    const [summary, ...rest] = world.texts(cy);
    expect(summary).toContain("7 messages came in");
    expect(last(cy).slice(1)).toEqual(["m7", "m8"].slice(-rest.length));
  });

  test("a reaction to an old message is not a new message", async () => {
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    const message = say(chat, "old");
    await world.clock.pass(30 * MINUTE);
    const from = world.clock.now() - MINUTE;
    world.teams.touch(message);
    await world.clock.pass(MINUTE);
    await fill(from);
    expect(world.posts(cy)).toEqual([]);
  });

  test("missed edits and deletions are applied", async () => {
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    const one = (await world.write(node, chat, ben, "one")).message;
    const two = (await world.write(node, chat, ben, "two")).message;
    await world.clock.pass(10 * MINUTE);
    const from = world.clock.now() - MINUTE;
    one.body.content = "one!";
    one.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(one);
    world.teams.bury(two);
    await world.clock.pass(MINUTE);
    await fill(from);
    expect(last(cy)).toEqual(["one!"]);
  });

  test("of more than one page is read to its end", async () => {
    const from = world.clock.now();
    const chat = world.teams.direct(ben.objectId, cy.person.objectId);
    for (let at = 0; at < 120; at += 1) say(chat, `m${at}`);
    await world.clock.pass(MINUTE);
    await fill(from);
    expect(world.posts(cy)).toHaveLength(120);
  });

  test("is not filled while Graph is down: the caller gets the error", async () => {
    const from = world.clock.now();
    say(world.teams.direct(ben.objectId, cy.person.objectId), "hi");
    await world.clock.pass(MINUTE);
    microsoft.graph.setFaults({ status: 503, failPath: "getAllMessages" });
    await expect(fill(from)).rejects.toThrow("503");
    microsoft.graph.healthy();
    await fill(from);
    expect(last(cy)).toEqual(["hi"]);
  });

  for (const status of [403, 404])
    test(`is filled for the others when Graph answers ${status} for one of them`, async () => {
      const from = world.clock.now();
      say(world.teams.direct(ben.objectId, dora.person.objectId), "hi");
      await world.clock.pass(MINUTE);
      const refuses = (url: string) =>
        url.includes("getAllMessages") && url.includes(`/users/${cy.person.objectId}/`);
      const other = world.node(world.store, world.api, async (url, init) =>
        refuses(String(url))
          ? Response.json({ error: { code: "NotFound" } }, { status })
          : world.fetch(url, init),
      );
      const work = { signal: new AbortController().signal, turn: async () => true };
      await other.chats.fillGap({ from: from - 1, to: world.clock.now() + 1 }, work);
      expect(last(dora)).toEqual(["hi"]);
    });

  test("is not filled when Graph refuses it for everybody", async () => {
    const from = world.clock.now();
    microsoft.graph.setFaults({ status: 403, failPath: "getAllMessages" });
    await expect(fill(from)).rejects.toThrow("403");
    microsoft.graph.healthy();
  });

  test("is retried while posts cannot be created", async () => {
    const from = world.clock.now();
    say(world.teams.direct(ben.objectId, cy.person.objectId), "hi");
    await world.clock.pass(MINUTE);
    world.fault = (method) => (method === "createPost" ? new Error("down") : undefined);
    await expect(fill(from)).rejects.toThrow("have to be tried again");
    world.fault = undefined;
    await fill(from);
    expect(last(cy)).toEqual(["hi"]);
  });

  test("stops when it gets no turn", async () => {
    const from = world.clock.now();
    say(world.teams.direct(ben.objectId, cy.person.objectId), "hi");
    await world.clock.pass(MINUTE);
    await fill(from, 0);
    expect(world.asked).toEqual([]);
  });
});
