/** Reads lists and tables of a Teams message. */

import { BLANK } from "./block-reader.ts";
import { type Block, type Cell, type Item, inOneLine, type Span, textSpan } from "./document.ts";
import { attribute, hasAttribute, isElement, textOf } from "./elements.ts";
import type { Element, Node } from "./html.ts";

type Read = (nodes: readonly Node[]) => Block[];

export function readList(list: Element, read: Read): Block[] {
  const items: Item[] = [];
  for (const node of list.childNodes) {
    if (!isElement(node)) {
      if ("value" in node && !BLANK.test(node.value)) items.push({ checked: null, children: read([node]) });
    } else if (/^(ul|ol|menu)$/.test(node.tagName)) {
      // Teams writes a nested list beside the item that it belongs to, not inside it.
      const nested = readList(node, read);
      const last = items.pop();
      items.push(
        last ? { ...last, children: [...last.children, ...nested] } : { checked: null, children: nested },
      );
    } else
      items.push({ checked: boxOf(node), children: read(node.tagName === "li" ? node.childNodes : [node]) });
  }
  const filled = items.filter(({ children }) => children.length > 0).flatMap(withoutBareLists);
  return filled.length === 0 ? [] : [{ kind: "list", start: startOf(list), items: filled }];
}

/**
 * Moves up the items of an item that contains only a list, because Markdown has no item without a line of its own.
 */
function withoutBareLists(item: Item): readonly Item[] {
  const [first, ...rest] = item.children;
  if (first?.kind !== "list") return [item];
  const last = first.items.at(-1);
  if (!last || rest.length === 0) return first.items;
  return [...first.items.slice(0, -1), { ...last, children: [...last.children, ...rest] }];
}

function startOf(list: Element): number | null {
  if (list.tagName !== "ol") return null;
  const start = attribute(list, "start");
  return /^\d{1,9}$/.test(start) ? Number(start) : 1;
}

function boxOf(item: Element): boolean | null {
  const box = firstElement(item);
  if (box?.tagName !== "input" || attribute(box, "type").toLowerCase() !== "checkbox") return null;
  return hasAttribute(box, "checked");
}

/** Descends through paragraphs and labels until text comes first. */
function firstElement(element: Element): Element | null {
  for (let at = element; ; ) {
    const first = at.childNodes.find((node) => isElement(node) || !BLANK.test(textOf([node])));
    if (!first || !isElement(first)) return null;
    if (!/^(p|label|div|span)$/.test(first.tagName)) return first;
    at = first;
  }
}

const MAX_COLUMNS = 60;
const MAX_CELLS = 4000;

/** A table with one cell is a frame around its content. In any other table the first row is the header. */
export function readTable(table: Element, read: Read): Block[] {
  const captions = table.childNodes.filter(isElement).filter(({ tagName }) => tagName === "caption");
  const before = captions.flatMap((one) => read(one.childNodes));
  const lines = rowsOf(table);
  const cells = lines.map((row) =>
    row.childNodes.filter(isElement).filter(({ tagName }) => /^t[dh]$/.test(tagName)),
  );
  const filled = cells.filter((row) => row.length > 0);
  const [only] = filled;
  if (!only) return before;
  if (filled.length === 1 && only.length === 1)
    return [...before, ...only.flatMap((one) => read(one.childNodes))];
  const rows = grid(filled, (one) => inOneLine(read(one.childNodes)));
  return [...before, { kind: "table", rows }];
}

function rowsOf(table: Element): Element[] {
  return table.childNodes.filter(isElement).flatMap((one) => {
    if (one.tagName === "tr") return [one];
    return /^t(head|body|foot)$/.test(one.tagName) ? rowsOf(one) : [];
  });
}

/** A cell that spans columns or rows leaves the other cells of its area empty, so that columns stay aligned. */
function grid(rows: readonly (readonly Element[])[], read: (cell: Element) => Cell): Cell[][] {
  const width = (cell: Element, name: string) => {
    const value = attribute(cell, name);
    return /^[1-9]\d{0,2}$/.test(value) ? Math.min(Number(value), MAX_COLUMNS) : 1;
  };
  let left = MAX_CELLS;
  const taken: number[] = [];
  const made = rows.map((cells) => {
    const row: Cell[] = [];
    const rest: Span[] = [];
    const place = (cell: Cell, rowsBelow: number) => {
      taken[row.length] = rowsBelow;
      row.push(cell);
      left -= 1;
    };
    const skip = () => {
      while ((taken[row.length] ?? 0) > 0 && row.length < MAX_COLUMNS)
        place([], (taken[row.length] ?? 1) - 1);
    };
    for (const cell of cells) {
      skip();
      if (left <= 0 || row.length >= MAX_COLUMNS) {
        // A block that has no place in a cell keeps its text.
        const words = read(cell);
        if (words.length > 0) rest.push(textSpan(" "), ...words);
        continue;
      }
      const below = width(cell, "rowspan") - 1;
      place(read(cell), below);
      for (let more = width(cell, "colspan") - 1; more > 0 && row.length < MAX_COLUMNS && left > 0; more -= 1)
        place([], below);
    }
    skip();
    return rest.length === 0 ? row : [...row.slice(0, -1), [...(row.at(-1) ?? []), ...rest]];
  });
  const columns = Math.max(...made.map((row) => row.length));
  return made.map((row) => [...row, ...Array.from({ length: columns - row.length }, () => [])]);
}
