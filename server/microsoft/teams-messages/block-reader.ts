/** Collects texts into blocks: each text goes into the open paragraph, with new lines where HTML has them. */

import { type Block, type Item, type Leaf, type Mark, type Span, span } from "./document.ts";

/** The marks and quotes around the current text. */
export interface Around {
  readonly marks: readonly Mark[];
  /** Nesting depth of quotes. */
  readonly quotes: number;
}

export const BLANK = /^[\s\u00a0\u200b-\u200f\u2060\ufeff]*$/u;

/**
 * Stops reading at more text than a post can hold: 16,383 characters of two units each, and a few more, so that the
 * printer notices that it must cut.
 */
export const MAX_TEXT = 36_000;

export class BlockReader {
  readonly blocks: Block[] = [];
  #spans: Span[] = [];
  /** The last mention in the open paragraph: the person it names, and its position. */
  #mention: { readonly of: string; readonly at: number } | null = null;
  #parts = 0;

  /** Amount of content read so far, not counting spaces: an element that adds nothing is empty. */
  get parts(): number {
    return this.#parts;
  }

  /** Records content that leaves no trace in the text: a file. */
  found(): void {
    this.#parts += 1;
  }

  add(leaf: Leaf, around: Around): void {
    if (leaf.kind !== "text" || !BLANK.test(leaf.text)) this.#parts += 1;
    const last = this.#spans.at(-1);
    // Adjacent code spans are displayed as one; in Markdown, two would form a longer fence.
    const joins = (leaf.kind === "text" || leaf.kind === "code") && last?.marks === around.marks;
    if (joins && last?.leaf.kind === leaf.kind) {
      const text = last.leaf.text + leaf.text;
      this.#spans[this.#spans.length - 1] = { ...last, leaf: { kind: leaf.kind, text } };
    } else this.#spans.push(span(leaf, around.marks));
  }

  /**
   * Teams splits a name of several words into several mentions (docs/facts/microsoft-chat.md 5.1); this joins them.
   */
  mention(name: Leaf & { kind: "mention" }, of: string | null, around: Around): void {
    const previous = this.#mention;
    this.#mention = null;
    if (previous && of === previous.of && this.#spans.slice(previous.at + 1).every(isBlankText)) {
      this.#mention = { of, at: this.#spans.length - 1 };
      if (name.live) {
        this.#spans.length = previous.at + 1;
        this.#mention = previous;
        return;
      }
      const text = name.text.slice(1);
      if (this.#spans.length === previous.at + 1) this.add({ kind: "text", text: " " }, around);
      this.add({ kind: "mention", text, live: false }, around);
    } else this.add(name, around);
    if (of !== null) this.#mention = { of, at: this.#spans.length - 1 };
  }

  /** Ends the open paragraph. With `always`, a paragraph without content becomes an empty line. */
  endLine(always = false): void {
    const spans = this.#spans;
    this.#spans = [];
    this.#mention = null;
    // The last new line of a paragraph only ends it.
    const broken = spans.at(-1)?.leaf.kind === "break";
    if (broken) spans.pop();
    if (!spans.every(isBlankText)) this.blocks.push({ kind: "paragraph", spans });
    else if (always || broken) this.blocks.push({ kind: "paragraph", spans: [] });
  }

  push(...blocks: readonly Block[]): void {
    this.endLine();
    this.#parts += 1;
    this.blocks.push(...blocks);
  }

  /** Adds an item outside of any list; adjacent ones form a list. */
  stray(item: Item): void {
    this.endLine();
    this.#parts += 1;
    const last = this.blocks.at(-1);
    if (last?.kind === "list" && last.start === null) {
      this.blocks[this.blocks.length - 1] = { ...last, items: [...last.items, item] };
    } else this.blocks.push({ kind: "list", start: null, items: [item] });
  }
}

const isBlankText = ({ leaf }: Span) => leaf.kind === "text" && BLANK.test(leaf.text);
