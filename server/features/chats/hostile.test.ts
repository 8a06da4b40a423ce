/** What a stranger writes, in every place of a message: it arrives as text, and does nothing. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { parseMarkdown } from "../../platform/markdown/index.ts";
import { ChatsWorld, type Member, Microsoft, type Node } from "./testing/chats-world.ts";

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

const payloads: Record<string, string> = {
  "a ping of everybody": "@all @channel @here",
  "a ping of the reader": "@cy",
  "a ping in brackets": "(@all)",
  "a ping behind a zero-width space": "@\u200ball",
  "a channel": "~town-square",
  "a hashtag": "#release",
  "a link with another text": "[your bank](https://evil.example/login)",
  "a picture": "![x](https://evil.example/pixel.png)",
  "a script address": "[x](javascript:alert(1))",
  "a reference link": "[x][1]\n\n[1]: https://evil.example",
  "an autolink of a strange scheme": "<javascript:alert(1)>",
  HTML: "<img src=x onerror=alert(1)><script>alert(1)</script>",
  "an encoded tag": "&lt;script&gt;alert(1)&lt;/script&gt;",
  "a heading": "# Head",
  "a table": "| a | b |\n|---|---|\n| c | d |",
  "a fence": "```\ncode\n```",
  "a formula": "$x^2$",
  "a quote": "> said somebody else",
  "an emoji": ":tada:",
  "a text that turns around": "\u202egpj.exe",
  "half a character": "\ud800",
  controls: "a\u0000b\u0007c\u001b[31m",
  "a command": "/msteams disconnect",
  "a very long word": "x".repeat(20_000),
};

/** In the post's text, outside of code, as the server would read it. */
function check(shown: string): void {
  expect([...shown].length).toBeLessThanOrEqual(16_383);
  expect(shown.isWellFormed()).toBe(true);
  expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|(?!\s)\p{Cc}/u);
  expect(shown).not.toMatch(/(?<![\w\\])@(?:all|channel|here|cy)\b/i);
  for (const link of linksOf(parseMarkdown(shown))) expect(link).toMatch(/^(?:https?|mailto|tel):/i);
}

function linksOf(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(linksOf);
  if (typeof tree !== "object" || tree === null) return [];
  const { url, ...rest } = tree as { url?: unknown };
  return [...(typeof url === "string" ? [url] : []), ...Object.values(rest).flatMap(linksOf)];
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", "<br>");

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
    return world.write(
      node,
      world.teams.direct(ben.objectId, cy.person.objectId),
      ben,
      '<attachment id="1"></attachment>',
      {
        attachments: [
          { id: "1", contentType: "reference", contentUrl: "https://evil.example/x(1).pdf", name: payload },
        ],
      },
    );
  },
  "a card and a quoted message": (payload) => {
    const ben = world.stranger("Ben");
    const content = JSON.stringify({ type: "AdaptiveCard", body: [{ type: "TextBlock", text: payload }] });
    const quoted = JSON.stringify({
      messageId: "1",
      messagePreview: payload,
      messageSender: { user: { id: "x", displayName: payload } },
    });
    return world.write(
      node,
      world.teams.direct(ben.objectId, cy.person.objectId),
      ben,
      '<attachment id="1"></attachment><attachment id="2"></attachment><p>hi</p>',
      {
        attachments: [
          { id: "1", contentType: "messageReference", content: quoted },
          { id: "2", contentType: "application/vnd.microsoft.card.adaptive", content },
        ],
      },
    );
  },
};

for (const [place, write] of Object.entries(places))
  describe(place, () => {
    for (const [name, payload] of Object.entries(payloads))
      test(`${name}: one post, nothing of it pings, formats a way out or asks a stranger's host`, async () => {
        await write(payload);
        expect(world.posts(cy)).toHaveLength(1);
        check(world.texts(cy)[0] ?? "");
        expect(
          world.asked.every((one) => /^(?:GET|POST) \/(?:communications|chats|shares|users)/.test(one)),
        ).toBe(true);
      });
  });

describe("a message that is not as Graph describes it", () => {
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
    test(`${name}: is posted or dropped, and holds nothing up`, async () => {
      const ben = world.stranger("Ben");
      const chat = world.teams.direct(ben.objectId, cy.person.objectId);
      const message = world.teams.put(chat, ben.objectId, {
        body: { contentType: "html", content: "<p>hi</p>" },
      });
      const before = process.cpuUsage();
      const outcome = await world.change(node, message, "created", { content: { ...message, ...change } });
      expect(["done", "drop"]).toContain(outcome.kind);
      // Processor time: what else the machine does must not matter.
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(2_000);
      const { outcome: next } = await world.write(node, chat, ben, "<p>next</p>");
      expect(next.kind).toBe("done");
    });
});
