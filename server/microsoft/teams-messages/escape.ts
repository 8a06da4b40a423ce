/**
 * Escapes a stranger's text so that a post displays it literally: no mention, link, formatting or emoji. Golden
 * cases: testdata/teams-to-markdown.json; conventions at its top.
 */

/** Separates characters that would otherwise form a mention, an emoji or other syntax. It is invisible. */
export const ZERO_WIDTH = "\u200b";

/** A piece of a line. Text pieces have one character each; everything else is printed as it is. */
export interface Glyph {
  readonly text: boolean;
  readonly out: string;
  /** Pieces with the same marks follow each other without anything between them. */
  readonly key: string;
  readonly inLink: boolean;
}

export interface Place {
  /** True in a table cell, which a bar would end. */
  readonly cell: boolean;
  /** True at the start of a line, where a few more characters have a meaning. */
  readonly lineStart: boolean;
  /** True in the description of a picture, where an address is not a link. */
  readonly alt?: boolean;
  /** Whether this is the name of an emoji. */
  isEmoji(name: string): boolean;
}

/** An underscore is not among them: the server drops `.`, `-`, `_` and `:` in front of a mention. */
const WORD = /^[A-Za-z0-9]$/;
/** Characters that a backslash escapes in Mattermost. */
export const ESCAPABLE = "\\`*{}[]()#+-.!_>~|";

/**
 * Returns the texts of all pieces, escaped. `withBackslashes` doubles backslashes later, because it sees what
 * follows.
 */
export function escapeAll(glyphs: readonly Glyph[], place: Place): string[] {
  const outs = glyphs.map(({ out }) => out);
  const fixed = new Set<number>();
  for (const [start, end] of runs(glyphs)) {
    const text = outs.slice(start, end).join("");
    // A character outside the basic plane is one piece of two units, so positions in `text` are mapped back.
    const places = positions(outs, start, end);
    const kept =
      place.alt || glyphs[start]?.inLink ? new Map<number, number>() : addresses(text, start === 0);
    const open = end < glyphs.length ? lastWord(text) : text.length;
    const set = (at: number, out: string) => {
      const index = places.get(at);
      if (index !== undefined) outs[index] = out;
    };
    for (let at = 0; at < text.length; at += 1) {
      const address = kept.get(at);
      if (address !== undefined) {
        for (let inside = at; inside < address; inside += 1) fixed.add(places.get(inside) ?? -1);
        at = address - 1;
      } else {
        const isOpen = text[at] === "<" && at >= open;
        const out = isOpen ? `<${ZERO_WIDTH}` : escapeOne(text, at, glyphs[start]?.inLink ?? false, place);
        if (out !== null) set(at, out);
      }
    }
  }
  strikes(glyphs, outs);
  formulas(glyphs, outs, fixed);
  if (place.lineStart) lineStart(glyphs, outs);
  return outs;
}

/** Groups neighbouring texts with the same marks. */
function* runs(glyphs: readonly Glyph[]): Generator<[start: number, end: number]> {
  for (let start = 0; start < glyphs.length; ) {
    const first = glyphs[start];
    let end = start + 1;
    if (first?.text) while (glyphs[end]?.text && glyphs[end]?.key === first.key) end += 1;
    if (first?.text) yield [start, end];
    start = end;
  }
}

function positions(outs: readonly string[], start: number, end: number): Map<number, number> {
  const places = new Map<number, number>();
  let at = 0;
  for (let index = start; index < end; index += 1) {
    places.set(at, index);
    at += outs[index]?.length ?? 0;
  }
  return places;
}

function escapeOne(text: string, at: number, inLink: boolean, place: Place): string | null {
  const one = text[at] ?? "";
  const [before = "", after = ""] = [text[at - 1], text[at + 1]];
  switch (one) {
    case "*":
    case "`":
    case "[":
      return `\\${one}`;
    case "]":
      return inLink ? "\\]" : null;
    case "|":
      return place.cell ? "\\|" : null;
    case "_":
      return /[A-Za-z0-9]/.test(before) && /[A-Za-z0-9]/.test(after) ? null : "\\_";
    case "~":
      if (before === "~" || after === "~") return "\\~";
      return /[A-Za-z0-9]/.test(after) ? `~${ZERO_WIDTH}` : null;
    case "@":
      return /[\w.-]/.test(after) && !WORD.test(before) ? `@${ZERO_WIDTH}` : null;
    case "<":
      return isOddAutolink(text.slice(at, at + 300)) ? `<${ZERO_WIDTH}` : null;
    case "#":
      return /^\p{L}/u.test(text.slice(at + 1, at + 3)) ? `#${ZERO_WIDTH}` : null;
    case ":":
      return startsEmoji(text, at, place) ? `:${ZERO_WIDTH}` : null;
    case "&":
      return /^&(?:#\d{1,8}|#x[0-9a-f]{1,6}|\w{1,32});/i.test(text.slice(at, at + 40)) ? "&amp;" : null;
    default:
      return null;
  }
}

/**
 * `<javascript:…>` is a link in CommonMark. One with an allowed scheme shows where it leads. `<!--a@b.example>` is an
 * address there (6.5) and would lose its brackets: it matches local parts with signs that real addresses do not have.
 */
function isOddAutolink(text: string): boolean {
  if (/^<(?=[\w.-]*[!#$%&'*+/=?^`{|}~])[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9]/i.test(text)) return true;
  const scheme = /^<([a-z][a-z0-9+.-]{1,31}):[^\s<]/i.exec(text)?.[1];
  return scheme !== undefined && !/^(?:https?|mailto|tel)$/i.test(scheme);
}

/** Where the word at the end begins. After a `<` in it, a mark or a code span may be part of a mail address. */
function lastWord(text: string): number {
  let start = text.length;
  while (start > 0 && !/[\s>]/.test(text[start - 1] ?? "")) start -= 1;
  return start;
}

function startsEmoji(text: string, at: number, { isEmoji }: Place): boolean {
  const name = /^:([a-z0-9_+-]{1,64}):/i.exec(text.slice(at, at + 67))?.[1];
  return name !== undefined && isEmoji(name.toLowerCase());
}

const LABEL = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?";
/**
 * The server links an address only at the start of a line or after one of these characters, and only with a valid
 * host (autolink.go in its markdown package). Anywhere else the address is text, and an `@all` in it would notify.
 */
const ADDRESS = new RegExp(
  `(?<=^|[\\s(*_~])(?:(?:https?|ftp)://|www\\.)${LABEL}(?:\\.${LABEL}){0,12}(?::\\d{1,5})?` +
    '(?=[/?#\\s,;:!)\'"]|$)(?:[/?#][^\\s<>"`\\\\[\\]|]*)?',
  "giu",
);
const EMAIL =
  /(?<![\w.%+-])[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9])?@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){1,8}(?![\w-])/gi;

/** Maps start → end of each address that Mattermost turns into a link: a change inside would break it. */
function addresses(text: string, lineStart: boolean): Map<number, number> {
  const kept = new Map<number, number>();
  if (/:\/\/|www\./i.test(text)) {
    for (const match of text.matchAll(ADDRESS)) {
      if (match.index > 0 || lineStart) kept.set(match.index, match.index + withoutEnd(match[0]));
    }
  }
  if (!text.includes("@")) return kept;
  const inside = [...kept];
  for (const match of text.matchAll(EMAIL)) {
    const taken = inside.some(([start, end]) => match.index >= start && match.index < end);
    if (!taken) kept.set(match.index, match.index + match[0].length);
  }
  return kept;
}

/** Whether Mattermost makes a link of all of this text, at the start of a line or after a blank. */
export const isLinked = (text: string): boolean => addresses(text, true).get(0) === text.length;

/** Punctuation and brackets at the end belong to the sentence. */
function withoutEnd(address: string): number {
  let end = address.length;
  let open = 0;
  for (const one of address) open += one === "(" ? 1 : one === ")" ? -1 : 0;
  for (; end > 0; end -= 1) {
    const last = address[end - 1] ?? "";
    if (last === ")" && open < 0) open += 1;
    else if (!"?!.,:;*_~'&$@".includes(last)) break;
  }
  return end;
}

/** A tilde next to the marks of struck-through text would become one of them. */
function strikes(glyphs: readonly Glyph[], outs: string[]): void {
  const struck = (at: number) => glyphs[at]?.key.includes("strike") ?? false;
  for (const [at, { text, out }] of glyphs.entries()) {
    if (text && out === "~" && (struck(at) !== struck(at - 1) || struck(at) !== struck(at + 1)))
      outs[at] = "\\~";
  }
}

/** `$x$` is a formula where the server renders formulas, and a backslash does not escape `$`. */
function formulas(glyphs: readonly Glyph[], outs: string[], fixed: ReadonlySet<number>): void {
  const signs = glyphs.flatMap(({ text, out }, at) => (text && out === "$" ? [at] : []));
  for (const [index, at] of signs.entries()) {
    const next = signs[index + 1];
    if (next === undefined || next === at + 1 || fixed.has(at)) continue;
    if (glyphs[at + 1]?.out !== " " && glyphs[next - 1]?.out !== " ") outs[at] = "&#36;";
  }
}

/** Escapes what has a meaning at the start of a line: quotes, headings, lists, rules, underlined headings, tables. */
function lineStart(glyphs: readonly Glyph[], outs: string[]): void {
  const plain = glyphs.findIndex(({ text, key }) => !text || key !== "");
  const length = plain === -1 ? glyphs.length : plain;
  const whole = length === glyphs.length;
  const text = glyphs
    .slice(0, length)
    .map(({ out }) => out)
    .join("");
  const mark = (at: number) => {
    if (!outs[at]?.startsWith("\\")) outs[at] = `\\${glyphs[at]?.out ?? ""}`;
  };
  if (text.startsWith(">") || /^(?:#{1,6}|[-+])(?: |$)/.test(text)) mark(0);
  const number = /^(\d+)[.)](?: |$)/.exec(text);
  if (number?.[1]) mark(number[1].length);
  if (!whole) return;
  if (/^-[- ]*$/.test(text)) mark(0);
  else if (/^[-: ]+$/.test(text) && text.includes("-")) mark(text.indexOf("-"));
  else if (/^[-:| ]+$/.test(text) && text.includes("-")) mark(text.indexOf("|"));
  if (/^=[= ]*$/.test(text)) outs[0] = `${ZERO_WIDTH}=`;
}

/**
 * Doubles a backslash before a character that it would escape. Works from the end, because each one depends on the
 * next.
 */
export function withBackslashes(pieces: readonly string[]): string {
  const outs = [...pieces];
  let next = "";
  for (let at = outs.length - 1; at >= 0; at -= 1) {
    // Characters that we wrote as entities would not be entities after a backslash (CommonMark 6.1).
    if (outs[at] === "\\" && next !== "" && (ESCAPABLE.includes(next[0] ?? "") || /^&.+;/.test(next)))
      outs[at] = "\\\\";
    next = outs[at] || next;
  }
  return outs.join("");
}

/** A single backslash at the end would escape what follows, or be a hard break (CommonMark 6.7). */
export const withoutOpenEnd = (text: string) => (/(?<!\\)(?:\\\\)*\\$/.test(text) ? `${text}\\` : text);
