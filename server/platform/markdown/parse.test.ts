import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Block, type Inline, parseMarkdown } from "./index.ts";

/** Prints the tree in a short form: `strong(a em(b))`. */
const short = (inlines: readonly Inline[]): string => inlines.map(one).join("");
function one(inline: Inline): string {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "break":
      return "⏎";
    case "code":
      return `code(${inline.text})`;
    case "emoji":
      return `emoji(${inline.name})`;
    case "link":
      return `${inline.bare ? "bare" : "link"}(${inline.url} ${short(inline.children)})`;
    case "image":
      return `image(${inline.url} ${short(inline.children)})`;
    default:
      return `${inline.kind}(${short(inline.children)})`;
  }
}
function print(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `p(${short(block.children)})`;
    case "heading":
      return `h${block.level}(${short(block.children)})`;
    case "quote":
      return `quote(${block.children.map(print).join("")})`;
    case "list":
      return `${block.ordered ? "ol" : "ul"}(${block.items
        .map(
          ({ number, checked, children }) =>
            `${number ?? ""}${checked === null ? "" : checked ? "[x]" : "[ ]"}${children.map(print).join("")}`,
        )
        .join(",")})`;
    case "code":
      return `block(${block.language}:${block.text})`;
    case "table":
      return `table(${[block.head, ...block.rows].map((row) => row.map(short).join("|")).join("/")})`;
    case "rule":
      return "rule";
  }
}
const tree = (markdown: string) => parseMarkdown(markdown).map(print).join("");

describe("matches what Mattermost renders", () => {
  const cases: Readonly<Record<string, readonly [markdown: string, tree: string]>> = {
    "typed HTML is text": ["<b>x</b> <!-- y -->", "p(<b>x</b> <!-- y -->)"],
    "a block of HTML is text": ["<div>\n**x**\n</div>", "p(<div>⏎strong(x)⏎</div>)"],
    "a new line is a new line": ["one\ntwo", "p(one⏎two)"],
    "carriage returns": ["one\r\ntwo", "p(one⏎two)"],
    "no clever punctuation": ["\"a\" -- (c) ... 'b'", "p(\"a\" -- (c) ... 'b')"],
    "a backslash before a letter": ["C:\\Users\\alex", "p(C:\\Users\\alex)"],
    "underscores in a word": ["snake_case_name", "p(snake_case_name)"],
    "struck through": ["~~x~~", "p(strike(x))"],
    "three stars": ["***x***", "p(emphasis(strong(x)))"],
    "a hashtag is not a heading": ["#release now", "p(#release now)"],
    "a heading and its text": ["# Title\ntext", "h1(Title)p(text)"],
    "a task list": ["- [x] done\n- [ ] open", "ul([x]p(done),[ ]p(open))"],
    "brackets in a paragraph are not a check box": ["[ ] open", "p([ ] open)"],
    "numbers as typed": ["3. c\n7. d", "ol(3p(c),7p(d))"],
    "short rows are filled": ["| A | B |\n|---|---|\n| 1 |", "table(A|B/1|)"],
    "a fence with a language": ["```latex\n\\frac{a}{b}\n```", "block(latex:\\frac{a}{b})"],
    "blank lines in code": ["```\na\n\n\nb\n```", "block(:a\n\n\nb)"],
    "two ticks": ["``a`b``", "p(code(a`b))"],
    "an emoji": [":tada: ok", "p(emoji(tada) ok)"],
    "no emoji inside a word": ["a:smile:b 10:30:45", "p(a:smile:b 10:30:45)"],
    "no emoji in code": ["`:smile:`", "p(code(:smile:))"],
    "an escaped emoji": ["\\:smile:", "p(:smile:)"],
  };
  for (const [name, [markdown, right]] of Object.entries(cases)) {
    test(name, () => expect(tree(markdown)).toBe(right));
  }
});

describe("links", () => {
  const cases: Readonly<Record<string, readonly [markdown: string, tree: string]>> = {
    "with a text": ["[a **b**](https://x.example)", "p(link(https://x.example a strong(b)))"],
    "with a title": ['[a](https://x.example "T")', "p(link(https://x.example a))"],
    "by reference": ["[a][1]\n\n[1]: https://x.example", "p(link(https://x.example a))"],
    "quotes cannot leave an attribute": ['[x](https://x.example/"y)', "p(link(https://x.example/%22y x))"],
    "any scheme, for the consumer to judge": ["[x](javascript:alert(1))", "p(link(javascript:alert(1) x))"],
    relative: ["[p](/team/pl/abc)", "p(link(/team/pl/abc p))"],
    "a bare address": [
      "see https://x.example/a_b_c?x=1&y=2.",
      "p(see bare(https://x.example/a_b_c?x=1&y=2 https://x.example/a_b_c?x=1&y=2).)",
    ],
    "an address with stars": [
      "https://x.example/*a*/b",
      "p(bare(https://x.example/*a*/b https://x.example/*a*/b))",
    ],
    "an emoji's name in an address": [
      "https://x.example/:smile:/x",
      "p(bare(https://x.example/:smile:/x https://x.example/:smile:/x))",
    ],
    www: ["go to www.x.example, now", "p(go to bare(http://www.x.example www.x.example), now)"],
    "e-mail": ["write alex@x.example", "p(write bare(mailto:alex@x.example alex@x.example))"],
    "a word with a dot is none": ["readme.md and x.example", "p(readme.md and x.example)"],
    "none in code": ["`https://x.example`", "p(code(https://x.example))"],
    "an image": ["![cat](https://x.example/c.png)", "p(image(https://x.example/c.png cat))"],
    "an image with a size": [
      "![cat](https://x.example/c.png =100x50)",
      "p(image(https://x.example/c.png cat))",
    ],
    "an image with a size and a title": ['![cat](c.png =100x50 "T") x', "p(image(c.png cat) x)"],
    "a size is for images only": ["[cat](c.png =100x50)", "p([cat](c.png =100x50))"],
    "an image in a link": ["[![c](c.png)](https://x.example)", "p(link(https://x.example image(c.png c)))"],
  };
  for (const [name, [markdown, right]] of Object.entries(cases)) {
    test(name, () => expect(tree(markdown)).toBe(right));
  }
});

describe("any text is parsed, in bounded time", () => {
  const pieces = [
    "[", "![", "[a](", "](", "[]()", "[[]", "`", "`a``b", "*", "_a", "a_", "*a_ ", "**a ", "a**b", "~~", "~~a ",
    "*[_`", "> ", "- ", "1. ", "#", "=\n", "- \n", "a\n-\n", "|", "|a|\n|-|\n", "|a", ":a", ":a:", "&", "&a", "\\", "(",
    "<", "<a@", "a@a.", "x@x ", "a.", "www.", "www.a(", "http://(", "http://a.", "://", "[a]: b\n", "[a]: ", "\t", "!",
    "![a](b =1x1 ", "a@b.c/", "~", "$", "\u0000", "\ud800", "ﷺ", "👩‍👩‍👧",
  ]; // biome-ignore format: a table reads better in rows
  // Measures processor time, not wall-clock time; the limit is far above the half second it takes at most.
  for (const piece of pieces) {
    test(`60,000 characters of ${JSON.stringify(piece)}`, () => {
      const began = process.threadCpuUsage();
      expect(Array.isArray(parseMarkdown(piece.repeat(Math.ceil(60_000 / piece.length))))).toBe(true);
      expect(process.threadCpuUsage(began).user / 1000).toBeLessThan(5_000);
    });
  }

  for (const [name, markdown, says] of [
    ["quotes 30,000 deep", `${"> ".repeat(30_000)}x`, "x"],
    ["lists 30,000 deep", `${"- ".repeat(30_000)}x`, "x"],
    ["images 10,000 deep", `${"![".repeat(10_000)}x${"](u)".repeat(10_000)}`, "x"],
    ["links 10,000 deep", `${"[".repeat(10_000)}x${"](u)".repeat(10_000)}`, "x"],
    ["marks 10,000 deep", `${"*a **b ".repeat(5_000)}x${"** *".repeat(5_000)}`, "x"],
  ] as const) {
    test(`${name}: the stack does not overflow, and no text is lost`, () => {
      expect(JSON.stringify(parseMarkdown(markdown))).toContain(says);
    });
  }

  test("random text", () => {
    const pool = fc.constantFrom(...pieces, "a", " ", "\n", "https://x.example", "@bob", "```\n", "    ");
    fc.assert(
      fc.property(fc.array(pool, { maxLength: 200 }), (parts) => {
        expect(Array.isArray(parseMarkdown(parts.join("")))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("a text longer than any post is shown as typed", () => {
    expect(tree(`**${"a".repeat(70_000)}**`)).toStartWith("p(**aaa");
  });
});
