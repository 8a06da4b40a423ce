/**
 * Prints text of an event in a post. It comes from strangers: it must not mention, format, link or reorder a line.
 */

import { textSpan } from "../../../microsoft/teams-messages/document.ts";
import { printLine } from "../../../microsoft/teams-messages/print-line.ts";

/** In displayed characters. A subject of 10 KB is cut long before the server's limit for a post. */
const LONGEST_LINE = 200;

/** One line of Markdown that shows the text literally; "" for an empty one. */
export function plainText(text: string, longest = LONGEST_LINE): string {
  const characters = Array.from(
    text
      .slice(0, longest * 8)
      .replace(/\s+/gu, " ")
      .trim(),
  );
  const shown =
    characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : characters.join("");
  // A bar could end a table's cell, and any word between colons could be an emoji.
  return printLine([textSpan(shown)], { cell: true, lineStart: true, isEmoji: () => true });
}

/** A link whose address was validated; its brackets cannot be closed from inside. */
export function link(label: string, url: string): string {
  return `[${label}](${url.replace(/[()\s<>|]/g, (one) => encodeURIComponent(one).replace(/[()]/g, percent))})`;
}

function percent(one: string): string {
  return `%${one.charCodeAt(0).toString(16)}`;
}
