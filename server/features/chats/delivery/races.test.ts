/** Tests concurrent changes of one message: on two nodes, and one of them stopped in the middle. */

import { describe, expect, test } from "bun:test";
import type { ChatMessage } from "../../../../e2e/sandbox/graph/chats.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { Node } from "../testing/chats-world.ts";
import {
  ben,
  group,
  meanwhile,
  members,
  microsoft,
  nodes,
  openTwoNodes,
  settle,
  world,
} from "../testing/two-nodes.ts";

openTwoNodes();

const put = (html: string) =>
  world.teams.put(group(), ben.objectId, { body: { contentType: "html", content: html } });
const texts = () => members.map((one) => world.texts(one).map((text) => text.split("\n\n")[1]));
const deleted = (message: ChatMessage) => {
  const copy = structuredClone(message);
  world.teams.bury(copy);
  return copy;
};
const edited = (message: ChatMessage, html: string) => {
  const copy = structuredClone(message);
  copy.body = { contentType: "html", content: html };
  copy.lastEditedDateTime = new Date(world.clock.now()).toISOString();
  world.teams.touch(copy);
  copy.lastEditedDateTime = copy.lastModifiedDateTime;
  return copy;
};
for (const at of [0, 1])
  describe(`while post ${at + 1} of a message is created, the other node receives`, () => {
    test("its deletion: nobody keeps it", async () => {
      const message = put("<p>secret</p>");
      const [one, other] = nodes;
      await meanwhile(
        at,
        () => settle(one, message, "created"),
        () => settle(other, deleted(message), "deleted"),
      );
      expect(texts()).toEqual([[], []]);
      await settle(one, message, "created");
      await settle(other, message, "created");
      expect(texts()).toEqual([[], []]);
    });

    test("its block by a policy: nobody keeps it", async () => {
      const message = put("<p>4111</p>");
      const blocked = edited(message, "<p>4111</p>");
      blocked.policyViolation = { dlpAction: "blockAccess" };
      const [one, other] = nodes;
      await meanwhile(
        at,
        () => settle(one, message, "created"),
        () => settle(other, blocked, "updated"),
      );
      expect(texts()).toEqual([[], []]);
    });

    test("its edit: everybody has the newer text, once", async () => {
      const message = put("<p>old</p>");
      const [one, other] = nodes;
      await meanwhile(
        at,
        () => settle(one, message, "created"),
        () => settle(other, edited(message, "<p>new</p>"), "updated"),
      );
      expect(texts()).toEqual([["new"], ["new"]]);
    });

    test("the same message again: everybody has it once", async () => {
      const message = put("<p>hi</p>");
      const [one, other] = nodes;
      await meanwhile(
        at,
        () => settle(one, message, "created"),
        () => settle(other, message, "created"),
      );
      expect(texts()).toEqual([["hi"], ["hi"]]);
    });
  });

describe("every order of a message, an edit and its deletion, on any of two nodes", () => {
  const orders = [
    ["created", "updated", "deleted"],
    ["created", "deleted", "updated"],
    ["updated", "created", "deleted"],
    ["updated", "deleted", "created"],
    ["deleted", "created", "updated"],
    ["deleted", "updated", "created"],
  ] as const;
  for (const order of orders)
    for (let nodeOf = 0; nodeOf < 8; nodeOf += 1)
      test(`${order.join(", ")}, nodes ${nodeOf.toString(2).padStart(3, "0")}: nothing is left`, async () => {
        const message = put("<p>old</p>");
        const states = {
          created: message,
          updated: edited(message, "<p>new</p>"),
          deleted: deleted(message),
        };
        for (const [at, kind] of order.entries())
          await settle(nodes[(nodeOf >> at) & 1] as Node, states[kind], kind);
        expect(texts()).toEqual([[], []]);
      });
  for (const order of [
    ["created", "updated"],
    ["updated", "created"],
  ] as const)
    for (let nodeOf = 0; nodeOf < 4; nodeOf += 1)
      test(`${order.join(", ")}, nodes ${nodeOf.toString(2).padStart(2, "0")}: the newer text, once`, async () => {
        const message = put("<p>old</p>");
        const chat = world.teams.all.get(message.chatId);
        const states = { created: message, updated: edited(message, "<p>new</p>") };
        chat?.messages.set(message.id, states.updated);
        for (const [at, kind] of order.entries())
          await settle(nodes[(nodeOf >> at) & 1] as Node, states[kind], kind);
        expect(texts()).toEqual([["new"], ["new"]]);
      });
});

describe("while a message is added to a growing post", () => {
  const bodies = () => members.map((one) => world.texts(one).map((text) => text.split("\n\n").slice(1)));
  const said = (chat: ReturnType<typeof group>, html: string) =>
    world.teams.put(chat, ben.objectId, { body: { contentType: "html", content: html } });

  async function growing() {
    const [one] = nodes;
    for (const { user } of members) await one.chats.settings.change(user.Id, { grouping: true });
    const chat = group();
    const first = said(chat, "a");
    await settle(one, first, "created");
    return { chat, first };
  }

  for (const at of [0, 1])
    test(`for person ${at + 1}, a gap fill adds another one: both are there`, async () => {
      const [one] = nodes;
      const { chat } = await growing();
      const [second, third] = [said(chat, "b"), said(chat, "c")];
      await meanwhile(
        at,
        () => settle(one, second, "created"),
        () => settle(one, third, "created"),
      );
      for (const [post, ...others] of bodies()) {
        expect(post?.toSorted()).toEqual(["a", "b", "c"]);
        expect(others).toEqual([]);
      }
    });

  for (const which of [0, 1] as const) {
    const where = which === 0 ? "the same node" : "another node";
    test(`an edit of the first comes to ${where}: nothing is lost`, async () => {
      const { chat, first } = await growing();
      const second = said(chat, "b");
      await meanwhile(
        0,
        () => settle(nodes[0], second, "created"),
        () => settle(nodes[which], edited(first, "new"), "updated"),
      );
      expect(bodies()).toEqual([[["new", "b"]], [["new", "b"]]]);
    });

    test(`the deletion of the first comes to ${where}: it is gone, and the second is there`, async () => {
      const { chat, first } = await growing();
      const second = said(chat, "b");
      await meanwhile(
        0,
        () => settle(nodes[0], second, "created"),
        () => settle(nodes[which], deleted(first), "deleted"),
      );
      expect(bodies()).toEqual([[["b"]], [["b"]]]);
    });
  }
});

test("a burst in one chat from two nodes keeps each message once", async () => {
  const chat = group();
  const messages = Array.from({ length: 30 }, (_, at) =>
    world.teams.put(chat, ben.objectId, { body: { contentType: "html", content: `m${at}` } }),
  );
  await Promise.all(nodes.map((node) => Promise.all(messages.map((one) => settle(node, one, "created")))));
  for (const own of texts()) expect(own.toSorted()).toEqual(messages.map((_, at) => `m${at}`).toSorted());
});

test("*Try again* pressed twice on two nodes sends the answer once, also when the second comes late", async () => {
  const [one, other] = nodes;
  const [cy] = members;
  world.run(one);
  await world.write(one, world.teams.direct(ben.objectId, cy.person.objectId), ben, "<p>lunch?</p>");
  microsoft.graph.setFaults({ status: 403, failPath: "/messages" });
  await world.reply(one, cy, world.posts(cy)[0] as Post, "yes");
  await world.until("a notice", () => world.posts(cy).length === 2);
  const [root, notice] = world.posts(cy) as [Post, Post];
  microsoft.graph.healthy();
  const { promise: isThere, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: mayGo, resolve: go } = Promise.withResolvers<void>();
  // The second press has seen the notice, and stops on its way to the queue.
  let held = false;
  world.fault = async (method, args) => {
    if (held || method !== "getPost" || args[0] !== root.Id) return undefined;
    held = true;
    arrive();
    await mayGo;
    return undefined;
  };
  const late = world.press(other, cy, notice, "retry");
  await isThere;
  expect((await world.press(one, cy, notice, "retry")).ok).toBe(true);
  await world.until("the notice to go", () => world.posts(cy).length === 1);
  go();
  expect(await late).toMatchObject({ ok: true });
  // The next answer comes after it: the queue has been through.
  await world.reply(one, cy, root, "at 12?");
  await world.until(
    "the next answer",
    () => world.teams.sent.at(-1)?.message.body.content.includes("12") === true,
  );
  expect(world.teams.sent.map(({ message }) => message.body.content)).toEqual([
    "<p>yes</p>",
    "<p>at 12?</p>",
  ]);
});

test("a double press of *Mute* mutes the chat, on one node and on two; a later press unmutes it", async () => {
  const [one, other] = nodes;
  const [cy] = members;
  const said = async (node: Node) => {
    const outcome = await world.press(node, cy, world.posts(cy)[0] as Post, "mute");
    return outcome.ok ? outcome.reply.ephemeral : outcome.problem;
  };
  await world.write(one, world.teams.direct(ben.objectId, cy.person.objectId), ben, "<p>lunch?</p>");
  const [muted, ...others] = await Promise.all([said(one), said(other), said(one)]);
  expect(others).toEqual([muted, muted]);
  await world.clock.pass(3_000);
  expect(await said(other)).not.toBe(muted);
  await world.clock.pass(3_000);
  expect(await said(one)).toBe(muted);
});
