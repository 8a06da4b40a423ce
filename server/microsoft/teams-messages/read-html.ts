/** Converts the HTML of a Teams message to a document (docs/facts/microsoft-chat.md 5.1). */

import { isClosedStore, webAddress } from "./addresses.ts";
import { type Around, BlockReader, MAX_TEXT } from "./block-reader.ts";
import { cleanCode, languageOf } from "./code.ts";
import { readList, readTable } from "./containers.ts";
import { type Block, type Leaf, linkMark, linkOf, quotedLine, type Style, textSpan } from "./document.ts";
import { attribute, hasAttribute, isElement, isUnseen, textOf } from "./elements.ts";
import type { Element, Node } from "./html.ts";
import { MARK_TITLE } from "./own-mark.ts";

/** Resolves what the body refers to. */
export interface References {
  /** Resolves a mention by its id: its text, and the person it names; null: unknown. */
  mention(id: string, text: string): { leaf: Leaf & { kind: "mention" }; of: string | null };
  /** Returns the text that replaces the attachment's marker. */
  attachment(id: string): readonly Block[];
  /** For a picture or clip. Returns true when it is copied as a file. */
  taken(address: string): boolean;
  /** For a message that is quoted in the old form. Returns true when it is known here; the quote is then left out. */
  quoted(messageId: string): boolean;
  readonly unsupportedImage: string;
}

export interface Body {
  readonly blocks: readonly Block[];
  /** True when it contains our own mark, so we sent it. */
  readonly ours: boolean;
}

/** Deeper quotes keep their text. */
const MAX_QUOTES = 10;

const STYLES: Readonly<Record<string, Style>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  s: "strike",
  strike: "strike",
  del: "strike",
};
const LINES = new Set([
  "p",
  "div",
  "section",
  "article",
  "header",
  "footer",
  "main",
  "nav",
  "aside",
  "address",
  "center",
  "dl",
  "dt",
  "dd",
  "figure",
  "figcaption",
  "details",
  "summary",
  "fieldset",
  "form",
  "caption",
  "legend",
  "hgroup",
  "tr",
  "readonly",
]);
const WORDS = new Set(["button", "option", "textarea", "select", "label", "td", "th", "optgroup"]);

export function readHtml(nodes: readonly Node[], references: References): Body {
  const reading = new Reading(references);
  const blocks = reading.blocksOf(nodes, { marks: [], quotes: 0 });
  return { blocks, ours: reading.ours };
}

class Reading {
  readonly references: References;
  ours = false;
  #length = 0;
  readonly #inlineCode: string[] = [];

  constructor(references: References) {
    this.references = references;
  }

  blocksOf(nodes: readonly Node[], around: Around): Block[] {
    const into = new BlockReader();
    this.#all(nodes, around, into);
    into.endLine();
    return into.blocks;
  }

  #all(nodes: readonly Node[], around: Around, into: BlockReader): void {
    for (const node of nodes) {
      if (isElement(node)) this.#element(node, around, into);
      else if ("value" in node) this.#text(node.value, around, into);
    }
  }

  #text(text: string, around: Around, into: BlockReader): void {
    if (text !== "") this.#add({ kind: "text", text }, around, into);
  }

  /** Text beyond what a post can hold is not read, but files are still found. */
  #add(leaf: Leaf, around: Around, into: BlockReader): void {
    if (!this.#room("text" in leaf ? leaf.text.length : 1)) return;
    into.add(leaf.kind === "text" ? { ...leaf, text: leaf.text.slice(0, MAX_TEXT + 1) } : leaf, around);
  }

  #room(length: number): boolean {
    if (this.#length > MAX_TEXT) return false;
    this.#length += length;
    return true;
  }

  #element(element: Element, around: Around, into: BlockReader): void {
    const { tagName: name, childNodes: inside } = element;
    if (isUnseen(element)) return;
    const style = STYLES[name];
    if (style) {
      const marks = around.marks.includes(style) ? around.marks : [...around.marks, style];
      this.#all(inside, { ...around, marks }, into);
    } else if (LINES.has(name)) this.#lines(element, around, into);
    else if (WORDS.has(name)) {
      this.#all(inside, around, into);
      this.#add({ kind: "text", text: " " }, around, into);
    } else if (!this.#container(element, around, into)) this.#inline(element, around, into);
  }

  /** Reads lists, tables, quotes, headings, code and rules. Returns false when it is none of them. */
  #container(element: Element, around: Around, into: BlockReader): boolean {
    const read = (nodes: readonly Node[]) => this.blocksOf(nodes, around);
    const { tagName: name } = element;
    if (name === "ul" || name === "ol" || name === "menu") into.push(...readList(element, read));
    else if (name === "li") into.stray({ checked: null, children: read(element.childNodes) });
    else if (name === "table") into.push(...readTable(element, read));
    else if (name === "blockquote") this.#quote(element, around, into);
    else if (/^h[1-6]$/.test(name)) this.#heading(element, around, into);
    else if (name === "pre" || name === "xmp" || name === "codeblock") this.#codeBlock(element, into);
    else if (name === "hr") into.push({ kind: "rule" });
    else return false;
    return true;
  }

  #inline(element: Element, around: Around, into: BlockReader): void {
    const { tagName: name, childNodes: inside } = element;
    const type = attribute(element, "itemtype");
    if (name === "br") this.#add({ kind: "break" }, around, into);
    else if (name === "a") this.#link(element, around, into);
    else if (name === "code") this.#code(element, around, into);
    else if (name === "at") this.#mention(attribute(element, "id"), element, around, into);
    else if (name === "span" && type.endsWith("/Mention")) {
      this.#mention(attribute(element, "itemid"), element, around, into);
    } else if (name === "video" || name === "audio") this.#clip(element, around, into);
    else {
      if (name === "attachment") this.#attachment(element, into);
      if (name === "emoji" || name === "customemoji" || name === "img") this.#picture(element, around, into);
      if (name === "abbr" && attribute(element, "title") === MARK_TITLE && around.quotes === 0)
        this.ours = true;
      // Teams writes some of these without an end tag, so the following text is inside them.
      this.#all(inside, around, into);
    }
  }

  #attachment(element: Element, into: BlockReader): void {
    const blocks = this.references.attachment(attribute(element, "id"));
    if (blocks.length > 0) into.push(...blocks);
    else into.found();
  }

  /** Adjacent paragraphs are lines. An empty paragraph is an empty line, but an empty wrapper adds none. */
  #lines(element: Element, around: Around, into: BlockReader): void {
    into.endLine();
    const before = into.parts;
    this.#all(element.childNodes, around, into);
    const empty = into.parts === before;
    into.endLine(empty && (element.tagName === "p" || textOf(element.childNodes).includes("\u00a0")));
  }

  #link(element: Element, around: Around, into: BlockReader): void {
    const address = linkOf(around.marks) === null ? webAddress(attribute(element, "href")) : null;
    if (address === null) {
      this.#all(element.childNodes, around, into);
      return;
    }
    const inside = { ...around, marks: [...around.marks, linkMark(address)] };
    const before = into.parts;
    this.#all(element.childNodes, inside, into);
    if (into.parts === before) this.#add({ kind: "text", text: address }, inside, into);
  }

  #code(element: Element, around: Around, into: BlockReader): void {
    const lines = this.#codeText(element).split("\n");
    lines.forEach((text, index) => {
      if (index > 0) this.#add({ kind: "break" }, around, into);
      if (text.trim() === "") return;
      this.#inlineCode.push(text.trim());
      this.#add({ kind: "code", text }, around, into);
    });
  }

  #codeText(element: Element): string {
    const left = Math.max(0, MAX_TEXT + 1 - this.#length);
    return cleanCode(textOf(element.childNodes, "\n").slice(0, left));
  }

  #codeBlock(element: Element, into: BlockReader): void {
    const text = this.#codeText(element).replace(/^\n+|\s+$/g, "");
    if (text === "") {
      into.found();
      return;
    }
    // Graph puts the text of inline code into the following code block, and loses the block's own text (5.1).
    const lost = element.tagName === "codeblock" && this.#inlineCode.includes(text.trim());
    if (this.#room(text.length))
      into.push({ kind: "code", language: languageOf(element), text, ...(lost ? { lost } : {}) });
  }

  #quote(element: Element, around: Around, into: BlockReader): void {
    const { childNodes } = element;
    const reply = attribute(element, "itemtype").endsWith("/Reply");
    if (reply && this.references.quoted(attribute(element, "itemid"))) {
      into.found();
      return;
    }
    const quotes = around.quotes + 1;
    if (quotes > MAX_QUOTES) {
      this.#lines(element, around, into);
      return;
    }
    const children = reply ? this.#oldReply(childNodes) : this.blocksOf(childNodes, { ...around, quotes });
    if (children.some((block) => block.kind !== "paragraph" || block.spans.length > 0))
      into.push({ kind: "quote", children });
  }

  /** Skype's form of a quoted message: name, time, preview. */
  #oldReply(nodes: readonly Node[]): Block[] {
    const parts = new Map(
      nodes.filter(isElement).map((one) => [attribute(one, "itemprop"), textOf(one.childNodes)]),
    );
    return [quotedLine(parts.get("mri") ?? "", parts.get("preview") ?? "")];
  }

  #heading(element: Element, around: Around, into: BlockReader): void {
    const marks = around.marks.filter((mark) => mark !== "bold");
    const blocks = this.blocksOf(element.childNodes, { ...around, marks });
    const others = blocks.filter(({ kind }) => kind !== "paragraph");
    const spans = blocks.flatMap((block, index) =>
      block.kind === "paragraph" ? [...(index > 0 ? [textSpan(" ")] : []), ...block.spans] : [],
    );
    const plain = spans.map((one) => ({
      ...one,
      leaf: one.leaf.kind === "break" ? ({ kind: "text", text: " " } as const) : one.leaf,
      marks: one.marks.filter((mark) => mark !== "bold"),
    }));
    if (plain.length > 0) into.push({ kind: "heading", level: Number(element.tagName[1]), spans: plain });
    into.push(...others);
  }

  #mention(id: string, element: Element, around: Around, into: BlockReader): void {
    const text = textOf(element.childNodes)
      .replace(/[\s\u00a0]+/g, " ")
      .trim();
    const { leaf, of } = this.references.mention(id, text);
    if (leaf.text.length > 1 && this.#room(leaf.text.length)) into.mention(leaf, of, around);
  }

  #picture(element: Element, around: Around, into: BlockReader): void {
    const alt = attribute(element, "alt");
    if (element.tagName === "customemoji") {
      const name = alt.replace(/^:|:$/g, "");
      const known = /^[a-z0-9_+-]{1,64}$/.test(name);
      this.#add(known ? { kind: "markdown", text: `:${name}:` } : { kind: "text", text: alt }, around, into);
    } else if (element.tagName === "emoji" || attribute(element, "itemtype").endsWith("/Emoji")) {
      this.#text(alt || attribute(element, "title"), around, into);
    } else this.#media(attribute(element, "src"), alt, around, into);
  }

  #clip(element: Element, around: Around, into: BlockReader): void {
    const source = element.childNodes.filter(isElement).find((one) => one.tagName === "source");
    const address = attribute(hasAttribute(element, "src") ? element : (source ?? element), "src");
    const link = this.references.taken(address) ? null : webAddress(address);
    if (link === null) into.found();
    else this.#add({ kind: "text", text: link }, { ...around, marks: [linkMark(link)] }, into);
  }

  #media(address: string, alt: string, around: Around, into: BlockReader): void {
    const url = this.references.taken(address) ? null : webAddress(address);
    if (isClosedStore(address) || /^\s*data:/i.test(address)) {
      this.#add(
        { kind: "text", text: ` ${this.references.unsupportedImage} ` },
        { ...around, marks: ["italic"] },
        into,
      );
    } else if (url) this.#add({ kind: "image", url, alt }, around, into);
    else into.found();
  }
}
