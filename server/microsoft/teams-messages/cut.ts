/** Shortens a document at a word, a line of code or a row, never inside a mark. */

import type { Block, Item, Span } from "./document.ts";
import { ZERO_WIDTH } from "./escape.ts";

/** Returns the start of the document, with at most `budget` characters of text. */
export function cutBlocks(blocks: readonly Block[], budget: number): Block[] {
  return new Cutter(budget).blocks(blocks);
}

class Cutter {
  #left: number;

  constructor(budget: number) {
    this.#left = budget;
  }

  blocks(blocks: readonly Block[]): Block[] {
    const kept: Block[] = [];
    for (const block of blocks) {
      if (this.#left <= 0) break;
      this.#left -= 2;
      const part = this.#block(block);
      if (part) kept.push(part);
    }
    return kept;
  }

  #block(block: Block): Block | null {
    switch (block.kind) {
      case "paragraph":
      case "heading": {
        const spans = this.#spans(block.spans);
        return spans.length === 0 && block.spans.length > 0 ? null : { ...block, spans };
      }
      case "quote":
      case "card": {
        const children = this.blocks(block.children);
        return children.length === 0 ? null : { ...block, children };
      }
      case "list": {
        const items: Item[] = [];
        for (const item of block.items) {
          if (this.#left <= 0) break;
          this.#left -= 4;
          const children = this.blocks(item.children);
          if (children.length > 0) items.push({ ...item, children });
        }
        return items.length === 0 ? null : { ...block, items };
      }
      case "code": {
        this.#left -= 8;
        const text = this.#text(block.text, "\n");
        return text === "" ? null : { ...block, text };
      }
      case "table": {
        const rows = [];
        for (const row of block.rows) {
          if (this.#left <= 0) break;
          rows.push(row.map((cell) => this.#spans(cell)));
          this.#left -= 4 * row.length;
        }
        return rows.length < 2 ? null : { ...block, rows };
      }
      case "rule":
        return block;
    }
  }

  #spans(spans: readonly Span[]): Span[] {
    const kept: Span[] = [];
    for (const one of spans) {
      if (this.#left <= 0) break;
      const { leaf } = one;
      if (leaf.kind === "text" || leaf.kind === "code") {
        const text = this.#text(leaf.text, " ");
        if (text !== "") kept.push({ ...one, leaf: { ...leaf, text } });
        continue;
      }
      const size =
        leaf.kind === "image"
          ? leaf.url.length + leaf.alt.length
          : leaf.kind === "break"
            ? 1
            : leaf.text.length;
      this.#left -= size;
      if (this.#left >= 0) kept.push(one);
    }
    return kept;
  }

  /** Cuts at the last separator before the limit, or between two characters when there is none. */
  #text(text: string, separator: string): string {
    if (text.length <= this.#left) {
      this.#left -= text.length;
      return text;
    }
    const start = text.slice(0, Math.max(0, this.#left));
    this.#left = 0;
    const end = start.lastIndexOf(separator);
    if (end > start.length / 2) return start.slice(0, end);
    return withoutTornCharacter(start);
  }
}

/** Drops a half character at the end, and a joiner or our zero-width space that would need a following character. */
const withoutTornCharacter = (text: string) =>
  text.replace(/[\ud800-\udbff]$/, "").replace(new RegExp(`[\\u200d${ZERO_WIDTH}]+$`, "u"), "");

/** Counts characters as Mattermost does: code points. */
export function runes(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
