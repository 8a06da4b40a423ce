/** Texts that a stranger may write anywhere, and effects that they must not have. */

import { expect } from "bun:test";
import { parseMarkdown } from "../../../platform/markdown/index.ts";

export const payloads: Record<string, string> = {
  "a ping of everybody": "@all @channel @here",
  "a ping of the reader": "@cy",
  "a ping in brackets": "(@all)",
  "a ping behind a zero-width space": "@\u200ball",
  "a channel": "~town-square",
  "a hashtag": "#release",
  "a link with another text": "[your bank](https://evil.example/login)",
  "a picture": "![x](https://evil.example/pixel.png)",
  "a script address": "[x](javascript:alert(1))",
  "a reference link": "[x][1]\n\n[1]: https://evil.example",
  "an autolink of a strange scheme": "<javascript:alert(1)>",
  HTML: "<img src=x onerror=alert(1)><script>alert(1)</script>",
  "an encoded tag": "&lt;script&gt;alert(1)&lt;/script&gt;",
  "a heading": "# Head",
  "a table": "| a | b |\n|---|---|\n| c | d |",
  "a fence": "```\ncode\n```",
  "a formula": "$x^2$",
  "a quote": "> said somebody else",
  "an emoji": ":tada:",
  "a text that turns around": "\u202egpj.exe",
  "half a character": "\ud800",
  controls: "a\u0000b\u0007c\u001b[31m",
  "a command": "/msteams disconnect",
  "a very long word": "x".repeat(20_000),
};

/** Checks the post's text outside of code, as the server would read it. */
export function check(shown: string): void {
  expect([...shown].length).toBeLessThanOrEqual(16_383);
  expect(shown.isWellFormed()).toBe(true);
  expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|(?!\s)\p{Cc}/u);
  expect(shown).not.toMatch(/(?<![\w\\])@(?:all|channel|here|cy)\b/i);
  for (const link of linksOf(parseMarkdown(shown))) expect(link).toMatch(/^(?:https?|mailto|tel):/i);
}

function linksOf(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(linksOf);
  if (typeof tree !== "object" || tree === null) return [];
  const { url, ...rest } = tree as { url?: unknown };
  return [...(typeof url === "string" ? [url] : []), ...Object.values(rest).flatMap(linksOf)];
}

export const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\n", "<br>");
