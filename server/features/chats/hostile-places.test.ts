/**
 * Sends the payloads of hostile.test.ts in the rarer places of a message, and in posts that combine several messages.
 */

import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { ChatsWorld, type Member, type Node, type Said } from "./testing/chats-world.ts";
import { check, escaped, payloads } from "./testing/hostile-words.ts";
import { Microsoft } from "./testing/microsoft.ts";

const HOUR = 3_600_000;
const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
let ben: ReturnType<ChatsWorld["stranger"]>;
beforeEach(() => {
  world = new ChatsWorld(microsoft);
  node = world.node();
  cy = world.member("cy");
  ben = world.stranger("Ben");
});
afterEach(() => world.stop());

const write = (html: string, written: Omit<Said, "html"> = {}, by = ben) =>
  world.write(node, world.teams.direct(by.objectId, cy.person.objectId), by, { html, ...written });
const card = (contentType: string, content: unknown, more: object = {}) =>
  write('<attachment id="1"></attachment><p>hi</p>', {
    attachments: [{ id: "1", contentType, content: JSON.stringify(content), ...more }],
  });
const attribute = (text: string) => escaped(text).replaceAll('"', "&quot;");

const places: Record<string, (payload: string) => Promise<unknown>> = {
  "plain text": (payload) => write("", { body: { contentType: "text", content: payload } }),
  "the name of somebody who is mentioned": (payload) =>
    write(`<p><at id="0">${escaped(payload)}</at> hi</p>`, {
      mentions: [
        { id: 0, mentionText: payload, mentioned: { user: { id: ben.objectId, displayName: payload } } },
      ],
    }),
  "the name of the chat that is mentioned": (payload) =>
    write(`<p><at id="0">${escaped(payload)}</at> hi</p>`, {
      mentions: [
        { id: 0, mentionText: payload, mentioned: { conversation: { id: "19:x", displayName: payload } } },
      ],
    }),
  "the name of an emoji": (payload) =>
    write(`<p>hi <emoji id="x" alt="${attribute(payload)}" title="${attribute(payload)}"></emoji></p>`),
  "the name of an emoji of one's own": (payload) =>
    write(
      `<p>hi <customemoji id="x" alt="${attribute(payload)}" source="https://evil.example/x"></customemoji></p>`,
    ),
  "the description of a picture": (payload) =>
    write(`<p>hi <img src="https://evil.example/x.png" alt="${attribute(payload)}"></p>`),
  "the text of a link": (payload) =>
    write(`<p><a href="https://good.example/">${escaped(payload)}</a> hi</p>`),
  "the address of a link": (payload) => write(`<p><a href="${attribute(payload)}">press</a> hi</p>`),
  "a cell of a table": (payload) =>
    write(`<table><tbody><tr><td>${escaped(payload)}</td><td>b</td></tr></tbody></table><p>hi</p>`),
  "an item of a list": (payload) =>
    write(`<ol><li>${escaped(payload)}<ul><li>${escaped(payload)}</li></ul></li></ol>`),
  "a heading": (payload) => write(`<h1>${escaped(payload)}</h1><p>hi</p>`),
  "a quotation": (payload) => write(`<blockquote>${escaped(payload)}</blockquote><p>hi</p>`),
  "an announcement": (payload) =>
    card("application/vnd.microsoft.card.announcement", { title: payload, subTitle: payload }),
  "a hero card": (payload) =>
    card("application/vnd.microsoft.card.hero", {
      ...{ title: payload, subtitle: payload, text: payload },
      buttons: [{ type: "openUrl", title: payload, value: payload }],
    }),
  "a connector card": (payload) =>
    card("application/vnd.microsoft.teams.card.o365connector", {
      ...{ title: payload, summary: payload, text: payload },
      sections: [{ activityTitle: payload, facts: [{ name: payload, value: payload }] }],
    }),
  "facts and actions of an adaptive card": (payload) =>
    card("application/vnd.microsoft.card.adaptive", {
      type: "AdaptiveCard",
      body: [{ type: "FactSet", facts: [{ title: payload, value: payload }] }],
      actions: [{ type: "Action.OpenUrl", title: payload, url: payload }],
    }),
  "a forwarded message": (payload) =>
    card("forwardedMessageReference", {
      originalMessageId: "1",
      originalMessageContent: `<p>${escaped(payload)}</p>`,
      originalConversationId: "19:x",
      originalSentDateTime: "2026-01-01T00:00:00Z",
      originalMessageSender: { user: { id: "x", displayName: payload } },
    }),
  "the name of a meeting": (payload) =>
    card(
      "meetingReference",
      { exchangeId: "x", organizerId: "y", meetingJoinUrl: payload },
      { name: payload },
    ),
  "a card that nobody knows": (payload) => card(payload, { text: payload }, { name: payload }),
  "the name of an app": (payload) =>
    write("<p>hi</p>", { from: { application: { id: "a", displayName: payload } } }),
  "the name of the sender in a summary": (payload) =>
    write(
      "<p>hi</p>",
      { createdDateTime: new Date(world.clock.now() - 3 * HOUR).toISOString() },
      world.stranger(payload),
    ),
  "the topic of the chat in a summary": (payload) =>
    world.write(node, world.teams.group([ben.objectId, cy.person.objectId], payload), ben, {
      html: "<p>hi</p>",
      createdDateTime: new Date(world.clock.now() - 3 * HOUR).toISOString(),
    }),
  "a post that grows": async (payload) => {
    await node.chats.settings.change(cy.user.Id, { grouping: true });
    const chat = world.teams.group([ben.objectId, cy.person.objectId, world.stranger("Rob").objectId]);
    await world.write(node, chat, ben, "<p>hi</p>");
    await world.write(node, chat, world.stranger(payload), `<p>${escaped(payload.slice(0, 5_000))}</p>`);
  },
  "an edit": async (payload) => {
    const { message } = await write("<p>hi</p>");
    message.body.content = `<p>${escaped(payload)}</p>`;
    message.lastEditedDateTime = new Date(world.clock.now() + 1).toISOString();
    world.teams.touch(message);
    message.lastEditedDateTime = message.lastModifiedDateTime;
    await world.change(node, message, "updated");
  },
};

for (const [place, act] of Object.entries(places))
  test(`${place}: each payload is one post, and has no effect`, async () => {
    for (const payload of Object.values(payloads)) {
      ben = world.stranger("Ben");
      const before = new Set(world.posts(cy).map(({ Id }) => Id));
      await act(payload);
      const [post, ...more] = world.posts(cy).filter(({ Id }) => !before.has(Id));
      expect([typeof post?.Message, more.length]).toEqual(["string", 0]);
      check(post?.Message ?? "");
    }
    expect(
      world.asked.every((one) => /^(?:GET|POST) \/(?:communications|chats|shares|users)/.test(one)),
    ).toBe(true);
  });
