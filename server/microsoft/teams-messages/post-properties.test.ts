/** A post, whatever it holds: its HTML shows the same words in Teams, and nothing else. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { toTeams } from "./index.ts";
import { bytesOf } from "./split.ts";
import { textOfHtml, wellFormed } from "./testing/html-text.ts";
import { names } from "./testing/mattermost-world.ts";
import { htmlOf, markdownOf, odd } from "./testing/odd-text.ts";

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
