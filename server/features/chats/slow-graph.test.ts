/** Tests that messages and answers arrive once and in order while Graph takes five seconds for each answer. */

import { beforeEach, describe, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import { ben, cy, dora, MINUTE, node, openDirectChat, world } from "./testing/direct-chat.ts";

openDirectChat();

describe("Graph takes five seconds for each answer", () => {
  beforeEach(() => {
    world.outgoing = () => world.clock.sleep(5_000, new AbortController().signal);
  });

  test("messages of three groups arrive once, in the order of each", async () => {
    const chats = Array.from({ length: 3 }, (_, at) =>
      world.teams.group(
        [ben, cy.person, dora.person].map(({ objectId }) => objectId),
        `Team ${at}`,
      ),
    );
    const lanes = chats.map(async (chat) => {
      for (let at = 0; at < 3; at += 1) {
        const message = world.teams.put(chat, ben.objectId, {
          body: { contentType: "html", content: `m${at}` },
        });
        expect((await world.change(node, message)).kind).toBe("done");
      }
    });
    let isOver = false;
    void Promise.all(lanes).then(() => {
      isOver = true;
    });
    await world.until("all of them", () => isOver);
    for (const member of [cy, dora])
      for (const { id } of chats) {
        const own = world.posts(member).filter(({ Props }) => Props.teams_chat_id === id);
        expect(own.map(({ Message }) => Message.split("\n\n")[1])).toEqual(["m0", "m1", "m2"]);
      }
    expect(world.logs).toEqual([]);
  });

  test("an answer is sent once, without a notice", async () => {
    world.run(node);
    let isOver = false;
    void world
      .write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, "<p>hi</p>")
      .then(() => {
        isOver = true;
      });
    await world.until("the message", () => isOver);
    await world.reply(node, cy, world.posts(cy)[0] as Post, "yes");
    await world.until("the answer", () => world.teams.sent.length === 1);
    await world.clock.pass(2 * MINUTE);
    expect([world.teams.sent.length, world.posts(cy).length]).toEqual([1, 1]);
  });
});
