import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { plainText } from "./index.ts";

const becomes = (cases: Readonly<Record<string, readonly [markdown: string, plain: string]>>) => {
  for (const [name, [markdown, plain]] of Object.entries(cases)) {
    test(name, () => expect(plainText(markdown)).toBe(plain));
  }
};

describe("numbers of lists are kept", () => {
  becomes({
    "a date": ["24. Dezember ist frei", "24. Dezember ist frei"],
    "numbers that do not follow each other": [
      "3. Stock räumen\n5. Stock bleibt",
      "3. Stock räumen 5. Stock bleibt",
    ],
    "a list from one": ["1. one\n2. two", "1. one 2. two"],
    "with a bracket": ["7) seven", "7. seven"],
    "inside a quote": ["> 24. Dezember", "24. Dezember"],
    "a nested list": ["1. one\n   1. inner", "1. one 1. inner"],
    "bullets are marks": ["- one\n- two", "one two"],
    "a number after text is text": ["am\n24. Dezember", "am 24. Dezember"],
    "a year and a full stop": ["2026. Das Jahr", "2026. Das Jahr"],
  });
});

describe("marks inside marks", () => {
  becomes({
    "italics in bold": ["**Deploy *failed* on node 3**", "Deploy failed on node 3"],
    "bold in italics": ["*Please **do not** restart*", "Please do not restart"],
    "a star between blanks": ["**5 * 3**", "5 * 3"],
    "struck through in bold": ["**a ~~b~~ c**", "a b c"],
    "underscores in stars": ["**a _b_ c**", "a b c"],
    "across a new line": ["**a\nb**", "a b"],
    "an underlined heading": ["Incident\n========\nDetails", "Incident Details"],
    "a heading underlined with dashes": ["Incident\n---\nDetails", "Incident Details"],
    "marks without a partner stay": ["2 * 3 and **x", "2 * 3 and **x"],
    "a word right behind them": ["**Hinweis:**heute", "Hinweis:heute"],
    "Japanese, which has no blanks": ["これは**重要。**読んで", "これは重要。読んで"],
    "a bracket inside, a word before": ["注意**「重要」**です, foo**(bar)**", "注意「重要」です, foo(bar)"],
    "struck through in Japanese": ["~~古い。~~新しい", "古い。新しい"],
    "a mark that opens behind a bracket": ["(**a**) (*b*)", "(a) (b)"],
    "blanks inside open nothing": ["a ** b ** c", "a ** b ** c"],
  });
});

describe("pipes and rules", () => {
  becomes({
    "pipes are not a table": ["|x - y| <= |z|", "|x - y| <= |z|"],
    "two pipes": ["||spoiler||", "||spoiler||"],
    "a table": ["| a | b |\n|---|---|\n| 1 | 2 |", "a · b 1 · 2"],
    "a pipe in a cell": ["| a |\n|---|\n| x \\| y |", "a x | y"],
    "more cells than the head has": [
      "| a | b |\n|---|---|\n| 1 | 2 | **3** |\n| 4 |\n",
      "a · b 1 · 2 · 3 4 ·",
    ],
    "more cells without pipes at the ends": ["a | b\n--|--\n1 | 2 | x \\| y", "a · b 1 · 2 · x | y"],
    "a table in a quote, and text behind it": ["> | a |\n> |---|\n> | 1 | 2 |\n\nend", "a 1 · 2 end"],
    "a rule in code": ["```yaml\n---\na: 1\n```", "`--- a: 1`"],
    "stars in code": ["```\n***\n```", "`***`"],
    "a table in code": ["```\n|a|\n|-|\n```", "`|a| |-|`"],
    "a rule between paragraphs": ["a\n\n***\n\nb", "a b"],
  });
});

describe("words in brackets with a colon", () => {
  becomes({
    "are words": ["[TODO]: fix", "[TODO]: fix"],
    "one after the other": ["[Anna]: danke\n[Ben]: gern", "[Anna]: danke [Ben]: gern"],
    "before a link": ["[Update]: [done](https://example.com)", "[Update]: done"],
    "define a link only with an address, as in Mattermost": [
      "see [it]\n\n[it]: https://example.com",
      "see it",
    ],
  });
});

describe("character references", () => {
  becomes({
    "by name": ["It&rsquo;s done &hellip;", "It’s done …"],
    "by number": ["&#8364; &#x20AC;", "€ €"],
    "in code they stay": ["`&amp;`", "`&amp;`"],
    "unknown ones stay": ["&nonsense; R&D", "&nonsense; R&D"],
    "a mark that came from one is not a mark": ["&#42;x&#42;", "*x*"],
  });
});

test("a mention becomes a name, except in code and addresses", () => {
  const nameOf = (name: string) => (name === "bob" ? "Bob" : null);
  expect(plainText("@bob **@bob** [@bob](https://x.example)", nameOf)).toBe("Bob Bob Bob");
  expect(plainText("`@bob` https://x.example/@bob", nameOf)).toBe("`@bob` https://x.example/@bob");
});

/** Generates Markdown from words, together with the words in their order. */
const word = fc.stringMatching(/^[a-z]{1,8}$/);
const inline = fc.letrec<{ one: string }>((tie) => ({
  one: fc.oneof(
    { depthSize: "small" },
    word,
    fc
      .tuple(fc.constantFrom("**", "*", "~~", "__", "_"), tie("one"))
      .map(([mark, inner]) => `${mark}${inner}${mark}`),
    fc.tuple(tie("one"), tie("one")).map(([a, b]) => `${a} ${b}`),
    word.map((text) => `\`${text}\``),
    word.map((text) => `[${text}](https://example.com)`),
  ),
})).one;
const block = fc
  .tuple(fc.constantFrom("", "# ", "> ", "- ", "1. ", "> - ", "- [ ] "), inline)
  .map(([start, text]) => `${start}x ${text}`);

test("no word is lost, added or moved, however marks are nested", () => {
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), (blocks) => {
      const markdown = blocks.join("\n\n");
      const words = (text: string) => text.replaceAll("(https://example.com)", "").match(/[a-z]+/g) ?? [];
      expect(words(plainText(markdown))).toEqual(words(markdown));
    }),
    { numRuns: 500 },
  );
});

test("one mark around words is removed, whatever the words are", () => {
  const marks = fc.constantFrom("**", "*", "~~", "_", "__", "***");
  fc.assert(
    fc.property(marks, fc.array(word, { minLength: 1 }), (mark, words) => {
      expect(plainText(`${mark}${words.join(" ")}${mark}`)).toBe(words.join(" "));
    }),
  );
});
