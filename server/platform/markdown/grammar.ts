/**
 * The grammar: markdown-it, configured to read what people type in Mattermost. It is loaded with the first text, not
 * at the start.
 *
 * Mattermost differs from CommonMark: typed HTML is text, a single newline is a new line, `www.` and addresses with a
 * scheme are links, `:name:` is an emoji, an image may have a size (`=100x50`).
 *
 * markdown-it scans the text without backtracking regular expressions. Three inputs still make it slow or make it
 * recurse too deeply; each has a limit here: long link texts, nested containers, nested images.
 */

import Parser, { type MarkdownIt, type StateInline, type Token } from "markdown-it";

/** Nesting limit of quotes and lists; no real text is deeper. Beyond it, their marks are text. */
const MAX_CONTAINERS = 100;
/** An image's description is Markdown too, and may contain images. */
const MAX_IMAGES_IN_IMAGES = 4;
/** How far to search for the bracket that closes a link's text. CommonMark 4.7 limits labels the same way. */
const MAX_LINK_TEXT = 999;
/**
 * markdown-it drops everything nested deeper than this. It must be out of reach of MAX_CONTAINERS (two levels each).
 */
const NESTING = 10_000;

export function createGrammar(): MarkdownIt {
  const md = new Parser({ html: false, linkify: true, breaks: true, maxNesting: NESTING });
  // The tree contains every address; each consumer decides which schemes it allows.
  md.validateLink = () => true;
  limitContainers(md);
  limitReferences(md);
  loosenMarks(md);
  keepAllCells(md);
  limitImages(md);
  limitLinkText(md);
  findBareLinks(md);
  md.inline.ruler.before("link", "image_size", imageSize(md));
  md.inline.ruler.before("linkify", "emoji", emoji);
  return md;
}

/** Finds a rule of markdown-it by its name; the ruler itself only returns lists. */
function blockRule(name: string) {
  const { ruler } = new Parser().block;
  ruler.enableOnly(name);
  const [rule] = ruler.getRules("");
  if (!rule) throw new Error(`markdown-it has no rule ${name}`);
  return rule;
}

function limitContainers(md: MarkdownIt): void {
  const interrupts: Readonly<Record<string, string[]>> = {
    blockquote: ["paragraph", "reference", "blockquote", "list"],
    list: ["paragraph", "reference", "blockquote"],
  };
  for (const [name, alt] of Object.entries(interrupts)) {
    const rule = blockRule(name);
    md.block.ruler.at(name, (state, ...rest) => state.level < 2 * MAX_CONTAINERS && rule(state, ...rest), {
      alt,
    });
  }
}

/** `[TODO]: fix` is text in Mattermost: a reference needs an address that has a scheme or begins with / or #. */
function limitReferences(md: MarkdownIt): void {
  const rule = blockRule("reference");
  md.block.ruler.at("reference", (state, line, ...rest) => {
    const start = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
    const text = state.src.slice(start, (state.eMarks[line] ?? start) + MAX_LINK_TEXT);
    return /^\[[^\]]+\]:\s*<?(?:\w+:|[/#])/.test(text) && rule(state, line, ...rest);
  });
}

/** GitHub drops cells of a row beyond those of the header; Mattermost shows them. */
function keepAllCells(md: MarkdownIt): void {
  const rule = blockRule("table");
  const keeping: typeof rule = (state, startLine, endLine, silent) => {
    const from = state.tokens.length;
    if (!rule(state, startLine, endLine, silent)) return false;
    if (silent) return true;
    const columns = state.tokens.slice(from).filter(({ type }) => type === "th_open").length;
    let line = startLine + 1;
    const tokens = state.tokens.splice(from).flatMap((token) => {
      if (token.type !== "tr_close") return [token];
      // The line after the header is the line of dashes.
      const row = line === startLine + 1 ? "" : state.getLines(line, line + 1, state.blkIndent, false);
      line += 1;
      return [...cellsOf(row).slice(columns).flatMap(cellTokens), token];
    });
    // Pushed one by one, because spreading the tokens of a long table overflows the stack.
    for (const token of tokens) state.tokens.push(token);
    return true;
  };
  md.block.ruler.at("table", keeping, { alt: ["paragraph", "reference"] });
}

function cellsOf(row: string): string[] {
  const cells = row
    .trim()
    .replace(/^\||(?<!\\)\|$/g, "")
    .split(/(?<!\\)\|/);
  return cells.map((cell) => cell.replaceAll("\\|", "|").trim());
}

function cellTokens(content: string): Token[] {
  const inline = new Parser.Token("inline", "", 0);
  inline.content = content;
  inline.children = [];
  return [new Parser.Token("td_open", "td", 1), inline, new Parser.Token("td_close", "td", -1)];
}

/**
 * CommonMark 6.2 requires a space between `.**` and a word, and between a word and `**(`. Mattermost does not, and
 * Japanese has no spaces: `**重要。**読んで` is bold.
 */
function loosenMarks(md: MarkdownIt): void {
  const { State } = md.inline;
  md.inline.State = class extends State {
    override scanDelims(start: number, canSplitWord: boolean) {
      const run = super.scanDelims(start, canSplitWord);
      if (!"*~".includes(this.src[start] ?? " ")) return run;
      const before = this.src[start - 1] ?? " ";
      const after = this.src[start + run.length] ?? " ";
      const isLetter = /[\p{L}\p{N}]/u;
      return {
        ...run,
        can_close: run.can_close || (/[\p{Pe}\p{Pf}\p{Po}]/u.test(before) && isLetter.test(after)),
        can_open: run.can_open || (isLetter.test(before) && /[\p{Ps}\p{Pi}"']/u.test(after)),
      };
    }
  };
}

function limitImages(md: MarkdownIt): void {
  const parse = md.inline.parse.bind(md.inline);
  let depth = 0;
  md.inline.parse = (text, parser, env, tokens) => {
    if (depth > MAX_IMAGES_IN_IMAGES) {
      const token = new Parser.Token("text", "", 0);
      token.content = text;
      tokens.push(token);
      return;
    }
    depth += 1;
    try {
      parse(text, parser, env, tokens);
    } finally {
      depth -= 1;
    }
  };
}

function limitLinkText(md: MarkdownIt): void {
  const { parseLinkLabel } = md.helpers;
  let text = "";
  let lastBracket = -1;
  const limited: typeof parseLinkLabel = (state, start, disableNested) => {
    const { posMax } = state;
    if (state.src !== text) {
      text = state.src;
      lastBracket = text.lastIndexOf("]");
    }
    if (lastBracket <= start) return -1;
    state.posMax = Math.min(posMax, start + MAX_LINK_TEXT);
    const end = parseLinkLabel(state, start, disableNested);
    state.posMax = posMax;
    return end;
  };
  md.helpers = { ...md.helpers, parseLinkLabel: limited };
}

/**
 * Finds links without brackets: a scheme, `www.`, an e-mail address. linkify-it would also take any word with a dot.
 */
function findBareLinks(md: MarkdownIt): void {
  md.linkify.set({ fuzzyLink: false, fuzzyIP: false, fuzzyEmail: true });
  md.linkify.add("//", null);
  md.linkify.add("www.", {
    validate(text, pos) {
      const before = text[pos - "www.".length - 1] ?? " ";
      if (!/[\s*_~(<>[]/.test(before)) return 0;
      const host =
        /^[\p{L}\p{N}][\p{L}\p{N}-]*(?:\.[\p{L}\p{N}-]+)*/u.exec(text.slice(pos, pos + 260))?.[0] ?? "";
      if (host === "") return 0;
      const rest = /^(?:[:/?#][^\s<>]*)?/.exec(text.slice(pos + host.length))?.[0] ?? "";
      return trimmed(host + rest).length;
    },
    normalize(match) {
      match.url = `http://${match.url}`;
    },
  });
}

/** Punctuation and an unmatched bracket at the end belong to the sentence (GitHub Flavored Markdown 6.9). */
function trimmed(link: string): string {
  let end = link.length;
  let open = 0;
  let closed = 0;
  for (const character of link) {
    if (character === "(") open += 1;
    if (character === ")") closed += 1;
  }
  for (; end > 0; end -= 1) {
    const last = link[end - 1] ?? "";
    if (last === ")" && closed > open) closed -= 1;
    else if (!"?!.,:*_~'\";".includes(last)) break;
  }
  return link.slice(0, end);
}

/** `![cat](https://example.com/c.png =100x50)`: the size is where CommonMark allows a title. */
function imageSize(md: MarkdownIt) {
  const { parseLinkTitle } = md.helpers;
  let inImage = false;
  const withSize: typeof parseLinkTitle = (text, start, max, previous) => {
    const size = inImage ? /^=\d{0,5}%?x?\d{0,5}%?(?=[\s)])/.exec(text.slice(start, start + 20)) : null;
    if (!size) return parseLinkTitle(text, start, max, previous);
    let pos = start + size[0].length;
    while (/\s/.test(text[pos] ?? "")) pos += 1;
    const title = parseLinkTitle(text, pos, max);
    return title.ok ? title : { ok: true, can_continue: false, pos, str: "", marker: 0 };
  };
  md.helpers = { ...md.helpers, parseLinkTitle: withSize };
  // Runs before the rules for links and images, and only remembers which of the two comes.
  return (state: StateInline): boolean => {
    inImage = state.src[state.pos] === "!";
    return false;
  };
}

const EMOJI = /:([a-z0-9_\-+]{1,64}):(?!\w)/y;

function emoji(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== ":" || /\w/.test(state.src[state.pos - 1] ?? " ")) return false;
  EMOJI.lastIndex = state.pos;
  const match = EMOJI.exec(state.src);
  if (!match?.[1] || match[0].length > state.posMax - state.pos) return false;
  if (!silent) state.push("emoji", "", 0).content = match[1];
  state.pos += match[0].length;
  return true;
}

export type { Token };
