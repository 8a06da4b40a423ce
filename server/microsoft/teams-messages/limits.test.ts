/** Messages that are extremely large or deep take bounded time, and their results fit. */

import { describe, expect, test } from "bun:test";
import { toTeams } from "./index.ts";
import { wellFormed } from "./testing/html-text.ts";
import { names } from "./testing/mattermost-world.ts";
import { adaptive, convert } from "./testing/strangers-message.ts";

/** Milliseconds of processor time, which does not depend on other load. The slowest case takes a fifth of it. */
const LIMIT = 3000;
function timed<T>(work: () => T): { result: T; millis: number } {
  const began = process.threadCpuUsage();
  const result = work();
  const { user } = process.threadCpuUsage(began);
  return { result, millis: user / 1000 };
}

describe("time and memory of messages from Teams", () => {
  const nest = (tag: string, times: number) => `${`<${tag}>`.repeat(times)}x${`</${tag}>`.repeat(times)}`;
  const large: Record<string, string> = {
    "an attribute of 1 MB": `<p title="${"a".repeat(1_000_000)}">x</p>`,
    "an address of 1 MB": `<a href="https://x.example/${"a".repeat(1_000_000)}">x</a>`,
    "100,000 attributes": `<p ${Array.from({ length: 100_000 }, (_, at) => `a${at}`).join(" ")}>x</p>`,
    "30,000 elements in each other": nest("div", 30_000),
    "30,000 quotes in each other": nest("blockquote", 30_000),
    "30,000 lists in each other": nest("ul><li", 30_000),
    "20,000 tables in each other": `${"<table><tr><td>".repeat(20_000)}x`,
    "30,000 spans in each other": nest("span", 30_000),
    "50,000 links without an end": `${'<a href="https://x.example">'.repeat(50_000)}x`,
    "50,000 fonts that differ, then paragraphs":
      Array.from({ length: 25_000 }, (_, at) => `<font a="${at}">`).join("") + "<p>x".repeat(25_000),
    "50,000 ends without a start": `${"</b></p></div>".repeat(50_000)}x`,
    "foster parents": `<table>${"<i>x".repeat(25_000)}`,
    "50,000 comments": `${"<!--x-->".repeat(50_000)}x`,
    "50,000 entities": "&amp;".repeat(50_000),
    "30,000 mentions": '<at id="0">x</at> '.repeat(30_000),
    "30,000 new lines": "x<br>".repeat(30_000),
    "30,000 items": `<ul>${"<li>x".repeat(30_000)}`,
    "30,000 cells in a row": `<table><tr>${"<td>x".repeat(30_000)}<tr><td>y`,
    "30,000 rows": `<table>${"<tr><td>x<td>y".repeat(30_000)}`,
    "columns over columns": `<table>${'<tr><td colspan="999" rowspan="999">x<td>y'.repeat(2500)}`,
    "30,000 bold words": "<b>x</b> ".repeat(30_000),
    "marks in turn": "<b>x<i>y</b>z</i>".repeat(15_000),
    "2 MB of text": "word ".repeat(400_000),
  };
  for (const one of [
    "@",
    "#",
    "*",
    "_",
    "`",
    "~",
    ":",
    "[",
    "]",
    "(",
    "\\",
    "&",
    "&lt;",
    "$",
    "|",
    "-",
    "=",
    "&gt;",
    "!",
    ".",
    "a",
    "1",
    "\u200b",
    "\u202e",
    "\ud83d",
    "字",
    "👩‍💻",
    ":a",
    "a@",
    "@a.",
    "http://",
    "www.",
    "https://x.example/",
    "a.b@c.",
  ])
    large[`30,000 times ${JSON.stringify(one)}`] = one.repeat(30_000);
  for (const [name, html] of Object.entries(large)) {
    test(name, () => {
      const { result, millis } = timed(() => convert(html));
      expect(millis).toBeLessThan(LIMIT);
      if (result.dropped === null) expect([...result.markdown].length).toBeLessThanOrEqual(16_383);
      else expect(result.dropped).toBe("empty_message");
    });
  }

  test("a card of 400,000 characters", () => {
    const body = Array.from({ length: 9000 }, (_, at) => ({ type: "TextBlock", text: `**x** [${at}` }));
    const { millis } = timed(() => adaptive(body));
    expect(millis).toBeLessThan(LIMIT);
  });
});

describe("time and memory of messages from Mattermost", () => {
  const pieces = [
    "*",
    "_",
    "`",
    "~~",
    "[",
    "](",
    "![",
    "> ",
    "- ",
    "| a ",
    "#",
    "\\",
    "<",
    "&",
    "&amp;",
    "@alex ",
    "@alex",
    "~town-square ",
    ":smile:",
    "**a ",
    "*a **b ",
    "字",
    "👩‍💻",
    "https://x.example/&& ",
    "\n",
    "\n\n",
    "a\n",
    "[a](https://x.example) ",
    "![a](https://x.example/i.png)",
    "    - x\n",
    "```\nx\n```\n",
    "| a | b |\n| - | - |\n| c | d |\n\n",
  ];
  for (const piece of pieces) {
    test(`40,000 characters of ${JSON.stringify(piece)}`, () => {
      const message = piece
        .repeat(Math.ceil(40_000 / piece.length))
        .slice(0, 40_000)
        .toWellFormed();
      const { result, millis } = timed(() => toTeams({ message }, names()));
      expect(millis).toBeLessThan(LIMIT);
      if (result.dropped !== null) return;
      for (const { content } of result.messages) {
        expect(2 * content.length).toBeLessThanOrEqual(28_000);
      }
      expect(wellFormed(result.messages[0]?.content ?? "")).toBe(true);
    });
  }

  test("marks nested 8,000 deep", () => {
    const message = "**a *b ".repeat(4000) + "x* y** ".repeat(4000);
    expect(toTeams({ message }, names()).dropped).toBeNull();
  });
  test("a part that cannot be cut is left out, and all others are sent", () => {
    const address = `https://x.example/${"&".repeat(2900)}`;
    const message = `a ![${"<".repeat(900)}](${address}) b [c](${address}) d`;
    const sent = toTeams(
      { message },
      { ...names(), personOf: (id) => ({ id, displayName: "x".repeat(40_000) }) },
    );
    expect(sent.dropped).toBeNull();
    if (sent.dropped === null)
      expect(sent.messages.map(({ content }) => content).join("")).toContain("d</p>");
  });
});
