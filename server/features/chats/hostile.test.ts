/** A stranger's text, in every place of a message, arrives as text and has no effect. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { ChatsWorld, type Member, type Node } from "./testing/chats-world.ts";
import { check, escaped, payloads } from "./testing/hostile-words.ts";
import { Microsoft } from "./testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
beforeEach(() => {
  world = new ChatsWorld(microsoft);
  node = world.node();
  cy = world.member("cy");
});
afterEach(() => world.stop());

const places: Record<string, (payload: string) => Promise<unknown>> = {
  "the text": (payload) => {
    const ben = world.stranger("Ben");
    return world.write(
      node,
      world.teams.direct(ben.objectId, cy.person.objectId),
      ben,
      `<p>${escaped(payload)}</p>`,
    );
  },
  "the name of the sender": (payload) => {
    const ben = world.stranger(payload);
    return world.write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, "<p>hi</p>");
  },
  "the topic of the chat": (payload) => {
    const ben = world.stranger("Ben");
    return world.write(
      node,
      world.teams.group([ben.objectId, cy.person.objectId], payload),
      ben,
      "<p>hi</p>",
    );
  },
  "the name of a file that cannot be read": (payload) => {
    const ben = world.stranger("Ben");
    return world.write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, {
      html: '<attachment id="1"></attachment>',
      attachments: [
        { id: "1", contentType: "reference", contentUrl: "https://evil.example/x(1).pdf", name: payload },
      ],
    });
  },
  "a card and a quoted message": (payload) => {
    const ben = world.stranger("Ben");
    const content = JSON.stringify({ type: "AdaptiveCard", body: [{ type: "TextBlock", text: payload }] });
    const quoted = JSON.stringify({
      messageId: "1",
      messagePreview: payload,
      messageSender: { user: { id: "x", displayName: payload } },
    });
    return world.write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, {
      html: '<attachment id="1"></attachment><attachment id="2"></attachment><p>hi</p>',
      attachments: [
        { id: "1", contentType: "messageReference", content: quoted },
        { id: "2", contentType: "application/vnd.microsoft.card.adaptive", content },
      ],
    });
  },
};

for (const [place, write] of Object.entries(places))
  describe(place, () => {
    for (const [name, payload] of Object.entries(payloads))
      test(`${name}: one post that mentions nobody, formats nothing outside its place and requests no stranger's host`, async () => {
        await write(payload);
        expect(world.posts(cy)).toHaveLength(1);
        check(world.texts(cy)[0] ?? "");
        expect(
          world.asked.every((one) => /^(?:GET|POST) \/(?:communications|chats|shares|users)/.test(one)),
        ).toBe(true);
      });
  });

describe("a message that differs from Graph's description", () => {
  const odd: Record<string, Record<string, unknown>> = {
    "without a body": { body: null },
    "a body of another type": { body: { contentType: 5, content: { a: 1 } } },
    "attachments that are none": { attachments: "all of them" },
    "attachments of nulls": { attachments: [null, 5, "x", {}, { contentType: null }] },
    "mentions that are none": { mentions: { 0: "x" } },
    "mentions of nulls": { mentions: [null, {}, { mentioned: null }, { mentioned: { user: null } }] },
    "times that are none": { createdDateTime: "yesterday", lastModifiedDateTime: 5, lastEditedDateTime: {} },
    "an importance that is none": { importance: { urgent: true } },
    "a policy that is none": { policyViolation: "blocked" },
    "a sender of another shape": { from: { user: { id: 5, displayName: ["x"] } } },
    "a sender that is a text": { from: "Ben" },
    "an event that is a list": { eventDetail: [] },
    "a prototype": JSON.parse('{"__proto__": {"deletedDateTime": "x"}, "constructor": 1}') as Record<
      string,
      unknown
    >,
    "ten thousand attachments": {
      attachments: Array.from({ length: 10_000 }, (_, id) => ({ id: `${id}`, contentType: "reference" })),
    },
    "ten thousand mentions": {
      mentions: Array.from({ length: 10_000 }, (_, id) => ({
        id,
        mentionText: "x",
        mentioned: { user: { id: `${id}` } },
      })),
    },
    "a depth of ten thousand": { body: { contentType: "html", content: `${"<div>".repeat(10_000)}hi` } },
  };
  for (const [name, change] of Object.entries(odd))
    test(`${name}: is posted or dropped, and blocks nothing`, async () => {
      const ben = world.stranger("Ben");
      const chat = world.teams.direct(ben.objectId, cy.person.objectId);
      const message = world.teams.put(chat, ben.objectId, {
        body: { contentType: "html", content: "<p>hi</p>" },
      });
      const before = process.threadCpuUsage();
      const outcome = await world.change(node, message, "created", { content: { ...message, ...change } });
      expect(["done", "drop"]).toContain(outcome.kind);
      // Measures processor time, which does not depend on other load on the machine.
      const { user, system } = process.threadCpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(2_000);
      const { outcome: next } = await world.write(node, chat, ben, "<p>next</p>");
      expect(next.kind).toBe("done");
    });
});
