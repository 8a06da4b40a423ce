/** A post as one line of plain text, cut where a character ends. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cut, isolated, plainText } from "../../../platform/markdown/index.ts";

const people: Record<string, string> = { bob: "Bob Builder", "c.d": "Carol" };
const text = (markdown: string) => plainText(markdown, (name) => people[name] ?? null);

describe("Markdown as one line of plain text", () => {
  const lines: [name: string, markdown: string, plain: string][] = [
    ["plain", "hello there", "hello there"],
    ["bold", "a **b** c", "a b c"],
    ["bold with underscores", "a __b__ c", "a b c"],
    ["italics", "a *b* _c_", "a b c"],
    ["bold and italics", "***b***", "b"],
    ["struck through", "~~a~~ b", "a b"],
    ["stars that mean nothing", "2 * 3 * 4", "2 * 3 * 4"],
    ["underscores inside a word", "snake_case_name", "snake_case_name"],
    ["an escaped star", "\\*not bold\\*", "*not bold*"],
    ["inline code is marked", "run `rm -rf *`", "run `rm -rf *`"],
    ["a block of code is marked", "```js\nlet a = 1;\nlet b;\n```", "`let a = 1; let b;`"],
    ["marks inside code stay", "`**x**`", "`**x**`"],
    ["a heading", "## Title", "Title"],
    ["a closed heading", "# Title #", "Title"],
    ["a quote", "> said\n\nanswer", "said answer"],
    ["a list", "- one\n- two", "one two"],
    ["a numbered list", "1. one\n2. two", "1. one 2. two"],
    ["a task list", "- [ ] open\n- [x] done", "☐ open ☑ done"],
    ["a table", "| a | b |\n|---|---|\n| 1 | 2 |", "a · b 1 · 2"],
    ["a rule", "a\n\n---\n\nb", "a b"],
    ["a link is its text", "see [the plan](https://example.com/x?y=1)", "see the plan"],
    ["a bold link", "**[the plan](https://x.com)**", "the plan"],
    ["a bare link stays", "https://example.com/a_b_c", "https://example.com/a_b_c"],
    ["an image is its description", "![a cat](https://x.com/c.png)", "a cat"],
    ["an emoji name", "nice :tada:", "nice 🎉"],
    ["an emoji with a tone", ":thumbsup_dark_skin_tone:", "👍🏿"],
    ["an emoji of a medium tone", ":wave_medium_light_skin_tone:", "👋🏼"],
    ["a custom emoji keeps its name", ":our_logo:", ":our_logo:"],
    ["no emoji inside a time", "at 10:30:45", "at 10:30:45"],
    ["not a property of every object", ":constructor: :toString:", ":constructor: :toString:"],
    ["a mention is a name", "hi @bob!", "hi Bob Builder!"],
    ["a mention with a dot", "hi @c.d.", "hi Carol."],
    ["an unknown mention stays", "hi @zoe", "hi @zoe"],
    ["a mention in code stays", "`@bob`", "`@bob`"],
    ["an address is no mention", "bob@example.com x@bob", "bob@example.com x@bob"],
    ["line breaks are blanks", "a\nb\n\nc", "a b c"],
    ["many blanks are one", "a    b\t c", "a b c"],
    ["an entity", "a &lt; b &amp; c", "a < b & c"],
    ["HTML is text", "<b>x</b> <script>", "<b>x</b> <script>"],
    ["control characters go", "a\u0007b", "ab"],
    ["directional overrides go", "a\u202egnp.exe\u202c", "agnp.exe"],
    ["a joined emoji stays whole", "👩‍👩‍👧", "👩‍👩‍👧"],
    ["placeholders of our own mean nothing", "\ufff90\ufffb `x`", "0 `x`"],
    ["nothing", "", ""],
  ];
  for (const [name, markdown, plain] of lines) test(name, () => expect(text(markdown)).toBe(plain));

  test("any text comes out as one line, without controls", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: "binary" }), (any) => {
        const plain = text(any);
        expect(plain).not.toMatch(/[\n\r\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 100 },
    );
  });

  for (const [name, piece] of Object.entries({
    brackets: "[",
    "closed brackets": "[a](",
    ticks: "`",
    stars: "*",
    underscores: "_a",
    quotes: "> ",
    tildes: "~~",
    "tildes and letters": "~~a ",
    pipes: "|",
    colons: ":a",
    lists: "- ",
    www: "www.",
    links: "http://(",
  })) {
    test(`60,000 characters of ${name} take bounded time`, () => {
      expect(text(piece.repeat(Math.ceil(60_000 / piece.length))).length).toBeGreaterThanOrEqual(0);
    });
  }
});

describe("cutting a text", () => {
  test("short text is whole, long text ends in an ellipsis within the limit", () => {
    expect(cut("x".repeat(150), 150)).toBe("x".repeat(150));
    expect(cut("x".repeat(151), 150)).toBe(`${"x".repeat(149)}…`);
  });

  const wholes = {
    "a family": "👩‍👩‍👧‍👦",
    "a flag": "🇩🇪",
    "a letter with marks": "ẹ̀",
    "a toned thumb": "👍🏿",
    Hindi: "क्षि",
  };
  for (const [name, whole] of Object.entries(wholes)) {
    test(`never through ${name}`, () => {
      for (let before = 0; before < 20; before += 1) {
        const result = cut(`${"x".repeat(before)}${whole.repeat(40)}`, 60);
        expect(result.length).toBeLessThanOrEqual(60);
        const rest = result.slice(before, -1);
        expect(rest).toBe(whole.repeat(rest.length / whole.length));
      }
    });
  }

  test("any text stays within any limit, and is well formed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.integer({ min: 2, max: 150 }),
        (any, limit) => {
          const result = cut(any, limit);
          expect(result.length).toBeLessThanOrEqual(limit);
          expect(result.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

test("a right-to-left name does not reorder the sentence around it", () => {
  expect(isolated("دانا")).toBe("\u2068دانا\u2069");
  expect(isolated("Dana")).toBe("Dana");
  expect(isolated("Dana\u202e")).toBe("Dana");
});
