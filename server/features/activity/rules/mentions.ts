/**
 * Finds the people whom a text mentions, by the rules of the Mattermost server
 * (channels/app/mention_parser_standard.go and mention_keywords.go, as of server 11). Code, addresses of links and
 * emoji are ignored, punctuation around a name does not matter, and a longer name wins over a shorter one inside it.
 */

import { type Block, type Inline, parseMarkdown } from "../../../platform/markdown/index.ts";

/** Ordered as on the server: when a person is mentioned in several ways, the highest wins. */
export const mentionRank = {
  group_message: 1,
  thread: 2,
  comment: 3,
  channel: 4,
  direct_message: 5,
  keyword: 6,
  name: 7,
  group: 8,
} as const;
export type MentionKind = keyof typeof mentionRank;

/** The mention words of one channel's people. Keys are in lower case, except first names. */
export interface Keywords {
  /** `word` as written; the implementation looks for its lower case first, then for the exact form. */
  people(word: string): readonly { readonly userId: string; readonly kind: "name" | "keyword" }[];
  /** Keywords with non-ASCII letters, which may be inside longer words in languages without spaces. */
  wide(): Iterable<readonly [keyword: string, userIds: Iterable<string>]>;
  /** `@name` of a group that may be mentioned here. */
  group(word: string): string | null;
}

export interface Mentions {
  readonly people: ReadonlyMap<string, MentionKind>;
  readonly groups: ReadonlySet<string>;
  readonly here: boolean;
  /** @channel or @all. */
  readonly everyone: boolean;
}

const WHOLE_CHANNEL = new Set(["@here", "@channel", "@all"]);
const SEPARATORS = /[^:.\-_@\p{L}\p{N}]+/u;

/**
 * The parts of a post that are searched for mentions: its message, and of attachments the pretext, text and field
 * values.
 */
export interface MentionTexts {
  readonly message: string;
  readonly attachments: readonly string[];
}

export function findMentions(texts: MentionTexts, keywords: Keywords): Mentions {
  const people = new Map<string, MentionKind>();
  const groups = new Set<string>();
  let here = false;
  let everyone = false;

  const add = (userId: string, kind: MentionKind) => {
    const before = people.get(userId);
    if (!before || mentionRank[before] < mentionRank[kind]) people.set(userId, kind);
  };

  /** Returns true when the word mentions somebody; the caller then stops looking inside it. */
  const check = (word: string): boolean => {
    const lower = word.toLowerCase();
    const whole = WHOLE_CHANNEL.has(lower);
    if (lower === "@here") here = true;
    else if (whole) everyone = true;
    const group = word.startsWith("@") ? keywords.group(lower) : null;
    if (group !== null) groups.add(group);
    const found = keywords.people(word);
    for (const one of found) add(one.userId, whole ? "channel" : one.kind);
    return found.length > 0 || group !== null || whole;
  };

  for (const run of textRuns(texts)) {
    for (const piece of run.split(SEPARATORS)) {
      if (piece === "" || (piece.startsWith(":") && piece.endsWith(":"))) continue;
      const word = piece.replace(/^[:.\-_]+/, "");
      if (word === "" || check(word)) continue;
      let shorter = word;
      let found = false;
      while (!found && /[.\-:_]$/.test(shorter)) {
        shorter = shorter.slice(0, -1);
        found = shorter !== "" && check(shorter);
      }
      if (found) continue;
      // `@alice.bob` is one name that nobody has; `alice.bob` may be the end of one sentence and the start of
      // another.
      if (!word.startsWith("@") && /[.\-:]/.test(word)) {
        for (const part of word.split(/[.\-:]+/)) if (part !== "") check(part);
      }
      if (/\P{ASCII}/u.test(word)) {
        for (const [keyword, userIds] of keywords.wide()) {
          if (word.includes(keyword)) for (const userId of userIds) add(userId, "keyword");
        }
      }
    }
  }
  return { people, groups, here, everyone };
}

/** Yields runs of text without a separator: code, the edge of a link, or the end of a line. */
function* textRuns(texts: MentionTexts): Generator<string> {
  for (const text of [texts.message, ...texts.attachments]) {
    for (const block of parseMarkdown(text)) yield* blockRuns(block);
  }
}

function* blockRuns(block: Block): Generator<string> {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      yield* inlineRuns(block.children);
      return;
    case "quote":
      for (const child of block.children) yield* blockRuns(child);
      return;
    case "list":
      for (const item of block.items) for (const child of item.children) yield* blockRuns(child);
      return;
    case "table":
      for (const cell of [block.head, ...block.rows].flat()) yield* inlineRuns(cell);
      return;
    case "code":
    case "rule":
      return;
  }
}

/** The server's parser has no emphasis: marks are characters of the text, and `_` is even part of a word. */
function* inlineRuns(inlines: readonly Inline[]): Generator<string> {
  let run = "";
  for (const inline of unmarked(inlines)) {
    if (inline.kind === "text") run += inline.text;
    else if (isMail(inline))
      run += inline.children.map((child) => (child.kind === "text" ? child.text : "")).join("");
    else {
      yield run;
      run = "";
      if (inline.kind === "image" || (inline.kind === "link" && !inline.bare))
        yield* inlineRuns(inline.children);
    }
  }
  yield run;
}

/** The server does not link e-mail addresses. */
const isMail = (inline: Inline): inline is Inline & { kind: "link" } =>
  inline.kind === "link" && inline.bare && inline.url.startsWith("mailto:");

function* unmarked(inlines: readonly Inline[]): Generator<Inline> {
  for (const inline of inlines) {
    if (inline.kind !== "emphasis" && inline.kind !== "strong" && inline.kind !== "strike") {
      yield inline;
      continue;
    }
    const mark = inline.kind === "strike" ? "~" : inline.mark;
    yield { kind: "text", text: mark };
    yield* unmarked(inline.children);
    yield { kind: "text", text: mark };
  }
}
