/** Prints a post as one line of plain text, for places that render no Markdown. */

import { lazy } from "../../runtime/lazy.ts";
import { emojiText } from "./emoji.ts";
import { splitMentions } from "./mentions.ts";
import { parseMarkdown } from "./parse.ts";
import type { Block, Inline, ListItem } from "./tree.ts";

/** Maps `@username` to a display name; null leaves the word unchanged. */
export type NameOf = (username: string) => string | null;

export function plainText(markdown: string, nameOf: NameOf = () => null): string {
  return joined(parseMarkdown(markdown), nameOf).replace(/\s+/g, " ").replace(CONTROLS, "").trim();
}

/**
 * Directional overrides and embeddings can make a line read differently, and would affect the surrounding text once
 * the line is cut before their end. Joiners stay: they belong to emoji and to scripts.
 */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;

const joined = (blocks: readonly Block[], nameOf: NameOf): string =>
  blocks
    .map((block) => blockText(block, nameOf))
    .filter((text) => text !== "")
    .join(" ");

function blockText(block: Block, nameOf: NameOf): string {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return inlineText(block.children, nameOf);
    case "quote":
      return joined(block.children, nameOf);
    case "list":
      return block.items.map((item) => itemText(item, nameOf)).join(" ");
    case "code":
      return block.text.trim() === "" ? "" : `\`${block.text.trim()}\``;
    case "table":
      return [block.head, ...block.rows]
        .map((row) => row.map((cell) => inlineText(cell, nameOf).trim()).join(" · "))
        .join(" ");
    case "rule":
      return "";
  }
}

/** A list's number is part of the text: "24. Dezember" is a date, not the first list item. */
function itemText({ number, checked, children }: ListItem, nameOf: NameOf): string {
  const box = checked === null ? "" : checked ? "☑ " : "☐ ";
  return `${number === null ? "" : `${number}. `}${box}${joined(children, nameOf)}`;
}

function inlineText(inlines: readonly Inline[], nameOf: NameOf): string {
  return inlines.map((inline) => oneInline(inline, nameOf)).join("");
}

function oneInline(inline: Inline, nameOf: NameOf): string {
  switch (inline.kind) {
    case "text":
      return withNames(inline.text, nameOf);
    case "code":
      return `\`${inline.text}\``;
    case "emoji":
      return emojiText(inline.name);
    case "break":
      return "\n";
    case "link":
      return inlineText(inline.children, inline.bare ? () => null : nameOf);
    case "emphasis":
    case "strong":
    case "strike":
    case "image":
      return inlineText(inline.children, nameOf);
  }
}

function withNames(text: string, nameOf: NameOf): string {
  return splitMentions(text, nameOf)
    .map((piece) => ("found" in piece ? piece.found : piece.text))
    .join("");
}

const graphemes = lazy(() => new Intl.Segmenter("und", { granularity: "grapheme" }));

/** Cuts to at most `limit` UTF-16 units, between user-perceived characters. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = 0;
  for (const { index, segment } of graphemes().segment(text.slice(0, limit + 64))) {
    if (index + segment.length > limit - 1) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end).trimEnd()}…`;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Isolates a right-to-left name, so that it does not reorder the left-to-right sentence around it. */
export function isolated(name: string): string {
  const clean = name.replace(/\s+/g, " ").replace(CONTROLS, "").trim();
  return RIGHT_TO_LEFT.test(clean) ? `\u2068${clean}\u2069` : clean;
}
