/** Prints one line of a post: escapes texts, adds marks, and separates mentions from adjacent text. */

import { isSecure, webAddress } from "./addresses.ts";
import { type Leaf, linkOf, type Mark, type Span } from "./document.ts";
import {
  escapeAll,
  type Glyph,
  isLinked,
  type Place,
  withBackslashes,
  withoutOpenEnd,
  ZERO_WIDTH,
} from "./escape.ts";

interface Piece {
  readonly kind: "text" | "raw" | "blank";
  readonly out: string;
  marks: readonly Mark[];
  /** The edge of a name; adjacent text must be separated from it. */
  readonly starts?: boolean;
  readonly ends?: boolean;
}

const LETTER = /^[\p{L}\p{N}_]$/u;
/**
 * Characters that are removed: controls, direction marks (they can fake a name or an address), and our own zero-width
 * space, which could hide a name from our checks.
 */
const UNSHOWN = /(?!\s)[\p{Cc}\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]|\ufeff/gu;

export function shown(text: string): string {
  return text.toWellFormed().replace(UNSHOWN, "");
}

export function printLine(spans: readonly Span[], place: Place): string {
  const pieces = linked(trimmed(apart(spans.flatMap((one) => piecesOf(one, place)))));
  const glyphs: Glyph[] = pieces.map(({ kind, out, marks }) => ({
    text: kind !== "raw",
    out,
    key: marks.join("\n"),
    inLink: linkOf(marks) !== null,
  }));
  const outs = escapeAll(glyphs, place);
  return withBackslashes(withMarks(pieces, outs, place));
}

function piecesOf({ leaf, marks }: Span, place: Place): Piece[] {
  switch (leaf.kind) {
    case "text":
      return textPieces(leaf.text, marks);
    case "code":
      if (place.cell && leaf.text.includes("|")) return textPieces(leaf.text, marks);
      return [{ kind: "raw", out: codeOf(leaf.text), marks }];
    case "mention": {
      if (leaf.live && linkOf(marks) === null) {
        return [{ kind: "raw", out: leaf.text, marks, starts: true, ends: true }];
      }
      const pieces = textPieces(leaf.text, marks);
      return pieces.map((one, at) => ({ ...one, starts: at === 0, ends: at === pieces.length - 1 }));
    }
    case "markdown":
      return [{ kind: "raw", out: leaf.text, marks }];
    case "image":
      return imagePieces(leaf, marks, place);
    case "break":
      return textPieces(" ", marks);
  }
}

function textPieces(text: string, marks: readonly Mark[]): Piece[] {
  return Array.from(shown(text), (one) =>
    /^\s$/u.test(one) ? { kind: "blank", out: " ", marks } : { kind: "text", out: one, marks },
  );
}

/** The fence is longer than any inside; spaces separate it from one at the edge (CommonMark 6.1). */
function codeOf(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  const blank = /^`|`$|^ .*\S.* $/s.test(text) ? " " : "";
  return `${fence}${blank}${text}${blank}${fence}`;
}

/** A picture over an unencrypted connection becomes a link. */
function imagePieces(leaf: Leaf & { kind: "image" }, marks: readonly Mark[], place: Place): Piece[] {
  const alt = shown(leaf.alt).replace(/\s+/g, " ").trim().replaceAll("[", "(").replaceAll("]", ")");
  if (isSecure(leaf.url)) {
    const text = printLine([{ leaf: { kind: "text", text: alt }, marks: [] }], {
      ...place,
      lineStart: false,
      alt: true,
    });
    return [{ kind: "raw", out: `![${withoutOpenEnd(text)}](${target(leaf.url, place)})`, marks }];
  }
  if (linkOf(marks) !== null) return textPieces(alt, marks);
  return textPieces(alt === "" ? leaf.url : alt, [...marks, `link ${leaf.url}`]);
}

const target = (address: string, { cell }: Place) => (cell ? address.replaceAll("|", "%7C") : address);

/** Puts a space between a name and adjacent text, which would otherwise become part of the name. */
function apart(pieces: readonly Piece[]): Piece[] {
  const made: Piece[] = [];
  const blank = (marks: readonly Mark[]) => made.push({ kind: "blank", out: " ", marks });
  for (const [at, piece] of pieces.entries()) {
    const last = pieces[at - 1];
    if (piece.starts && last && (last.ends || (last.kind === "text" && LETTER.test(last.out)))) blank([]);
    if (piece.kind === "raw" && piece.out.startsWith("`")) {
      // Adjacent code spans would merge into one with a fence inside.
      if (last?.kind === "raw" && last.out.endsWith("`"))
        made.push({ kind: "raw", out: ZERO_WIDTH, marks: [] });
      // An address goes on to the next blank: it would take the code in.
      else if (endsInAddress(pieces, at)) blank([]);
    }
    made.push(piece);
    if (!piece.ends) continue;
    let next = at + 1;
    while (next < at + 66 && pieces[next]?.kind === "text" && /^[._-]$/.test(pieces[next]?.out ?? ""))
      next += 1;
    if (pieces[next]?.kind === "text" && LETTER.test(pieces[next]?.out ?? "")) blank([]);
  }
  return made;
}

function endsInAddress(pieces: readonly Piece[], end: number): boolean {
  let start = end;
  while (start > 0 && pieces[start - 1]?.kind === "text") start -= 1;
  if (linkOf(pieces[end - 1]?.marks ?? []) !== null) return false;
  const word = pieces.slice(start, end).map(({ out }) => out);
  return /(?:https?|ftp):\/\/|www\./i.test(word.join(""));
}

/** Leaves one space between words, none at the edges of the line, none at the edges inside a mark. */
function trimmed(pieces: readonly Piece[]): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (piece.kind === "blank" && (kept.length === 0 || kept.at(-1)?.kind === "blank")) {
      const last = kept.at(-1);
      // Two spaces become one, with the marks that both had.
      if (last) last.marks = last.marks.filter((mark) => piece.marks.includes(mark));
    } else kept.push({ ...piece });
  }
  if (kept.at(-1)?.kind === "blank") kept.pop();
  const outside = (order: Iterable<Piece>) => {
    let before: readonly Mark[] = [];
    for (const piece of order) {
      if (piece.kind === "blank") piece.marks = piece.marks.filter((mark) => before.includes(mark));
      before = piece.marks;
    }
  };
  outside(kept);
  outside(kept.toReversed());
  return kept;
}

/** Prints a link whose text is its own address as the bare address. */
function linked(pieces: readonly Piece[]): Piece[] {
  const made: Piece[] = [];
  for (let start = 0; start < pieces.length; ) {
    const first = pieces[start];
    const address = first ? linkOf(first.marks) : null;
    let end = start + 1;
    while (address !== null && end < pieces.length && linkOf(pieces[end]?.marks ?? []) === address) end += 1;
    const text = pieces.slice(start, end);
    const bare = address !== null && mayBeBare(pieces, start, end) ? bareAddress(text, address) : null;
    if (first && bare !== null) {
      const marks = first.marks.filter((mark) => !mark.startsWith("link "));
      made.push({ kind: "raw", out: bare, marks });
    } else for (const one of text) made.push(one);
    start = end;
  }
  return made;
}

/**
 * Only an address that Mattermost itself makes a link of is printed bare. Anything else would be read as text there,
 * and an `@all` in it would notify: `mailto:@all` is a valid address, and `x` before `https://` makes it a word.
 */
function bareAddress(pieces: readonly Piece[], address: string): string | null {
  if (pieces.some(({ kind }) => kind !== "text")) return null;
  const text = pieces.map(({ out }) => out).join("");
  if (/[[\]`|\\]/.test(text) || /[?!.,:;*_~]$/.test(text)) return null;
  const slash = webAddress(`${text}/`) === address ? `${text}/` : null;
  const bare = webAddress(text) === address || `mailto:${text}` === address ? text : slash;
  return bare !== null && isLinked(bare) ? bare : null;
}

/** Whether what is around the pieces lets an address begin and end there. */
function mayBeBare(pieces: readonly Piece[], start: number, end: number): boolean {
  const [before, first, next] = [pieces[start - 1], pieces[start], pieces[end]];
  // A letter or a code span right after it would be read as part of the address.
  if (next?.kind === "text" ? LETTER.test(next.out) : next?.out.startsWith("`")) return false;
  if (!before || before.kind === "blank") return true;
  if (before.kind === "text" && before.out === "(") return true;
  // The sign of a mark is printed between them.
  const others = ({ marks }: Piece) => marks.filter((mark) => !mark.startsWith("link ")).join("\n");
  return first !== undefined && others(before) !== others(first);
}

const FENCES = { bold: "**", strike: "~~" } as const;

/** Opens the mark that ends last first, so that marks nest. */
function withMarks(pieces: readonly Piece[], outs: readonly string[], place: Place): string[] {
  const ends = extents(pieces);
  const made: string[] = [];
  const open: { mark: Mark; fence: string }[] = [];
  const close = () => made.push(open.pop()?.fence ?? "");
  for (let at = 0; at <= pieces.length; at += 1) {
    const marks = pieces[at]?.marks ?? [];
    const stays = open.findIndex(({ mark }) => !marks.includes(mark));
    const before = made.length;
    if (stays !== -1) while (open.length > stays) close();
    for (const mark of ordered(marks, ends[at])) {
      // A mark that was closed for another one opens again at the next word, not at the space before it.
      if (pieces[at]?.kind === "blank" || open.some((one) => one.mark === mark)) continue;
      if (mark.startsWith("link ")) {
        // An exclamation mark before a link would turn it into a picture.
        if (made.at(-1) === "!") made[made.length - 1] = "\\!";
        made.push("[");
        open.push({ mark, fence: `](${target(mark.slice("link ".length), place)})` });
        continue;
      }
      const end = ends[at]?.get(mark) ?? at + 1;
      const touches =
        (made.length === before && /[\p{L}\p{N}]$/u.test(pieces[at - 1]?.out ?? "")) ||
        touchesAfter(pieces, ends[at], marks, end);
      const fence = mark === "italic" ? (touches ? "*" : "_") : FENCES[mark as "bold" | "strike"];
      made.push(fence);
      open.push({ mark, fence });
    }
    if (at < pieces.length) made.push(outs[at] ?? "");
  }
  return made;
}

/** Whether a letter follows where the mark ends, without another mark that begins or ends there. */
function touchesAfter(
  pieces: readonly Piece[],
  ends: ReadonlyMap<Mark, number> | undefined,
  marks: readonly Mark[],
  end: number,
): boolean {
  const next = pieces[end];
  if (!next || !/^[\p{L}\p{N}]/u.test(next.out)) return false;
  const others = marks.filter((mark) => mark !== "italic");
  const closing = others.some((mark) => ends?.get(mark) === end);
  return !closing && next.marks.every((mark) => marks.includes(mark));
}

/** For each piece and mark: where the mark ends. */
function extents(pieces: readonly Piece[]): ReadonlyMap<Mark, number>[] {
  const all: ReadonlyMap<Mark, number>[] = [];
  let next: ReadonlyMap<Mark, number> = new Map();
  for (let at = pieces.length - 1; at >= 0; at -= 1) {
    const here = new Map<Mark, number>();
    for (const mark of pieces[at]?.marks ?? []) here.set(mark, next.get(mark) ?? at + 1);
    all[at] = here;
    next = here;
  }
  return all;
}

function ordered(marks: readonly Mark[], ends: ReadonlyMap<Mark, number> | undefined): readonly Mark[] {
  if (marks.length < 2) return marks;
  const list = [...marks];
  const [bold, italic] = [list.indexOf("bold"), list.indexOf("italic")];
  if (italic !== -1 && italic < bold) {
    list[italic] = "bold";
    list[bold] = "italic";
  }
  return list.sort((a, b) => (ends?.get(b) ?? 0) - (ends?.get(a) ?? 0));
}
