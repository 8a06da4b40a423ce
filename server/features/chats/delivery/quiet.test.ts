/** Tests that messages of quiet hours are reported at their end. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ChatMessage } from "../../../../e2e/sandbox/graph/chats.ts";
import { ChatsWorld, type Member, type Node } from "../testing/chats-world.ts";
import { Microsoft } from "../testing/microsoft.ts";

const HOUR = 3_600_000;
const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
let ben: ReturnType<ChatsWorld["stranger"]>;
beforeEach(async () => {
  world = new ChatsWorld(microsoft);
  // 23:00 UTC of today; everybody in this test lives in UTC.
  world.clock.jumpTo(Math.floor(world.clock.now() / (24 * HOUR)) * 24 * HOUR + 23 * HOUR);
  node = world.node();
  world.run(node);
  cy = world.member("cy");
  ben = world.stranger("Ben Baker");
  await node.chats.settings.change(cy.user.Id, { quiet: "22:00-07:00" });
});
afterEach(() => world.stop());

const direct = () => world.teams.direct(ben.objectId, cy.person.objectId);
const write = (text: string, by = ben) => world.write(node, direct(), by, `<p>${text}</p>`);
const sleep = async (hours: number) => {
  // In steps, because a queue checks every few minutes.
  for (let minutes = 0; minutes < hours * 60; minutes += 10) await world.clock.pass(10 * 60_000);
  await world.clock.pass(1_000);
};
const come = (count = 1) => world.until(`${count} posts`, () => world.posts(cy).length === count);

describe("messages of quiet hours", () => {
  test("are one post for each chat at their end, mentions first, without any text of them", async () => {
    const chat = world.teams.group(
      [ben.objectId, cy.person.objectId, world.stranger("Rob").objectId],
      "Team",
    );
    await write("secret one");
    await write("secret two");
    const mentions = [{ id: 0, mentionText: "Cy", mentioned: { user: { id: cy.person.objectId } } }];
    await world.write(node, chat, ben, { html: "<p>secret three</p>", mentions });
    await sleep(7.5);
    expect(world.posts(cy)).toEqual([]);
    await sleep(0.6);
    await come(2);
    const texts = world.texts(cy).sort();
    expect(texts[0]).toStartWith(
      "**One of them mentions you.**\nIn your quiet hours, **Ben Baker** wrote once in [Team](",
    );
    expect(texts[1]).toStartWith(
      "In your quiet hours, 2 messages came in [Teams](https://teams.test/l/chat/",
    );
    expect(texts[1]).toContain("from **Ben Baker**");
    expect(texts.join()).not.toContain("secret");
    expect(
      world
        .posts(cy)
        .map(({ Props }) => Props.teams_chat_id)
        .sort(),
    ).toEqual([chat.id, direct().id].sort());
  });

  test("are over: messages come as usual again, and nothing comes twice", async () => {
    const { message } = await write("one");
    await sleep(8.2);
    await come();
    await world.change(node, message);
    await write("good morning");
    expect(world.texts(cy)[1]).toEndWith("\n\ngood morning");
    await sleep(15);
    expect(world.posts(cy)).toHaveLength(2);
    await write("good night");
    await sleep(10.2);
    await come(3);
    expect(world.texts(cy)[2]).toStartWith("In your quiet hours, **Ben Baker** wrote once");
  });

  test("that were deleted meanwhile are not in the summary", async () => {
    const one = (await write("one")).message;
    await write("two");
    world.teams.bury(one);
    await world.change(node, one, "deleted");
    await sleep(8.2);
    await come();
    expect(world.texts(cy)[0]).toContain("wrote once");
  });

  test("make no post when all were deleted", async () => {
    const { message } = await write("one");
    world.teams.bury(message);
    await world.change(node, message, "deleted");
    await sleep(9);
    expect(world.posts(cy)).toEqual([]);
  });

  const settled: [string, (message: ChatMessage) => Promise<unknown>, () => Promise<unknown>][] = [
    [
      "whose only message was deleted",
      async (message) => {
        world.teams.bury(message);
        await world.change(node, message, "deleted");
      },
      async () => {},
    ],
    [
      "at whose end the member had switched Teams chats off",
      () => node.chats.settings.change(cy.user.Id, { on: false }),
      () => node.chats.settings.change(cy.user.Id, { on: true }),
    ],
  ];
  for (const [name, inTheNight, inTheMorning] of settled)
    test(`of the night after one ${name} are summed up at its end, alone`, async () => {
      const { message } = await write("one");
      await inTheNight(message);
      await sleep(8.2);
      await inTheMorning();
      await sleep(15.5);
      await write("two");
      await sleep(8.5);
      await come();
      expect(world.texts(cy)[0]).toStartWith("In your quiet hours, **Ben Baker** wrote once");
    });

  test("a member to whom Teams showed the messages gets no summary", async () => {
    microsoft.graph.presence.set(cy.person.objectId, "Available");
    await write("one");
    microsoft.graph.presence.set(cy.person.objectId, "Offline");
    await sleep(9);
    expect(world.posts(cy)).toEqual([]);
  });

  const meanwhile: [string, () => Promise<unknown>][] = [
    ["switched it off", () => node.chats.settings.change(cy.user.Id, { on: false })],
    ["left Mattermost", async () => world.mattermost.setActive(cy.user.Id, false)],
    [
      "disconnected",
      async () => {
        world.disconnect(cy);
        await node.chats.forget(cy.user.Id);
      },
    ],
  ];
  for (const [name, act] of meanwhile)
    test(`a member who ${name} meanwhile gets no summary`, async () => {
      await write("one");
      await act();
      await sleep(9);
      expect(world.posts(cy)).toEqual([]);
      expect(
        [...world.store.values.keys()].filter((key) => /^queue_chats_quiet_[0-9a-z]+$/.test(key)),
      ).toEqual([]);
    });

  test("a member who ends them earlier gets the summary within minutes, one who extends them gets it later", async () => {
    await write("one");
    await node.chats.settings.change(cy.user.Id, { quiet: "22:00-09:00" });
    await sleep(9);
    expect(world.posts(cy)).toEqual([]);
    await node.chats.settings.change(cy.user.Id, { quiet: "" });
    await sleep(0.3);
    await come();
  });

  test("on a server that was restarted, or on another node", async () => {
    await write("one");
    node.stop.abort();
    await node.ended;
    node.ended = Promise.resolve();
    const second = world.node();
    world.run(second);
    await sleep(8.2);
    await come();
  });

  const postingFails = () => {
    world.fault = (method) => (method === "createPost" ? new Error("down") : undefined);
  };
  const postingWorks = () => {
    world.fault = () => undefined;
  };

  test("are posted late when the server fails for an hour in the morning", async () => {
    await write("one");
    postingFails();
    await sleep(9);
    expect(world.posts(cy)).toEqual([]);
    postingWorks();
    await sleep(0.2);
    await come();
    expect(world.texts(cy)[0]).toContain("wrote once");
  });

  test("of two nights are one summary when the server fails all day in between", async () => {
    await write("one");
    postingFails();
    await sleep(24.5);
    await write("two");
    await sleep(8);
    postingWorks();
    await sleep(0.2);
    await come();
    expect(world.texts(cy)[0]).toContain("2 messages came in");
  });

  test("of the night after one whose summary was given up are posted", async () => {
    await write("one");
    node.stop.abort();
    await node.ended;
    node.ended = Promise.resolve();
    for (const [key, bytes] of world.store.values) {
      if (!/^queue_chats_quiet_[0-9a-z]+$/.test(key)) continue;
      const partition = JSON.parse(new TextDecoder().decode(bytes));
      for (const entry of partition.entries) entry.parked = "failed";
      world.store.values.set(key, new TextEncoder().encode(JSON.stringify(partition)));
    }
    node = world.node();
    world.run(node);
    await sleep(24.5);
    expect(world.posts(cy)).toEqual([]);
    await write("two");
    await sleep(8.2);
    await come();
    expect(world.texts(cy)[0]).toContain("2 messages came in");
  });

  test("an outage that ends in quiet hours adds to the same post", async () => {
    const old = new Date(world.clock.now() - 3 * HOUR).toISOString();
    await world.write(node, direct(), ben, { html: "<p>old</p>", createdDateTime: old });
    await write("new");
    await sleep(8.2);
    await come();
    expect(world.texts(cy)[0]).toContain("2 messages came in");
  });

  test("a chat that Graph cannot name now is summed up without its topic", async () => {
    const chat = world.teams.group(
      [ben.objectId, cy.person.objectId, world.stranger("Rob").objectId],
      "Team",
    );
    await world.write(node, chat, ben, "<p>one</p>");
    microsoft.graph.setFaults({ status: 503, failPath: "/chats" });
    await sleep(8.2);
    await come();
    microsoft.graph.healthy();
    expect(world.texts(cy)[0]).toContain("wrote once in [Teams](");
  });
});

describe("a process dies while it records a message of quiet hours", () => {
  for (let step = 0; step < 6; step += 1)
    test(`before its ${step + 1}. write: one summary`, async () => {
      let left = step;
      const { promise: died, resolve: die } = Promise.withResolvers<void>();
      const dying: typeof world.store = Object.create(world.store);
      for (const name of ["get", "set", "delete", "compareAndSet"] as const)
        Object.defineProperty(dying, name, {
          value: (...args: unknown[]) => {
            if (left < 0 || (name !== "get" && left-- <= 0)) {
              die();
              return new Promise(() => {});
            }
            return (world.store[name] as (...all: unknown[]) => Promise<unknown>)(...args);
          },
        });
      const first = world.node(dying);
      const message = world.teams.put(direct(), ben.objectId, {
        body: { contentType: "html", content: "x" },
      });
      await Promise.race([world.change(first, message), died]);
      for (let tries = 0; tries < 5; tries += 1) {
        await world.clock.pass(16_000);
        await world.change(node, message);
      }
      await sleep(8.2);
      await come();
      expect(world.texts(cy)[0]).toContain("wrote once");
    });
});
