/** The document model between a Teams message's HTML and our Markdown. */

export type Style = "bold" | "italic" | "strike";
/** A mark around text. The address of a link has passed `webAddress`. */
export type Mark = Style | `link ${string}`;

export const linkMark = (address: string): Mark => `link ${address}`;
export const linkOf = (marks: readonly Mark[]): string | null =>
  marks.find((mark) => mark.startsWith("link "))?.slice("link ".length) ?? null;

export type Leaf =
  | { readonly kind: "text" | "code"; readonly text: string }
  /** A name from a Teams mention. `live`: it may notify in Mattermost; `text` is then `@username` or `@channel`. */
  | { readonly kind: "mention"; readonly text: string; readonly live: boolean }
  /** Markdown that is printed as it is. Built only from checked parts, never from a stranger's text. */
  | { readonly kind: "markdown"; readonly text: string }
  | { readonly kind: "image"; readonly url: string; readonly alt: string }
  | { readonly kind: "break" };

/** A leaf and the marks around it, the outermost first. */
export interface Span {
  readonly leaf: Leaf;
  readonly marks: readonly Mark[];
}

export interface Item {
  /** A checkbox before the text: checked or not; null: none. */
  readonly checked: boolean | null;
  readonly children: readonly Block[];
}

export type Block =
  /** Without spans it is an empty line. */
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "heading"; readonly level: number; readonly spans: readonly Span[] }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  /** `start`: number of the first item; null for bullets. */
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly Item[] }
  /** `lost`: Graph replaced its text by another one. */
  | { readonly kind: "code"; readonly language: string; readonly text: string; readonly lost?: boolean }
  | { readonly kind: "table"; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: "rule" }
  /** Blocks with an empty line around them. */
  | { readonly kind: "card"; readonly children: readonly Block[] };

export type Cell = readonly Span[];

export const span = (leaf: Leaf, marks: readonly Mark[] = []): Span => ({ leaf, marks });

export const textSpan = (text: string, ...marks: readonly Mark[]): Span =>
  span({ kind: "text", text }, marks);

export const paragraph = (...spans: readonly Span[]): Block => ({ kind: "paragraph", spans });

/** One line in italics, for our own remarks. */
export const note = (text: string): Block => ({
  kind: "card",
  children: [paragraph(textSpan(text, "italic"))],
});

/** Joins blocks into one line with spaces between words, for a table cell or a one-line item. */
export function inOneLine(blocks: readonly Block[]): Span[] {
  const lines = blocks.map(spansOf).filter((spans) => spans.length > 0);
  return lines.flatMap((spans, index) => (index === 0 ? spans : [textSpan(" "), ...spans]));
}

function spansOf(block: Block): readonly Span[] {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return block.spans.map((one) => (one.leaf.kind === "break" ? textSpan(" ") : one));
    case "quote":
    case "card":
      return inOneLine(block.children);
    case "list":
      return inOneLine(block.items.flatMap(({ children }) => children));
    case "code":
      return [span({ kind: "code", text: block.text.replaceAll("\n", " ") })];
    case "table":
      return inOneLine(block.rows.flat().map((spans) => ({ kind: "paragraph", spans })));
    case "rule":
      return [];
  }
}

/** `> **Name**: the quoted text` */
export function quotedLine(name: string, text: string): Block {
  if (name === "") return paragraph(textSpan(text));
  return paragraph(textSpan(name, "bold"), span({ kind: "text", text: text === "" ? "" : `: ${text}` }));
}
