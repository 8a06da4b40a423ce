/** A post as one line of plain text, for a place that renders no Markdown. */

import { lazy } from "../../runtime/lazy.ts";
import { type Block, type Inline, parseMarkdown } from "./markdown.ts";

/** `@username` → the name people know; null leaves the word as it is. */
export type NameOf = (username: string) => string | null;

export function plainText(markdown: string, nameOf: NameOf = () => null): string {
  const parts = parseMarkdown(withoutLines(markdown)).map((block) => blockText(block, nameOf));
  return parts
    .filter((part) => part !== "")
    .join(" ")
    .replace(/\s+/g, " ")
    .replace(CONTROLS, "")
    .trim();
}

/** Lines that draw instead of saying: rules and the dashes below a table's head. */
function withoutLines(markdown: string): string {
  return markdown.replace(
    /^ {0,3}(?:([-*_])[ \t]*(?:\1[ \t]*){2,}|\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*:?-*:?[ \t]*)$/gm,
    "",
  );
}

/**
 * Directional overrides and embeddings can make a line read as something else, and would run on into the
 * text around it once the cut takes their end away. Joiners stay: they belong to emoji and to scripts.
 */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

function blockText(block: Block, nameOf: NameOf): string {
  switch (block.kind) {
    case "code":
      return block.text.trim() === "" ? "" : `\`${block.text.trim()}\``;
    case "paragraph":
      return paragraphText(block.inlines, nameOf);
    default:
      return block.children.map((child) => blockText(child, nameOf)).join(" ");
  }
}

/** Emphasis spans code and links, so its marks are taken away with those held back as placeholders. */
function paragraphText(inlines: readonly Inline[], nameOf: NameOf): string {
  const kept: string[] = [];
  const keep = (text: string) => `\ufff9${kept.push(text) - 1}\ufffb`;
  const flat = (list: readonly Inline[]): string => list.map(print).join("");
  const print = (inline: Inline): string => {
    switch (inline.kind) {
      case "text":
        return inline.literal ? keep(inline.text) : inline.text.replace(/[\ufff9\ufffb]/g, "");
      case "code":
        return keep(`\`${inline.text}\``);
      case "url":
        return keep(inline.text);
      case "emoji":
        return keep(emojiText(inline.name));
      case "break":
        return "\n";
      default:
        return flat(inline.children);
    }
  };
  return withNames(withoutMarks(flat(inlines)), nameOf).replace(
    /\ufff9(\d+)\ufffb/g,
    (_, index) => kept[Number(index)] ?? "",
  );
}

function withoutMarks(text: string): string {
  const lines = text.split("\n").map((line) =>
    line
      .replace(/^#{1,6}\s+/, "")
      .replace(/\s#+\s*$/, "")
      .replace(/^\|(.*)\|\s*$/, (_, cells: string) =>
        cells
          .split("|")
          .map((cell) => cell.trim())
          .join(" · "),
      )
      .replace(/^\[[ xX]\] /, (box) => (box === "[ ] " ? "☐ " : "☑ ")),
  );
  return lines
    .join("\n")
    .replace(/(\*{1,3})(?=\S)([^*]*?\S)\1/g, "$2")
    .replace(/(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([^_]*?\S|\S.*?\S)\1(?![\p{L}\p{N}_])/gu, "$2")
    .replace(/~~(?=\S)([^~]*[^\s~])~~/g, "$1");
}

function withNames(text: string, nameOf: NameOf): string {
  return text.replace(/(?<![\p{L}\p{N}@_.-])@([a-z0-9][a-z0-9._-]*)/giu, (word, name: string) => {
    const lower = name.toLowerCase();
    const whole = nameOf(lower);
    if (whole !== null) return whole;
    const end = /[._-]+$/.exec(name)?.[0] ?? "";
    const shorter = end === "" ? null : nameOf(lower.slice(0, -end.length));
    return shorter === null ? word : shorter + end;
  });
}

const TONES: Readonly<Record<string, string>> = {
  light: "\u{1f3fb}",
  medium_light: "\u{1f3fc}",
  medium: "\u{1f3fd}",
  medium_dark: "\u{1f3fe}",
  dark: "\u{1f3ff}",
};

/** Loaded with the first: 2,300 names would cost every start 1.5 ms. */
const emojiByName = lazy(() => (require("./emoji.gen.ts") as typeof import("./emoji.gen.ts")).emoji);

/** A custom emoji is a picture that only Mattermost has: its name stays. */
function emojiText(name: string): string {
  const emoji = emojiByName();
  if (Object.hasOwn(emoji, name)) return emoji[name] ?? "";
  const toned = /^(.+?)_((?:medium_)?(?:light|dark)|medium)_skin_tone$/.exec(name);
  const base = toned?.[1] && Object.hasOwn(emoji, toned[1]) ? emoji[toned[1]] : undefined;
  if (base === undefined) return `:${name}:`;
  const [first = "", ...rest] = [...base];
  return first + (TONES[toned?.[2] ?? ""] ?? "") + rest.filter((one) => one !== "\ufe0f").join("");
}

const graphemes = lazy(() => new Intl.Segmenter("und", { granularity: "grapheme" }));

/** At most `limit` UTF-16 units, cut between what people see as characters. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = 0;
  for (const { index, segment } of graphemes().segment(text.slice(0, limit + 64))) {
    if (index + segment.length > limit - 1) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end).trimEnd()}…`;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A right-to-left name inside a left-to-right sentence, isolated so that it does not turn the sentence around. */
export function isolated(name: string): string {
  const clean = name.replace(/\s+/g, " ").replace(CONTROLS, "").trim();
  return RIGHT_TO_LEFT.test(clean) ? `\u2068${clean}\u2069` : clean;
}
