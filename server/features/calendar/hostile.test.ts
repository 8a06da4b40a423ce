/** Tests strangers' text in cards and channels: it mentions nobody, formats nothing, and breaks no line or limit. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { plainText } from "./events/event-text.ts";
import {
  actionsOf,
  attachmentOf,
  EventsWorld,
  type Member,
  Microsoft,
  wordsOf,
} from "./testing/events-world.ts";

const microsoft = new Microsoft();
microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
afterAll(() => microsoft.close());

let world: EventsWorld;
let ana: Member;
let count = 0;
beforeEach(async () => {
  count += 1;
  world = new EventsWorld(microsoft);
  ana = await world.member(`ana${count}`);
});
afterEach(() => world.settle());

const hostile: Record<string, string> = {
  mentions: "@all @channel @here @ana please",
  table: "| a | b |\n|---|---|\n| c | d |",
  heading: "# Title\n## Other",
  code: "```js\nalert(1)\n``` `x`",
  link: "[Click](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example>",
  "right to left": "\u202egnihtemos\u202c \u2066x\u2069 \u200bzero",
  emoji: ":bomb: :+1: :custom:",
  hashtags: "#urgent ~town-square",
  html: "<script>alert(1)</script><b>bold</b>&lt;&amp;",
  "line breaks": "one\r\ntwo\u2028three\u0000four\u0007",
  quotes: "> quote\n* list\n1. one\n---",
  bold: "**bold** _it_ ~~strike~~ \\* \\\\",
  latex: "$$x$$ $x$",
  "a lone surrogate": "a\ud800b",
  "10 KB": "x@all ".repeat(1_700),
};

describe("a hostile subject", () => {
  for (const [name, subject] of Object.entries(hostile))
    test(`(${name}) in a card, its change, its cancellation`, async () => {
      const event = world.put(ana, 24, {
        subject,
        location: { displayName: subject },
        bodyPreview: subject,
        organizer: { emailAddress: { name: subject, address: "x@evil.example" } },
        attendees: [{ type: "required", emailAddress: { name: subject, address: "y@evil.example" } }],
      });
      expect(await world.change(ana, event.id, "created")).toEqual({ kind: "done" });
      world.edit(ana, event.id, { subject: `other ${subject}` });
      await world.change(ana, event.id);
      await world.press(ana, world.posts(ana, event.id)[0] as never, "accept");
      world.edit(ana, event.id, { isCancelled: true });
      await world.change(ana, event.id);
      const posts = world.posts(ana, event.id);
      expect(posts).toHaveLength(3);
      for (const post of posts) {
        const words = wordsOf(post);
        expect(words).not.toMatch(/(^|[^\w\\])@(all|channel|here|ana)\b/);
        expect(words).not.toMatch(/^\s*(\||#|```|---)/m);
        expect(words).not.toMatch(/(?<!\\)\[[^\]]*\]\(javascript:/);
        expect(words).not.toMatch(/!\[x\]/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
        expect(words).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000\u0007]/);
        expect(words).not.toContain(":bomb:");
        expect(words.isWellFormed()).toBe(true);
        expect(post.Message.length).toBeLessThan(1_000);
        expect(JSON.stringify(attachmentOf(post)).length).toBeLessThan(16_000);
        expect(post.Message.split("\n")).toHaveLength(1);
      }
      for (const { name: label } of posts.flatMap(actionsOf)) expect(label.length).toBeLessThan(40);
    });

  test("that is 10 KB long and the same as before is not a change", async () => {
    const event = world.put(ana, 24, { subject: hostile["10 KB"] });
    await world.change(ana, event.id, "created");
    world.edit(ana, event.id, { categories: ["x"] });
    await world.change(ana, event.id);
    expect(world.posts(ana)).toHaveLength(1);
    world.edit(ana, event.id, { subject: `${hostile["10 KB"]}!` });
    await world.change(ana, event.id);
    expect(world.posts(ana)).toHaveLength(2);
  });

  test("never appears in a log or a metric", async () => {
    const event = world.put(ana, 24, { subject: "Acquisition of Contoso" });
    await world.change(ana, event.id, "created");
    microsoft.graph.setFaults({ status: 500, retryAfter: null, failPath: "/events/", failNext: 9 });
    await world.change(ana, event.id);
    microsoft.graph.healthy();
    expect(`${world.services.metrics.text()} ${world.base.logs.join("\n")}`).not.toContain("Contoso");
  });
});

describe("plain text", () => {
  test("is one line without a mention, within its length", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: "grapheme" }), (text) => {
        const out = plainText(text);
        expect(out).not.toMatch(/\n/);
        expect(out).not.toMatch(/(^|[\s(])@[a-z]/i);
        expect(out.length).toBeLessThanOrEqual(2_000);
      }),
    );
  });

  test("keeps ordinary words", () => {
    for (const text of [
      "Stand-up (daily) 9:30",
      "Größe & Co.",
      "予定の確認",
      "Q3 review: next steps",
      "C++ / C#",
    ])
      expect(plainText(text)).toBe(text);
  });
});

describe("a notification", () => {
  const requests = () => microsoft.graph.requests.splice(0).map(({ path }) => path);

  test("with an id that is a path or an address leads to the member's own mailbox only", async () => {
    for (const id of [
      "../../users/other/events/1",
      "x/../../../me",
      "https://evil.example/steal",
      "?$select=body",
      "a%2F..%2Fb",
    ]) {
      requests();
      await world.change(ana, id);
      for (const path of requests())
        expect(path).toStartWith(`/v1.0/users/${ana.person.objectId}/events/${encodeURIComponent(id)}`);
    }
    expect(world.posts(ana)).toEqual([]);
  });

  test("about something other than an event is dropped without a request", async () => {
    requests();
    const resource = { kind: "chat_message", chatId: "c", messageId: "m" } as const;
    const outcome = await world.part.listener.changed(
      { key: ana.user.Id, resource, changeType: "created", etag: null, content: null, receivedAt: 0 },
      new AbortController().signal,
    );
    expect(outcome).toEqual({ kind: "drop", because: "malformed" });
    expect(requests()).toEqual([]);
  });
});
