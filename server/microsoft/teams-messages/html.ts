/**
 * Parses HTML to a small tree of elements and texts, with the algorithm that browsers use (parse5, HTML standard
 * 13.2).
 *
 * The standard lets a short text grow: open formatting elements are copied into every following paragraph, and some
 * steps walk all open elements. Three limits keep time and memory proportional to the length of the text.
 */

import { defaultTreeAdapter, html, type DefaultTreeAdapterTypes as Nodes, Parser, type Token } from "parse5";

export type Element = Nodes.Element;
export type Node = Nodes.ChildNode;

/** Chromium stops at 512, and nobody writes half of that. Deeper elements keep their text and new lines. */
const MAX_DEPTH = 250;
/** Limit of open formatting elements, such as bold in italics in a link in a colour. */
const MAX_FORMATTING = 24;
/** Elements and texts. A Teams message has 28 KB (docs/facts/microsoft-chat.md 6.3), so at most 10,000 tags. */
const MAX_NODES = 40_000;
/** The webhook accepts 4 MB. */
const MAX_LENGTH = 4_194_304;

const { TAG_ID } = html;
/**
 * These contain no elements. The tokenizer must read their content as raw text, or scripts would become visible text.
 */
const LEAVES = new Set([
  TAG_ID.SCRIPT,
  TAG_ID.STYLE,
  TAG_ID.TEXTAREA,
  TAG_ID.TITLE,
  TAG_ID.IFRAME,
  TAG_ID.NOEMBED,
  TAG_ID.NOFRAMES,
  TAG_ID.NOSCRIPT,
  TAG_ID.XMP,
  TAG_ID.PLAINTEXT,
  TAG_ID.BR,
  TAG_ID.HR,
  TAG_ID.IMG,
  TAG_ID.INPUT,
  TAG_ID.WBR,
]);
const LINES = new Set([
  TAG_ID.P,
  TAG_ID.DIV,
  TAG_ID.LI,
  TAG_ID.UL,
  TAG_ID.OL,
  TAG_ID.BLOCKQUOTE,
  TAG_ID.PRE,
  TAG_ID.TABLE,
  TAG_ID.TR,
  TAG_ID.H1,
  TAG_ID.H2,
  TAG_ID.H3,
  TAG_ID.H4,
  TAG_ID.H5,
  TAG_ID.H6,
]);
const FORMATTING = new Set([
  TAG_ID.A,
  TAG_ID.B,
  TAG_ID.BIG,
  TAG_ID.CODE,
  TAG_ID.EM,
  TAG_ID.FONT,
  TAG_ID.I,
  TAG_ID.NOBR,
  TAG_ID.S,
  TAG_ID.SMALL,
  TAG_ID.STRIKE,
  TAG_ID.STRONG,
  TAG_ID.TT,
  TAG_ID.U,
]);

class BoundedParser extends Parser<Nodes.DefaultTreeAdapterMap> {
  nodes = 0;

  override onStartTag(token: Token.TagToken): void {
    const { tagID } = token;
    if (this.nodes > MAX_NODES) return;
    if (!LEAVES.has(tagID)) {
      const formatting = FORMATTING.has(tagID);
      if (formatting && this.#formatting() >= MAX_FORMATTING) return;
      if (this.openElements.stackTop >= MAX_DEPTH) {
        if (LINES.has(tagID)) super.onStartTag({ ...token, tagName: "br", tagID: TAG_ID.BR, attrs: [] });
        return;
      }
    }
    super.onStartTag(token);
  }

  #formatting(): number {
    let count = 0;
    for (
      let entry = this.activeFormattingElements.newest;
      entry && count < MAX_FORMATTING;
      entry = entry.older
    )
      count += 1;
    return count;
  }

  override onCharacter(token: Token.CharacterToken): void {
    if (this.nodes <= MAX_NODES) super.onCharacter(token);
  }

  override onComment(): void {}
}

/** Returns the children of the body. Every text has a tree. */
export function parseHtml(text: string): readonly Node[] {
  let parser: BoundedParser | null = null;
  const counted = () => {
    if (parser) parser.nodes += 1;
  };
  const treeAdapter: typeof defaultTreeAdapter = {
    ...defaultTreeAdapter,
    createElement(...args) {
      counted();
      return defaultTreeAdapter.createElement(...args);
    },
    createTextNode(value) {
      counted();
      return defaultTreeAdapter.createTextNode(value);
    },
  };
  const body = defaultTreeAdapter.createElement("body", html.NS.HTML, []);
  parser = BoundedParser.getFragmentParser(body, { treeAdapter }) as BoundedParser;
  parser.tokenizer.write(text.slice(0, MAX_LENGTH), true);
  return parser.getFragment().childNodes;
}
