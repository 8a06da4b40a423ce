/** Merges bold inside bold and the like, so that marks are at most a few levels deep, however a text nests them. */

import type { Block, Inline } from "../../platform/markdown/index.ts";

export function flattenBlocks(blocks: readonly Block[]): Block[] {
  return blocks.map(flattenBlock);
}

function flattenBlock(block: Block): Block {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return { ...block, children: flatten(block.children, []) };
    case "quote":
      return { ...block, children: flattenBlocks(block.children) };
    case "list":
      return {
        ...block,
        items: block.items.map((item) => ({ ...item, children: flattenBlocks(item.children) })),
      };
    case "table": {
      const row = (cells: readonly (readonly Inline[])[]) => cells.map((cell) => flatten(cell, []));
      return { ...block, head: row(block.head), rows: block.rows.map(row) };
    }
    case "code":
    case "rule":
      return block;
  }
}

function flatten(inlines: readonly Inline[], inside: readonly string[]): Inline[] {
  const flat: Inline[] = [];
  for (const inline of inlines) {
    if (!("children" in inline)) flat.push(inline);
    else if (inside.includes(inline.kind)) for (const one of flatten(inline.children, inside)) flat.push(one);
    else flat.push({ ...inline, children: flatten(inline.children, [...inside, inline.kind]) });
  }
  return flat;
}
