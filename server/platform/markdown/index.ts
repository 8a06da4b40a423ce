/** Markdown as Mattermost renders it: one grammar, a tree, and plain text. */

export { emojiName, emojiText } from "./emoji.ts";
export { type Piece, splitMentions } from "./mentions.ts";
export { parseMarkdown } from "./parse.ts";
export { cut, isolated, type NameOf, plainText } from "./plain-text.ts";
export type { Block, Cell, Inline, ListItem } from "./tree.ts";
