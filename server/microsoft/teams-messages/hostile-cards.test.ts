/** Cards of the wrong shape are read as far as they can be. */

import { describe, expect, test } from "bun:test";
import { toMarkdown } from "./index.ts";
import { adaptive, card, convert, from } from "./testing/strangers-message.ts";
import { options } from "./testing/teams-world.ts";

describe("cards of the wrong shape", () => {
  const broken: Readonly<Record<string, unknown>> = {
    "no JSON": "{",
    "a list": "[]",
    null: "null",
    "a text": '"x"',
    "a number": "7",
    nothing: "",
    "members of wrong types": {
      title: 7,
      text: [],
      buttons: "x",
      images: {},
      sections: null,
      items: [null, 1, "x"],
      body: 5,
      facts: [[]],
    },
    "a prototype": '{"__proto__":{"body":[{"type":"TextBlock","text":"x"}]},"constructor":7}',
  };
  const kinds = [
    "application/vnd.microsoft.card.adaptive",
    "application/vnd.microsoft.card.hero",
    "application/vnd.microsoft.card.thumbnail",
    "application/vnd.microsoft.card.receipt",
    "application/vnd.microsoft.card.signin",
    "application/vnd.microsoft.card.audio",
    "application/vnd.microsoft.card.video",
    "application/vnd.microsoft.card.codesnippet",
    "application/vnd.microsoft.card.announcement",
    "application/vnd.microsoft.card.fluidEmbedCard",
    "application/vnd.microsoft.teams.card.o365connector",
    "application/vnd.microsoft.teams.card.list",
    "messageReference",
    "forwardedMessageReference",
    "meetingReference",
    "tabReference",
    "reference",
    "image/png",
    "file",
    "",
    "x".repeat(1000),
  ];
  for (const [name, content] of Object.entries(broken)) {
    test(`${name}: no kind of attachment throws`, () => {
      for (const kind of kinds) expect(typeof card(kind, content)).toBe("string");
    });
  }

  test("deep cards keep their text", () => {
    let inside: object = { type: "TextBlock", text: "deep" };
    for (let level = 0; level < 3000; level += 1) inside = { type: "Container", items: [inside] };
    expect(adaptive([inside])).toBe("deep");
  });
  test("a card cannot contain a forwarded message", () => {
    const inner = '<attachment id="a"></attachment><p>x</p>';
    expect(card("forwardedMessageReference", { originalMessageContent: inner })).toBe(
      "> **Forwarded message**\n> x",
    );
  });
  test("code snippets come only from Graph", () => {
    const snippet = {
      language: "go",
      codeSnippetUrl: "https://evil.example/v1.0/chats/x/messages/1/hostedContents/1/$value",
    };
    const post = toMarkdown(
      {
        from,
        body: { content: '<attachment id="a"></attachment>' },
        attachments: [
          {
            id: "a",
            contentType: "application/vnd.microsoft.card.codesnippet",
            content: JSON.stringify(snippet),
          },
        ],
      },
      { ...options(), codeOf: () => "stolen" },
    );
    expect(post.dropped === null && post.markdown).toBe("_Unsupported attachment: code snippet_");
  });
  test("names of files are reduced to names", () => {
    const nameOf = (name: string | null, contentUrl = "https://x.sharepoint.example/a%20b.txt") => {
      const post = convert("", { attachments: [{ id: "a", contentType: "reference", name, contentUrl }] });
      return post.dropped === null && post.files[0]?.from === "reference" ? post.files[0].name : null;
    };
    expect([
      nameOf("../../x.sh"),
      nameOf("a\\b\\c.txt"),
      nameOf("safe\u202egnp.exe"),
      nameOf(".."),
      nameOf(null),
    ]).toEqual(["x.sh", "c.txt", "safegnp.exe", "a b.txt", "a b.txt"]);
    expect(nameOf("x", "not an address")).toBeNull();
  });
});
