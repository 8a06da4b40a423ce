import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Block,
  emojiText,
  type Inline,
  parseMarkdown,
  splitMentions,
} from "../../platform/markdown/index.ts";
import { type TeamsMessage, toMarkdown, toTeams } from "./index.ts";
import { bytesOf } from "./split.ts";
import { textOfHtml, wellFormed } from "./testing/html-text.ts";
import { names } from "./testing/mattermost-world.ts";
import { options } from "./testing/teams-world.ts";

const message = (content: string): TeamsMessage => ({
  from: { user: { id: "u-rob", displayName: "Robin" } },
  body: { contentType: "html", content },
});

function markdownOf(html: string): string {
  const post = toMarkdown(message(html), options());
  return post.dropped === null ? post.markdown : "";
}

/** All inlines of a post, as our grammar reads it. */
function inlinesOf(blocks: readonly Block[]): Inline[] {
  const down = (inlines: readonly Inline[]): Inline[] =>
    inlines.flatMap((one) => ("children" in one ? [one, ...down(one.children)] : [one]));
  return blocks.flatMap((block) => {
    if (block.kind === "paragraph" || block.kind === "heading") return down(block.children);
    if (block.kind === "quote") return inlinesOf(block.children);
    if (block.kind === "list") return block.items.flatMap(({ children }) => inlinesOf(children));
    if (block.kind === "table") return [block.head, ...block.rows].flat().flatMap(down);
    return [];
  });
}

/** Lists everything in a post that a stranger's text must never cause. */
function surprises(markdown: string): string[] {
  // A name that touches a word on its left is not a mention; our grammar may have made that word a link.
  const text = markdown.replace(/(?<=\w)@/g, "·");
  return inlinesOf(parseMarkdown(text)).flatMap((one) => {
    if (one.kind === "emoji") return emojiText(one.name) === `:${one.name}:` ? [] : [`emoji ${one.name}`];
    if (one.kind === "link" && !/^(https?|mailto|tel):/i.test(one.url)) return [`link ${one.url}`];
    if (one.kind === "image" && !/^https:/i.test(one.url)) return [`image ${one.url}`];
    if (one.kind !== "text") return [];
    return splitMentions(one.text, (name) => name).flatMap((piece) =>
      "found" in piece ? [`@${piece.found}`] : [],
    );
  });
}

const encode = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * Pieces of text that have a meaning somewhere. Addresses end with a space, because readers differ on where they end
 * otherwise.
 */
const odd = fc.constantFrom(
  "@all",
  "@channel",
  "@here",
  "@alex",
  "@",
  "#tag",
  "# ",
  "~town",
  "~~",
  "~",
  ":smile:",
  ":100:",
  ":",
  "*",
  "**",
  "_",
  "__",
  "`",
  "```",
  "[",
  "]",
  "](",
  "![",
  "(",
  ")",
  "|",
  "---",
  "- ",
  "+ ",
  "1. ",
  "2) ",
  "> ",
  "=",
  "===",
  "\\",
  "&",
  "&lt;",
  "&#64;all",
  "$",
  "$x$",
  "<b>",
  "<!--",
  "https://x.example/a_b ",
  "www.x.example ",
  "a@b.example",
  "javascript:alert(1)",
  "\u00a0",
  "\u200b",
  "\u202e",
  "\u200d",
  "👩‍💻",
  "é",
  "字",
  "ש",
  "x",
  "word",
  "7",
  " ",
  ".",
  ",",
  "!",
);
const text = fc.array(odd, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));

const html = fc.letrec<{ inline: string; block: string }>((tie) => ({
  inline: fc.oneof(
    { depthSize: "small" },
    text.map(encode),
    fc
      .tuple(fc.constantFrom("b", "i", "s", "u", "span", "code", "em"), tie("inline"))
      .map(([tag, inside]) => `<${tag}>${inside}</${tag}>`),
    fc
      .tuple(
        fc.constantFrom("https://x.example", "javascript:x", "/x", "mailto:a@b.example", "data:x"),
        tie("inline"),
      )
      .map(([href, inside]) => `<a href="${href}">${inside}</a>`),
    fc.tuple(tie("inline"), tie("inline")).map(([a, b]) => a + b),
    text.map((alt) => `<img src="https://x.example/i.png" alt="${encode(alt).replaceAll('"', "&quot;")}">`),
    fc.constant("<br>"),
  ),
  block: fc.oneof(
    { depthSize: "small" },
    tie("inline").map((inside) => `<p>${inside}</p>`),
    tie("inline"),
    fc
      .tuple(fc.constantFrom("div", "blockquote", "h2", "pre", "ul><li", "table><tr><td"), tie("block"))
      .map(([tag, inside]) => `<${tag}>${inside}</${tag.split("><").toReversed().join("></")}>`),
    fc.tuple(tie("block"), tie("block")).map(([a, b]) => a + b),
  ),
})).block;

describe("a stranger's message, whatever it contains", () => {
  test("never mentions, links unexpectedly or shows an emoji by its name", () => {
    expect(surprises("@all :smile: [x](javascript:y) ![x](http://y.example)")).toHaveLength(4);
    fc.assert(
      fc.property(html, (content) => {
        expect(surprises(markdownOf(content))).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  test("even with broken markup", () => {
    const broken = fc
      .array(
        fc.oneof(
          text,
          fc.constantFrom(
            "<",
            ">",
            "<b",
            "</b>",
            "<p>",
            "</",
            "<a href=",
            '"',
            "<table>",
            "<td>",
            "<at id=0>",
            "</at>",
            "<li>",
            "<codeblock>",
            "<attachment id=",
            "/>",
            "&#",
            "<svg>",
            "<![CDATA[",
            "<?x",
          ),
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(broken, (content) => {
        expect(surprises(markdownOf(content))).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  test("a text without markup reads the same in the post, in every place", () => {
    const place = fc.constantFrom(
      "<p>",
      "<ul><li>",
      "<blockquote>",
      "<h2>",
      "<table><tr><td>y<tr><td>",
      "<p>x</p><p>",
      "<b>",
    );
    const plain = (markdown: string) => squeezed(textOfHtml(htmlOf(markdown)));
    fc.assert(
      fc.property(place, text, (start, words) => {
        const said = squeezed(textOfHtml(start + encode(words)));
        expect(plain(markdownOf(start + encode(words)))).toBe(said);
      }),
      { numRuns: 2000 },
    );
  });

  test("any two adjacent characters keep their meaning", () => {
    const characters = [..."\\`*_{}[]()#+-.!~>|<&;:$=@ ax1\"'/^%"];
    for (const a of characters)
      for (const b of characters)
        for (const around of [`${a}${b}`, `x${a}${b}x ${a}${b}`, `${a}${b} x`, `${a}x${b}`]) {
          const content = `<p>first</p><p>${encode(around)}</p><p>last</p>`;
          expect([around, squeezed(textOfHtml(htmlOf(markdownOf(content))))]).toEqual([
            around,
            squeezed(`first${around}last`),
          ]);
        }
  });
});

/** Converts in the other direction, without anybody to mention. */
function htmlOf(markdown: string): string {
  const sent = toTeams(
    { message: markdown },
    { ...names(), personOf: () => null, everybody: null, publicChannel: () => null },
  );
  return sent.dropped === null ? sent.messages.map(({ content }) => content).join("") : "";
}

/**
 * Removes white space and invisible characters. Backslashes have a test of their own: CommonMark drops more of them.
 */
const squeezed = (words: string) => words.replace(/\\|\s|\p{Cf}|\p{Cc}/gu, "");

describe("a post, whatever it contains", () => {
  test("becomes HTML that needs no repair, within the limit, with a tag for each mention", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(odd, fc.constant("\n"), fc.constant("\n\n"), fc.constant("    ")), {
          maxLength: 40,
        }),
        (parts) => {
          const sent = toTeams({ message: parts.join("") }, names());
          if (sent.dropped !== null) return;
          for (const { content, mentions } of sent.messages) {
            expect(wellFormed(content)).toBe(true);
            expect((content.match(/<at id="/g) ?? []).length).toBe(mentions.length);
            expect(content).not.toMatch(/(?:href|src)="(?!https?:|mailto:|tel:)/);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  test("a round trip keeps every word", () => {
    const word = fc.stringMatching(/^[a-z]{2,8}$/);
    const inline = fc.oneof(
      word,
      fc
        .tuple(fc.constantFrom("**", "_", "~~", "`"), word)
        .map(([mark, inside]) => `${mark}${inside}${mark}`),
      word.map((inside) => `[${inside}](https://x.example)`),
    );
    const line = fc.array(inline, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(" "));
    const block = fc.oneof(
      line,
      fc.tuple(fc.constantFrom("# ", "> ", "- ", "1. ", "- [x] "), line).map(([start, rest]) => start + rest),
      line.map((inside) => `\`\`\`go\n${inside}\n\`\`\``),
      fc.tuple(word, word, line).map(([a, b, c]) => `| ${a} | ${b} |\n| --- | --- |\n| ${c} | x |`),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), (blocks) => {
        const markdown = blocks.join("\n\n");
        const back = markdownOf(htmlOf(markdown));
        expect(back.match(/[a-z]{2,}/g)).toEqual(markdown.match(/[a-z]{2,}/g));
      }),
      { numRuns: 500 },
    );
  });

  test("a long text is sent in parts that are small enough and lose nothing", () => {
    const long = fc.tuple(
      fc.constantFrom(
        "word ",
        "<&> ",
        "<&>",
        "字",
        "👩‍💻",
        "@alex ",
        "- x\n",
        "> x\n\n",
        "a\n\n",
        "| a | b |\n| - | - |\n| c | d |\n\n",
        "**b** ",
        "`c  c` ",
      ),
      fc.integer({ min: 1, max: 16_000 }),
    );
    fc.assert(
      fc.property(long, ([piece, times]) => {
        const markdown = piece.repeat(times).slice(0, 16_383).toWellFormed();
        const sent = toTeams({ message: markdown }, names());
        if (sent.dropped !== null) return;
        for (const { content, mentions } of sent.messages) {
          expect(wellFormed(content)).toBe(true);
          expect(
            bytesOf(content) + (mentions.length > 0 ? bytesOf(JSON.stringify(mentions)) : 0),
          ).toBeLessThanOrEqual(28_000);
        }
        const count = (pattern: RegExp, all: string) => (all.match(pattern) ?? []).length;
        const all = sent.messages.map(({ content }) => textOfHtml(content)).join("");
        const letters = /[a-z&字👩]|Alex/gu;
        if (!piece.includes("@")) expect(count(letters, all)).toBe(count(letters, markdown));
      }),
      { numRuns: 60 },
    );
  });
});
