/** Parses texts of cards: a subset of Markdown, read by our grammar, or HTML. */

import { type Inline, type Block as MarkdownBlock, parseMarkdown } from "../../platform/markdown/index.ts";
import { webAddress } from "./addresses.ts";
import {
  type Block,
  type Leaf,
  linkMark,
  linkOf,
  type Mark,
  paragraph,
  type Span,
  span,
  textSpan,
} from "./document.ts";

/** Maps `<at>Name</at>` in a card's text to its mention. */
export type CardMentions = ReadonlyMap<string, Leaf & { kind: "mention" }>;

const MAX_TEXT = 20_000;

/** Cards support bold, italic, links and lists; everything else is text. */
export function cardText(
  text: string,
  mentions: CardMentions = new Map(),
  marks: readonly Mark[] = [],
): Block[] {
  return parseMarkdown(dates(text.slice(0, MAX_TEXT))).flatMap((block) => blocksOf(block, mentions, marks));
}

function blocksOf(block: MarkdownBlock, mentions: CardMentions, marks: readonly Mark[]): Block[] {
  const spans = (inlines: readonly Inline[]) => inlines.flatMap((one) => spansOf(one, mentions, marks));
  switch (block.kind) {
    case "paragraph":
      return [paragraph(...spans(block.children))];
    case "heading":
      return [paragraph(textSpan(`${"#".repeat(block.level)} `, ...marks), ...spans(block.children))];
    case "quote":
      return block.children.flatMap((one) => blocksOf(one, mentions, marks));
    case "list":
      return [
        {
          kind: "list",
          start: block.ordered ? Number(block.items[0]?.number ?? 1) : null,
          items: block.items.map(({ checked, children }) => ({
            checked,
            children: children.flatMap((one) => blocksOf(one, mentions, marks)),
          })),
        },
      ];
    case "code":
      return block.text.split("\n").map((line) => paragraph(textSpan(line, ...marks)));
    case "table":
      return [block.head, ...block.rows].map((row) =>
        paragraph(...row.flatMap((cell, at) => [...(at > 0 ? [textSpan(" | ")] : []), ...spans(cell)])),
      );
    case "rule":
      return [{ kind: "rule" }];
  }
}

function spansOf(inline: Inline, mentions: CardMentions, marks: readonly Mark[]): Span[] {
  const inside = (children: readonly Inline[], mark?: Mark) =>
    children.flatMap((one) =>
      spansOf(one, mentions, mark && !marks.includes(mark) ? [...marks, mark] : marks),
    );
  switch (inline.kind) {
    case "text":
      return withMentions(inline.text, mentions, marks);
    case "code":
      return [span({ kind: "code", text: inline.text }, marks)];
    case "emoji":
      return [textSpan(`:${inline.name}:`, ...marks)];
    case "break":
      return [span({ kind: "break" }, marks)];
    case "strong":
      return inside(inline.children, "bold");
    case "emphasis":
      return inside(inline.children, "italic");
    case "strike":
      return inside(inline.children, "strike");
    // Cards show no pictures here, so none is requested.
    case "image":
    case "link": {
      const address = linkOf(marks) === null ? webAddress(inline.url) : null;
      return inside(inline.children, address === null ? undefined : linkMark(address));
    }
  }
}

function withMentions(text: string, mentions: CardMentions, marks: readonly Mark[]): Span[] {
  let best: { at: number; tag: string; leaf: Leaf } | null = null;
  for (const [tag, leaf] of mentions) {
    const at = text.indexOf(tag);
    if (at !== -1 && (best === null || at < best.at)) best = { at, tag, leaf };
  }
  if (!best) return text === "" ? [] : [textSpan(text, ...marks)];
  return [
    ...(best.at > 0 ? [textSpan(text.slice(0, best.at), ...marks)] : []),
    span(best.leaf, marks),
    ...withMentions(text.slice(best.at + best.tag.length), mentions, marks),
  ];
}

/** `{{DATE(…)}}` and `{{TIME(…)}}` of a card, printed in UTC because the reader's time zone is unknown. */
function dates(text: string): string {
  return text.replace(
    /\{\{(DATE|TIME)\(([^(){},]{1,40})(?:,[^(){}]{0,20})?\)\}\}/g,
    (whole, kind, moment) => {
      try {
        const [date, time] = Temporal.Instant.from(String(moment).trim()).toString().split("T");
        return kind === "DATE" ? String(date) : `${time?.slice(0, 5)} UTC`;
      } catch {
        return whole;
      }
    },
  );
}
