/** Parses Markdown to the tree of tree.ts. Any text has a tree, and the time is bounded (see grammar.ts). */

import { lazy } from "../../runtime/lazy.ts";
import type { Token } from "./grammar.ts";
import type { Block, Cell, Inline, ListItem } from "./tree.ts";

/** A post has at most 65,535 bytes on every database of Mattermost. A longer text is returned as it was typed. */
const MAX_LENGTH = 65_536;

const grammar = lazy(() => (require("./grammar.ts") as typeof import("./grammar.ts")).createGrammar());

export function parseMarkdown(markdown: string): readonly Block[] {
  if (markdown.length > MAX_LENGTH)
    return [{ kind: "paragraph", children: [{ kind: "text", text: markdown }] }];
  return blocksOf(new Tokens(grammar().parse(markdown, {})), "");
}

/** Reads markdown-it's flat list of tokens, in which `_open` and `_close` enclose their children. */
class Tokens {
  readonly #list: readonly Token[];
  #at = 0;

  constructor(list: readonly Token[]) {
    this.#list = list;
  }

  next(): Token | undefined {
    const token = this.#list[this.#at];
    this.#at += 1;
    return token;
  }
}

function blocksOf(tokens: Tokens, end: string): Block[] {
  const blocks: Block[] = [];
  for (let token = tokens.next(); token && token.type !== end; token = tokens.next()) {
    const block = blockOf(token, tokens);
    if (block) blocks.push(block);
  }
  return blocks;
}

function blockOf(token: Token, tokens: Tokens): Block | null {
  switch (token.type) {
    case "paragraph_open":
      return { kind: "paragraph", children: inlineUntil(tokens, "paragraph_close") };
    case "heading_open":
      return {
        kind: "heading",
        level: Number(token.tag.slice(1)),
        children: inlineUntil(tokens, "heading_close"),
      };
    case "blockquote_open":
      return { kind: "quote", children: blocksOf(tokens, "blockquote_close") };
    case "bullet_list_open":
      return { kind: "list", ordered: false, items: itemsOf(tokens, "bullet_list_close") };
    case "ordered_list_open":
      return { kind: "list", ordered: true, items: itemsOf(tokens, "ordered_list_close") };
    case "fence":
    case "code_block":
      return {
        kind: "code",
        language: token.info.trim().split(/\s+/, 1)[0] ?? "",
        text: token.content.replace(/\n$/, ""),
      };
    case "table_open":
      return tableOf(tokens);
    case "hr":
      return { kind: "rule" };
    default:
      return null;
  }
}

function itemsOf(tokens: Tokens, end: string): ListItem[] {
  const items: ListItem[] = [];
  for (let token = tokens.next(); token && token.type !== end; token = tokens.next()) {
    if (token.type !== "list_item_open") continue;
    items.push(withBox(token.info === "" ? null : token.info, blocksOf(tokens, "list_item_close")));
  }
  return items;
}

/** `[ ] ` or `[x] ` at the start of an item is a checkbox (GitHub Flavored Markdown 5.3). */
function withBox(number: string | null, children: readonly Block[]): ListItem {
  const [first, ...others] = children;
  const [start, ...rest] = first?.kind === "paragraph" ? first.children : [];
  const box = start?.kind === "text" ? /^\[([ xX])\]\s/.exec(start.text) : null;
  if (first?.kind !== "paragraph" || start?.kind !== "text" || !box)
    return { number, checked: null, children };
  const text: Inline = { kind: "text", text: start.text.slice(box[0].length) };
  return {
    number,
    checked: box[1] !== " ",
    children: [{ kind: "paragraph", children: [text, ...rest] }, ...others],
  };
}

function tableOf(tokens: Tokens): Block {
  const rows: Cell[][] = [];
  for (let token = tokens.next(); token && token.type !== "table_close"; token = tokens.next()) {
    if (token.type === "tr_open") rows.push([]);
    else if (token.type === "th_open" || token.type === "td_open") {
      rows.at(-1)?.push(inlineUntil(tokens, token.type.replace("open", "close")));
    }
  }
  const [head = [], ...body] = rows;
  return { kind: "table", head, rows: body };
}

function inlineUntil(tokens: Tokens, end: string): Inline[] {
  const inlines: Inline[] = [];
  for (let token = tokens.next(); token && token.type !== end; token = tokens.next()) {
    if (token.type === "inline") inlines.push(...inlinesOf(new Tokens(token.children ?? []), ""));
  }
  return inlines;
}

function inlinesOf(tokens: Tokens, end: string): Inline[] {
  const inlines: Inline[] = [];
  for (let token = tokens.next(); token && token.type !== end; token = tokens.next()) {
    const inline = inlineOf(token, tokens);
    const last = inlines.at(-1);
    if (inline?.kind === "text" && last?.kind === "text") {
      inlines[inlines.length - 1] = { kind: "text", text: last.text + inline.text };
    } else if (inline) inlines.push(inline);
  }
  return inlines;
}

function inlineOf(token: Token, tokens: Tokens): Inline | null {
  switch (token.type) {
    case "em_open":
      return { kind: "emphasis", mark: markOf(token), children: inlinesOf(tokens, "em_close") };
    case "strong_open":
      return { kind: "strong", mark: markOf(token), children: inlinesOf(tokens, "strong_close") };
    case "s_open":
      return { kind: "strike", children: inlinesOf(tokens, "s_close") };
    case "link_open": {
      const bare = token.markup === "linkify" || token.markup === "autolink";
      const url = String(token.attrGet("href") ?? "");
      return { kind: "link", url, bare, children: inlinesOf(tokens, "link_close") };
    }
    case "image": {
      const children = inlinesOf(new Tokens(token.children ?? []), "");
      return { kind: "image", url: String(token.attrGet("src") ?? ""), children };
    }
    case "code_inline":
      return { kind: "code", text: token.content };
    case "softbreak":
    case "hardbreak":
      return { kind: "break" };
    case "emoji":
      return { kind: "emoji", name: token.content };
    default:
      return token.content === "" ? null : { kind: "text", text: token.content };
  }
}

const markOf = (token: Token) => (token.markup.startsWith("_") ? "_" : "*");
