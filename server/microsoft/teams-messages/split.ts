/** Splits a post into messages that Teams accepts: between blocks, then lines, then words. */

import type { Block, Inline, ListItem } from "../../platform/markdown/index.ts";
import { HtmlPrinter, type Part, type TeamsNames } from "./print-html.ts";

/**
 * Bytes of `<p>&nbsp;</p>` between two paragraphs, and of the additional digits of a mention's index in a
 * long message.
 */
const BETWEEN = 26;
const PER_MENTION = 12;

/** The larger of UTF-8 and UTF-16: nobody knows which one Microsoft measures (docs/facts/microsoft-chat.md 6.3). */
export const bytesOf = (text: string) => Math.max(2 * text.length, Buffer.byteLength(text));

export class Splitter {
  readonly #names: TeamsNames;
  readonly #limit: number;

  constructor(names: TeamsNames, limit: number) {
    this.#names = names;
    this.#limit = limit;
  }

  size(part: Part): number {
    if (part.kind === "html") return bytesOf(part.html);
    const printer = new HtmlPrinter(this.#names);
    const html = printer.blocks([part]);
    const { mentions } = printer;
    const entries =
      mentions.length === 0 ? 0 : bytesOf(JSON.stringify(mentions)) + PER_MENTION * mentions.length;
    return bytesOf(html) + entries;
  }

  /** Returns the parts of each message, in order. With `first`, only what fits into one message. */
  messages(parts: readonly Part[], first = false): Part[][] {
    const messages: Part[][] = [[]];
    let room = this.#limit;
    const next = () => {
      messages.push([]);
      room = this.#limit;
    };
    const queue = parts.toReversed();
    for (let part = queue.pop(); part; part = queue.pop()) {
      const size = this.size(part) + BETWEEN;
      const message = messages.at(-1) ?? [];
      if (size <= room) {
        message.push(part);
        room -= size;
        continue;
      }
      // A block that fits into one message is not cut, unless there is only one.
      if (!first && message.length > 0) {
        queue.push(part);
        next();
        continue;
      }
      const halves = size > 4 * this.#limit ? halvesOf(part) : null;
      if (halves) {
        // Each cut measures the remaining text, so a very long text is halved first.
        queue.push(halves[1], halves[0]);
        continue;
      }
      const cut = part.kind === "html" ? null : this.#take(part, room - BETWEEN);
      if (cut?.[0]) message.push(cut[0]);
      if (first) return messages;
      if (cut?.[1]) queue.push(cut[1]);
      if (queue.length > 0) next();
    }
    return messages;
  }

  /** Returns the start of the block that fits, and the remaining part. */
  #take(block: Block, room: number): [Block | null, Block | null] {
    switch (block.kind) {
      case "paragraph":
      case "heading": {
        const total = lengthOf(block.children);
        return this.#shrink(block, total, room, (at) => {
          const [head, rest] = cutInlines(block.children, at);
          return [
            { ...block, children: head },
            { kind: "paragraph", children: rest },
          ];
        });
      }
      case "code":
        return this.#shrink(block, block.text.length, room, (length) => {
          const at = goodCut(block.text, length, "\n");
          return [
            { ...block, text: block.text.slice(0, at).replace(/\n$/, "") },
            { ...block, text: block.text.slice(at) },
          ];
        });
      case "quote": {
        const [head, rest] = this.#takeSome(block.children, room - 80);
        return [
          { ...block, children: head },
          { ...block, children: rest },
        ];
      }
      case "list":
        return this.#takeItems(block, room - 80);
      case "table":
        return this.#takeRows(block, room - 120);
      case "rule":
        return [block, null];
    }
  }

  /** Cuts shorter and shorter until the start fits. */
  #shrink(
    block: Block,
    length: number,
    room: number,
    cut: (at: number) => [Block, Block],
  ): [Block | null, Block | null] {
    let at = Math.floor(length * Math.min(0.98, room / this.size(block)));
    for (; at > 0; at = Math.floor(at * 0.85)) {
      const [head, rest] = cut(at);
      if (this.size(head) <= room) return [head, rest];
    }
    // The markup around it is so large that not even the first character fits. It cannot be sent.
    const [, rest] = cut(1);
    return [null, this.size(rest) < this.size(block) ? rest : null];
  }

  #takeSome(children: readonly Block[], room: number): [Block[], Block[]] {
    const [only] = children;
    if (only && children.length === 1) {
      // The caller has measured that it does not fit.
      const [start, rest] = this.#take(only, room - BETWEEN);
      return [start ? [start] : [], rest ? [rest] : []];
    }
    const head: Block[] = [];
    let left = room;
    for (const [at, child] of children.entries()) {
      const size = this.size(child) + BETWEEN;
      if (size > left) {
        if (head.length > 0) return [head, children.slice(at)];
        const [start, rest] = this.#take(child, left - BETWEEN);
        return [start ? [start] : [], [...(rest ? [rest] : []), ...children.slice(at + 1)]];
      }
      head.push(child);
      left -= size;
    }
    return [head, []];
  }

  #takeItems(list: Block & { kind: "list" }, room: number): [Block, Block] {
    const head: ListItem[] = [];
    const first = Number(list.items[0]?.number ?? 1);
    const numbered = (items: readonly ListItem[], start: number): Block => ({
      ...list,
      items: items.map((item, at) => ({ ...item, number: list.ordered ? String(start + at) : null })),
    });
    let left = room;
    for (const [at, item] of list.items.entries()) {
      const size = list.items.length === 1 ? left + 1 : this.size({ ...list, items: [item] });
      if (size > left) {
        if (head.length > 0) return [numbered(head, first), numbered(list.items.slice(at), first + at)];
        const [start, rest] = this.#takeSome(item.children, left - 80);
        const others = [{ ...item, children: rest }, ...list.items.slice(at + 1)];
        return [numbered([{ ...item, children: start }], first), numbered(others, first + at)];
      }
      head.push(item);
      left -= size;
    }
    return [list, { ...list, items: [] }];
  }

  #takeRows(table: Block & { kind: "table" }, room: number): [Block, Block] {
    const rows = table.head.length > 0 ? [table.head, ...table.rows] : table.rows;
    const sizeOf = (row: Block & { kind: "table" }) => this.size(row);
    let left = room;
    let count = 0;
    for (const row of rows) {
      const size = sizeOf({ kind: "table", head: row, rows: [] });
      if (size > left) break;
      left -= size;
      count += 1;
    }
    if (count > 0) {
      const head = table.head.length > 0 ? table.head : [];
      const body = rows.slice(head.length > 0 ? 1 : 0, count);
      return [
        { kind: "table", head, rows: body },
        { kind: "table", head: [], rows: rows.slice(count) },
      ];
    }
    // One row is larger than a message: its cells become paragraphs.
    const [row = [], ...others] = rows;
    const cells: Block = {
      kind: "quote",
      children: row.map((children) => ({ kind: "paragraph", children })),
    };
    const rest: Block[] = others.length > 0 ? [{ kind: "table", head: [], rows: others }] : [];
    const [start, more] = this.#takeSome(cells.children, room);
    return [
      { kind: "quote", children: start },
      { kind: "quote", children: [...more, ...rest] },
    ];
  }
}

function halvesOf(part: Part): [Part, Part] | null {
  if (part.kind === "code") {
    const at = goodCut(part.text, Math.ceil(part.text.length / 2), "\n");
    if (at >= part.text.length) return null;
    const [head, rest] = [part.text.slice(0, at).replace(/\n$/, ""), part.text.slice(at)];
    return [
      { ...part, text: head },
      { ...part, text: rest },
    ];
  }
  if (part.kind !== "paragraph") return null;
  const [head, rest] = cutInlines(part.children, Math.ceil(lengthOf(part.children) / 2));
  if (head.length === 0 || rest.length === 0) return null;
  return [
    { ...part, children: head },
    { ...part, children: rest },
  ];
}

function lengthOf(inlines: readonly Inline[]): number {
  return inlines.reduce((sum, inline) => sum + inlineLength(inline), 0);
}

function inlineLength(inline: Inline): number {
  switch (inline.kind) {
    case "text":
    case "code":
      return inline.text.length;
    case "break":
      return 1;
    case "emoji":
      return inline.name.length + 2;
    default:
      return Math.max(1, lengthOf(inline.children));
  }
}

/**
 * Cuts at most `length` characters from the start: at a new line if there is one in the second half, else at a word.
 */
function cutInlines(inlines: readonly Inline[], length: number): [Inline[], Inline[]] {
  let at = 0;
  let lastBreak = -1;
  for (const [index, inline] of inlines.entries()) {
    if (at + inlineLength(inline) > length) {
      if (lastBreak > 0 && at >= length / 2)
        return [inlines.slice(0, lastBreak), inlines.slice(lastBreak + 1)];
      const [head, rest] = cutInline(inline, length - at);
      return [
        [...inlines.slice(0, index), ...(head ? [head] : [])],
        [...(rest ? [rest] : []), ...inlines.slice(index + 1)],
      ];
    }
    at += inlineLength(inline);
    if (inline.kind === "break") lastBreak = index;
  }
  return [[...inlines], []];
}

function cutInline(inline: Inline, length: number): [Inline | null, Inline | null] {
  switch (inline.kind) {
    case "text":
    case "code": {
      const at = goodCut(inline.text, length, " ");
      const [head, rest] = [inline.text.slice(0, at), inline.text.slice(at)];
      return [head === "" ? null : { ...inline, text: head }, rest === "" ? null : { ...inline, text: rest }];
    }
    case "break":
    case "emoji":
    case "image":
      return [null, inline];
    default: {
      const [head, rest] = cutInlines(inline.children, length);
      return [
        head.length === 0 ? null : { ...inline, children: head },
        rest.length === 0 ? null : { ...inline, children: rest },
      ];
    }
  }
}

/** Cuts after a separator in the second half, else between two user-perceived characters. */
function goodCut(text: string, length: number, separator: string): number {
  const after = text.lastIndexOf(separator, length - 1) + 1;
  if (after > length / 2) return after;
  let at = Math.max(1, length);
  while (at > 1 && (belongsBefore(text.charCodeAt(at)) || text[at - 1] === "\u200d")) at -= 1;
  return at;
}

/** The second half of a character, a joiner, or the sign that turns the character before it into an emoji. */
const belongsBefore = (unit: number) =>
  (unit >= 0xdc00 && unit <= 0xdfff) || unit === 0x200d || unit === 0xfe0f;
