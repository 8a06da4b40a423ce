/**
 * Markdown as the Mattermost *server* reads it when it looks for mentions: blocks (paragraph, quote, list,
 * code) and inlines (text, code, link, image, bare link, emoji). Emphasis, headings and tables are plain text
 * to it, so they are to us; plain-text.ts takes their marks away.
 *
 * Followed: server/public/shared/markdown of server 11 (CommonMark without HTML, with GitHub's bare links).
 */

export type Inline =
  /** `literal`: escaped, so that `\*` is a star and no mark. */
  | { readonly kind: "text"; readonly text: string; readonly literal?: boolean }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "emoji"; readonly name: string }
  | { readonly kind: "url"; readonly text: string }
  | { readonly kind: "link" | "image"; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: "paragraph"; readonly inlines: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote" | "item"; readonly children: readonly Block[] };

/** A post is at most 16,383 characters by default; whatever is longer is not a post people read. */
const MAX_LENGTH = 65_536;
const MAX_DEPTH = 20;

export function parseMarkdown(markdown: string): readonly Block[] {
  if (markdown.length > MAX_LENGTH) return [];
  const references = new Set<string>();
  const paragraphs: { block: { kind: "paragraph"; inlines: readonly Inline[] }; text: string }[] = [];
  const blocks = parseBlocks(markdown.replace(/\r\n?/g, "\n").split("\n"), 0, (text) => {
    const rest = takeReferenceDefinitions(text, references);
    const block = { kind: "paragraph" as const, inlines: [] as readonly Inline[] };
    paragraphs.push({ block, text: rest });
    return block;
  });
  // A definition may stand below its use, hence inlines after all blocks.
  for (const { block, text } of paragraphs) block.inlines = parseInlines(text, references);
  return blocks;
}

const FENCE = /^( {0,3})(`{3,}|~{3,})(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-+*]|\d{1,9}[.)])( +|$)/;
const INDENTED = /^(?: {4}| {0,3}\t)/;

function parseBlocks(
  lines: readonly string[],
  depth: number,
  paragraph: (text: string) => Block,
): readonly Block[] {
  const blocks: Block[] = [];
  let open: string[] = [];
  const close = () => {
    if (open.length > 0) blocks.push(paragraph(open.join("\n")));
    open = [];
  };
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? "";
    const fence = fenceOf(line);
    if (line.trim() === "") {
      close();
      i += 1;
    } else if (fence) {
      close();
      const from = i + 1;
      i = from;
      while (i < lines.length && !closes(lines[i] ?? "", fence)) i += 1;
      blocks.push({ kind: "code", text: lines.slice(from, i).join("\n") });
      i += 1;
    } else if (open.length === 0 && INDENTED.test(line)) {
      const from = i;
      while (i < lines.length && ((lines[i] ?? "").trim() === "" || INDENTED.test(lines[i] ?? ""))) i += 1;
      const code = lines.slice(from, i).map((one) => one.replace(INDENTED, ""));
      blocks.push({ kind: "code", text: code.join("\n").trimEnd() });
    } else if (depth < MAX_DEPTH && QUOTE.test(line)) {
      close();
      const inner: string[] = [];
      while (i < lines.length) {
        const next = lines[i] ?? "";
        if (QUOTE.test(next)) inner.push(next.replace(QUOTE, ""));
        else if (continuesParagraph(inner, next)) inner.push(next);
        else break;
        i += 1;
      }
      blocks.push({ kind: "quote", children: parseBlocks(inner, depth + 1, paragraph) });
    } else if (depth < MAX_DEPTH && startsItem(line, open.length > 0)) {
      close();
      const marker = ITEM.exec(line);
      const gap = marker?.[3]?.length ?? 0;
      // More than four spaces after the marker are an indented code block inside the item (CommonMark 5.2).
      const width = (marker?.[0].length ?? 0) - (gap > 4 ? gap - 1 : 0) + (gap === 0 ? 1 : 0);
      const inner = [line.slice(width)];
      i += 1;
      while (i < lines.length) {
        const next = lines[i] ?? "";
        if (next.trim() === "") {
          const after = lines[i + 1] ?? "";
          if (after.trim() === "" || indentOf(after) < width) break;
          inner.push("");
        } else if (indentOf(next) >= width) inner.push(next.slice(width));
        else if (!startsItem(next, false) && continuesParagraph(inner, next)) inner.push(next);
        else break;
        i += 1;
      }
      blocks.push({ kind: "item", children: parseBlocks(inner, depth + 1, paragraph) });
    } else {
      open.push(line.trimStart());
      i += 1;
    }
  }
  close();
  return blocks;
}

interface Fence {
  readonly mark: string;
  readonly length: number;
}

function fenceOf(line: string): Fence | null {
  const match = FENCE.exec(line);
  const mark = match?.[2];
  if (!match || !mark) return null;
  // An info string after backticks cannot contain backticks: that would be a code span.
  if (mark.startsWith("`") && match[3]?.includes("`")) return null;
  return { mark: mark[0] ?? "`", length: mark.length };
}

function closes(line: string, fence: Fence): boolean {
  const text = line.trim();
  return indentOf(line) < 4 && text.length >= fence.length && text === fence.mark.repeat(text.length);
}

/** An ordered list interrupts a paragraph only when it starts at 1, an empty item never does. */
function startsItem(line: string, insideParagraph: boolean): boolean {
  const match = ITEM.exec(line);
  if (!match) return false;
  if (!insideParagraph) return true;
  const marker = match[2] ?? "";
  return line.trim() !== marker && (/^[-+*]$/.test(marker) || /^1[.)]$/.test(marker));
}

/** Lazy continuation (CommonMark 5.1): a plain line goes on with the paragraph above, without `>` or indent. */
function continuesParagraph(above: readonly string[], line: string): boolean {
  const last = above.at(-1);
  if (last === undefined || last.trim() === "" || line.trim() === "") return false;
  if (fenceOf(line) || QUOTE.test(line) || startsItem(line, true)) return false;
  let open: Fence | null = null;
  for (const one of above) {
    if (open) open = closes(one, open) ? null : open;
    else open = fenceOf(one);
  }
  return open === null && !fenceOf(last) && !INDENTED.test(last);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

const DEFINITION =
  /^ {0,3}\[((?:[^\]\\[]|\\.)+)\]:[ \t]*\n?[ \t]*(?:<[^<>\n]*>|\S+)(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^)]*\)))?[ \t]*(?:\n|$)/;

function takeReferenceDefinitions(text: string, references: Set<string>): string {
  let rest = text;
  for (;;) {
    const match = DEFINITION.exec(rest);
    if (!match?.[1]) return rest;
    references.add(labelOf(match[1]));
    rest = rest.slice(match[0].length);
  }
}

const labelOf = (label: string) => label.trim().replace(/\s+/g, " ").toLowerCase();

interface Delimiter {
  readonly image: boolean;
  /** Index of the opening bracket's text among the inlines. */
  readonly at: number;
  /** Where the label starts in the raw text. */
  readonly from: number;
  active: boolean;
}

const ESCAPABLE = /[!-/:-@[-`{-~]/;
const PLAIN = /[^\n\\`&![\]wW:]+/y;
const EMOJI = /:([a-z0-9_\-+]+):(?!\w)/y;
const ENTITY = /&(#[xX][0-9a-fA-F]{1,8}|#\d{1,8}|amp|lt|gt|quot|apos|nbsp);/y;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

function parseInlines(raw: string, references: ReadonlySet<string>): readonly Inline[] {
  const inlines: Inline[] = [];
  const delimiters: Delimiter[] = [];
  let at = 0;
  const text = (value: string) => inlines.push({ kind: "text", text: value });
  const sticky = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(raw);
  };

  while (at < raw.length) {
    const c = raw[at] ?? "";
    const plain = sticky(PLAIN);
    if (plain) {
      text(raw[at + plain[0].length] === "\n" ? plain[0].trimEnd() : plain[0]);
      at += plain[0].length;
    } else if (c === "\n") {
      inlines.push({ kind: "break" });
      at += 1;
    } else if (c === "\\") {
      const next = raw[at + 1] ?? "";
      const escaped = next !== "" && ESCAPABLE.test(next);
      if (escaped) inlines.push({ kind: "text", text: next, literal: true });
      else text("\\");
      at += escaped ? 2 : 1;
    } else if (c === "`") {
      const run = /`+/y;
      run.lastIndex = at;
      const ticks = run.exec(raw)?.[0] ?? "`";
      const end = closingTicks(raw, at + ticks.length, ticks.length);
      if (end === -1) text(ticks);
      else
        inlines.push({
          kind: "code",
          text: raw
            .slice(at + ticks.length, end)
            .trim()
            .replace(/\s+/g, " "),
        });
      at = end === -1 ? at + ticks.length : end + ticks.length;
    } else if (c === "&") {
      const entity = sticky(ENTITY);
      text(entity ? characterOf(entity[1] ?? "") : "&");
      at += entity ? entity[0].length : 1;
    } else if (c === "[" || (c === "!" && raw[at + 1] === "[")) {
      const length = c === "[" ? 1 : 2;
      delimiters.push({ image: c === "!", at: inlines.length, from: at + length, active: true });
      text(raw.slice(at, at + length));
      at += length;
    } else if (c === "]") {
      at = closeBracket(raw, at, inlines, delimiters, references);
    } else if (c === ":" || c === "w" || c === "W") {
      const link = delimiters.some((one) => one.active) ? null : bareLink(raw, at);
      const emoji = c === ":" && !/\w/.test(raw[at - 1] ?? " ") ? sticky(EMOJI) : null;
      if (link) {
        takeBack(inlines, at - link.from);
        inlines.push({ kind: "url", text: raw.slice(link.from, link.to) });
        at = link.to;
      } else if (emoji?.[1]) {
        inlines.push({ kind: "emoji", name: emoji[1] });
        at += emoji[0].length;
      } else {
        text(c);
        at += 1;
      }
    } else {
      text(c);
      at += 1;
    }
  }
  return merged(inlines);
}

function closingTicks(raw: string, from: number, length: number): number {
  const run = /`+/g;
  run.lastIndex = from;
  for (let match = run.exec(raw); match; match = run.exec(raw)) {
    if (match[0].length === length) return match.index;
  }
  return -1;
}

function characterOf(reference: string): string {
  if (!reference.startsWith("#")) return ENTITIES[reference] ?? "";
  const code = /^#[xX]/.test(reference)
    ? Number.parseInt(reference.slice(2), 16)
    : Number.parseInt(reference.slice(1), 10);
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : "\ufffd";
}

const TARGET =
  /\(\s*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)(?:\s+=\d*x?\d*)?(?:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?\s*\)/y;
const LABEL = /\[((?:[^\]\\[]|\\.)*)\]/y;

function closeBracket(
  raw: string,
  at: number,
  inlines: Inline[],
  delimiters: Delimiter[],
  references: ReadonlySet<string>,
): number {
  const opening = delimiters.pop();
  if (opening?.active) {
    TARGET.lastIndex = at + 1;
    LABEL.lastIndex = at + 1;
    const target = TARGET.exec(raw);
    const label = LABEL.exec(raw);
    const name = label?.[1] ? label[1] : raw.slice(opening.from, at);
    const end = target
      ? at + 1 + target[0].length
      : references.has(labelOf(name))
        ? at + 1 + (label?.[0].length ?? 0)
        : -1;
    if (end !== -1) {
      const children = merged(inlines.splice(opening.at).slice(1));
      inlines.push({ kind: opening.image ? "image" : "link", children });
      // No links inside links (CommonMark 6.3).
      if (!opening.image) for (const outer of delimiters) if (!outer.image) outer.active = false;
      return end;
    }
  }
  inlines.push({ kind: "text", text: "]" });
  return at + 1;
}

const SCHEME = /(?:https?|ftp|mailto|tel)$/i;
const WWW = /www\d{0,3}\./y;

/** A link without brackets: `scheme://…` seen at its colon, or `www.…` seen at its w. */
function bareLink(raw: string, at: number): { from: number; to: number } | null {
  let from = at;
  let host = at;
  if (raw[at] === ":") {
    if (raw[at + 1] !== "/" || raw[at + 2] !== "/") return null;
    const scheme = SCHEME.exec(raw.slice(Math.max(0, at - 6), at));
    if (!scheme) return null;
    from = at - scheme[0].length;
    if (/[a-z0-9]/i.test(raw[from - 1] ?? "")) return null;
    host = at + 3;
    if (!/[^\s\p{P}]/u.test(raw.slice(host, host + 2))) return null;
  } else {
    if (at > 1 && !/[\s*_~)<(>]/.test(raw[at - 1] ?? " ")) return null;
    WWW.lastIndex = at;
    if (!WWW.test(raw)) return null;
  }
  const domain = /^[^\s/?#]*/.exec(raw.slice(host, host + 260))?.[0] ?? "";
  if (domain.includes("_")) return null;
  const end = /\s/.exec(raw.slice(at));
  const to = trimLink(raw, from, end ? at + end.index : raw.length);
  return to > at ? { from, to } : null;
}

/** Punctuation and an unmatched bracket at the end belong to the sentence, not to the link. */
function trimLink(raw: string, from: number, end: number): number {
  let link = raw.slice(from, end).split(/[<>]/, 1)[0] ?? "";
  for (;;) {
    const next = link
      .replace(/[?!.,:*_~'"]+$/, "")
      .replace(/&[a-z]+;$/i, "")
      .replace(/;$/, "");
    const unmatched = next.endsWith(")") && count(next, ")") > count(next, "(");
    const trimmed = unmatched ? next.slice(0, -1) : next;
    if (trimmed === link) return from + link.length;
    link = trimmed;
  }
}

const count = (text: string, character: string) => text.split(character).length - 1;

/** The scheme of a bare link was read as text before its colon came in sight. */
function takeBack(inlines: Inline[], length: number): void {
  let left = length;
  while (left > 0) {
    const last = inlines.pop();
    if (last?.kind !== "text") return;
    if (last.text.length > left) inlines.push({ kind: "text", text: last.text.slice(0, -left) });
    left -= last.text.length;
  }
}

function merged(inlines: readonly Inline[]): readonly Inline[] {
  const result: Inline[] = [];
  for (const inline of inlines) {
    const last = result.at(-1);
    if (inline.kind === "text" && last?.kind === "text" && !inline.literal && !last.literal) {
      result[result.length - 1] = { kind: "text", text: last.text + inline.text };
    } else result.push(inline);
  }
  return result;
}
