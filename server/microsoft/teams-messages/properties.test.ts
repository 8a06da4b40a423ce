import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Block,
  emojiText,
  type Inline,
  parseMarkdown,
  splitMentions,
} from "../../platform/markdown/index.ts";
import { textOfHtml } from "./testing/html-text.ts";
import { encode, html, htmlOf, markdownOf, text } from "./testing/odd-text.ts";

/** The lines of inlines of a post, as our grammar reads it. */
function linesOf(blocks: readonly Block[]): (readonly Inline[])[] {
  return blocks.flatMap((block) => {
    if (block.kind === "paragraph" || block.kind === "heading") return [block.children];
    if (block.kind === "quote") return linesOf(block.children);
    if (block.kind === "list") return block.items.flatMap(({ children }) => linesOf(children));
    if (block.kind === "table") return [block.head, ...block.rows].flat();
    return [];
  });
}

const allOf = (inlines: readonly Inline[]): Inline[] =>
  inlines.flatMap((one) => ("children" in one ? [one, ...allOf(one.children)] : [one]));

/** The texts of a line. The grammars differ on where an address ends, so it belongs to the text around it. */
function textsOf(inlines: readonly Inline[]): string[] {
  const texts = [""];
  for (const one of inlines) {
    const isAddress = one.kind === "link" && one.bare;
    if (one.kind === "text") texts[0] += one.text;
    else if (isAddress) texts[0] += textsOf(one.children).join("");
    else texts.unshift("", ...("children" in one ? textsOf(one.children) : []));
  }
  return texts;
}

/** Lists everything in a post that a stranger's text must never cause. */
function surprises(markdown: string): string[] {
  // A name that touches a word on its left is not a mention; our grammar may have made that word a link.
  const lines = linesOf(parseMarkdown(markdown.replace(/(?<=[A-Za-z0-9])@/g, "·")));
  const shown = lines.flatMap(allOf).flatMap((one) => {
    if (one.kind === "emoji") return emojiText(one.name) === `:${one.name}:` ? [] : [`emoji ${one.name}`];
    if (one.kind === "link" && !/^(https?|mailto|tel):/i.test(one.url)) return [`link ${one.url}`];
    if (one.kind === "image" && !/^https:/i.test(one.url)) return [`image ${one.url}`];
    return [];
  });
  const named = lines.flatMap(textsOf).flatMap((text) => {
    const plain = text.replace(SERVER_LINK, " ");
    const ours = splitMentions(plain, (name) => name).flatMap((piece) =>
      "found" in piece ? [`@${piece.found}`] : [],
    );
    return [...ours, ...namedOnServer(plain)];
  });
  return [...new Set(named), ...shown];
}

/** The server looks for no names in what it makes a link of: a scheme, a host, and all up to the next blank. */
const SERVER_LINK = /(?<![a-z0-9])(?:https?|ftp):\/\/[\p{L}\p{N}][^\s<>]*/giu;

/**
 * The words that the server looks up: it drops `.`, `-`, `_` and `:` in front of a word, and looks up the parts between
 * them as well (app/mention_parser_standard.go).
 */
function namedOnServer(text: string): string[] {
  return text
    .split(/[^\p{L}\p{N}:._@-]+/u)
    .flatMap((word) => [word.replace(/^[:._-]+/, ""), ...word.split(/[.:-]+/)])
    .filter((word) => /^@[a-z0-9]/i.test(word));
}

describe("a stranger's message, whatever it contains", () => {
  test("never mentions, links unexpectedly or shows an emoji by its name", () => {
    expect(surprises("@all :smile: [x](javascript:y) ![x](http://y.example)")).toEqual([
      ...["@all", "emoji smile", "link javascript:y", "image http://y.example"],
    ]);
    expect(surprises("x.@all.example")).toEqual(["@all"]);
    expect(surprises("x@all a@b.example @\u200ball")).toEqual([]);
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

/**
 * Removes white space and invisible characters. Backslashes have a test of their own: CommonMark drops more of them.
 */
const squeezed = (words: string) => words.replace(/\\|\s|\p{Cf}|\p{Cc}/gu, "");
