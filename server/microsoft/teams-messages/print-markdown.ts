/** Prints a document (document.ts) as the Markdown of a post. */

import { type Block, type Cell, type Item, linkMark, paragraph, type Span, textSpan } from "./document.ts";
import { type Place, withoutOpenEnd, ZERO_WIDTH } from "./escape.ts";
import { printLine } from "./print-line.ts";

export interface Printing {
  isEmoji(name: string): boolean;
  /** Printed after a code block whose text Graph has lost. */
  readonly fullMessage: Block;
}

export function printMarkdown(blocks: readonly Block[], printing: Printing): string {
  return new Printer(printing)
    .lines(blocks)
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
}

class Printer {
  readonly #printing: Printing;

  constructor(printing: Printing) {
    this.#printing = printing;
  }

  /**
   * Texts are lines; everything else has an empty line around it. With `inItem`, a list follows its text directly.
   */
  lines(blocks: readonly Block[], inItem = false): string[] {
    const lines: string[] = [];
    let before: Block["kind"] | "none" = "none";
    let empty = 0;
    for (const block of blocks) {
      const own = this.#block(block);
      if (block.kind === "paragraph") {
        if (own.every((line) => line === "")) empty += 1;
        else {
          if (before === "paragraph") lines.push(...Array<string>(empty).fill(""));
          else if (before !== "none") lines.push("");
          if (before === "paragraph" && empty === 0) lines.push(withoutOpenEnd(lines.pop() ?? ""));
          lines.push(...own.slice(0, -1).map(withoutOpenEnd), ...own.slice(-1));
          [before, empty] = ["paragraph", 0];
        }
        continue;
      }
      if (own.length === 0) continue;
      if (before !== "none" && !(inItem && block.kind === "list" && before === "paragraph")) lines.push("");
      // Two quotes or two lists in a row would merge.
      if (before === block.kind && (before === "quote" || before === "list")) lines.push(ZERO_WIDTH, "");
      lines.push(...own);
      [before, empty] = [block.kind, 0];
    }
    return lines;
  }

  #block(block: Block): string[] {
    switch (block.kind) {
      case "paragraph":
        return this.#paragraph(block.spans);
      case "heading":
        return this.#heading(block.level, block.spans);
      case "quote":
        return this.lines(block.children).map((line) => (line === "" ? ">" : `> ${line}`));
      case "list":
        return this.#list(block.start, block.items);
      case "code":
        return this.#code(block);
      case "table":
        return this.#table(block.rows);
      case "rule":
        return ["---"];
      case "card":
        return this.lines(block.children);
    }
  }

  #place(lineStart: boolean, cell = false): Place {
    return { lineStart, cell, isEmoji: this.#printing.isEmoji };
  }

  #paragraph(spans: readonly Span[]): string[] {
    const lines: Span[][] = [[]];
    for (const one of spans) {
      if (one.leaf.kind !== "break") lines.at(-1)?.push(one);
      // The text of a link must be on one line.
      else if (one.marks.some((mark) => mark.startsWith("link ")))
        lines.at(-1)?.push(textSpan(" ", ...one.marks));
      else lines.push([]);
    }
    return lines.map((line) => printLine(line, this.#place(true)));
  }

  #heading(level: number, spans: readonly Span[]): string[] {
    const text = printLine(spans, this.#place(false));
    // A number sign at the end would close the heading.
    return text === "" ? [] : [`${"#".repeat(level)} ${text.replace(/(^| )(#+)$/, "$1\\$2")}`];
  }

  #list(start: number | null, items: readonly Item[]): string[] {
    return items.flatMap(({ checked, children }, index) => {
      const marker = start === null ? "- " : `${start + index}. `;
      const box = checked === null ? "" : checked ? "[x] " : "[ ] ";
      return this.#item(children, marker, box);
    });
  }

  #item(children: readonly Block[], marker: string, box: string): string[] {
    const width = " ".repeat(marker.length);
    const indented: string[] = [];
    // Blocks that are printed together; a nested list has its own indentation.
    let from = 0;
    for (let at = 0; at <= children.length; at += 1) {
      const block = children[at];
      if (block && block.kind !== "list") continue;
      const text = this.lines(children.slice(from, at));
      if (text.length > 0 && indented.length > 0) indented.push("");
      indented.push(...text.map((line) => (line === "" ? "" : width + line)));
      const close = at === 0 || children[at - 1]?.kind === "paragraph";
      if (block) indented.push(...(close ? [] : [""]), ...this.#nested(children, at));
      from = at + 1;
    }
    const [first = "", ...rest] = indented;
    const head = first.slice(marker.length);
    return head === "" && rest.length === 0 ? [] : [(marker + box + head).trimEnd(), ...rest];
  }

  #nested(children: readonly Block[], at: number): string[] {
    const block = children[at];
    const lines = block ? this.#block(block).map((line) => (line === "" ? "" : `    ${line}`)) : [];
    return children[at - 1]?.kind === "list" ? [`    ${ZERO_WIDTH}`, "", ...lines] : lines;
  }

  #code({ language, text, lost }: Block & { kind: "code" }): string[] {
    const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map(({ length }) => length));
    const fence = "`".repeat(longest + 1);
    const lines = [fence + language, ...text.split("\n"), fence];
    return lost ? [...lines, "", ...this.#block(this.#printing.fullMessage)] : lines;
  }

  /** Mattermost does not render a table with a single row. */
  #table(rows: readonly (readonly Cell[])[]): string[] {
    const [only] = rows;
    if (only && rows.length === 1)
      return this.#paragraph(only.flatMap((cell, at) => (at > 0 ? [textSpan(" | "), ...cell] : cell)));
    const [head = [], ...body] = rows.map((row) =>
      row.map((cell) => printLine(cell, this.#place(false, true))),
    );
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...body.map(line)];
  }
}

/** A line with a link to the whole message. */
export const linkLine = (words: string, address: string): Block =>
  paragraph(textSpan(words, linkMark(address)));
