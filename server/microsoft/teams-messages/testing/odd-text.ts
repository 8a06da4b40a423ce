/** Texts that a stranger may write, for property tests. */

import fc from "fast-check";
import { type TeamsMessage, toMarkdown, toTeams } from "../index.ts";
import { names } from "./mattermost-world.ts";
import { options } from "./teams-world.ts";

const message = (content: string): TeamsMessage => ({
  from: { user: { id: "u-rob", displayName: "Robin" } },
  body: { contentType: "html", content },
});

export function markdownOf(html: string): string {
  const post = toMarkdown(message(html), options());
  return post.dropped === null ? post.markdown : "";
}

export const encode = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * Pieces of text that have a meaning somewhere. Addresses end with a space, because readers differ on where they end
 * otherwise.
 */
export const odd = fc.constantFrom(
  "@all",
  "@channel",
  "@here",
  "@alex",
  "@",
  "#tag",
  "# ",
  "~town",
  "~~",
  "~",
  ":smile:",
  ":100:",
  ":",
  "*",
  "**",
  "_",
  "__",
  "`",
  "```",
  "[",
  "]",
  "](",
  "![",
  "(",
  ")",
  "|",
  "---",
  "- ",
  "+ ",
  "1. ",
  "2) ",
  "> ",
  "=",
  "===",
  "\\",
  "&",
  "&lt;",
  "&#64;all",
  "$",
  "$x$",
  "<b>",
  "<!--",
  "https://x.example/a_b ",
  "www.x.example ",
  "a@b.example",
  "javascript:alert(1)",
  "\u00a0",
  "\u200b",
  "\u202e",
  "\u200d",
  "👩‍💻",
  "é",
  "字",
  "ש",
  "x",
  "word",
  "7",
  " ",
  ".",
  ",",
  "!",
);
export const text = fc.array(odd, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));

/** A link whose text is its own address, which is printed as the address alone where that is safe. */
const ownAddress = fc
  .tuple(
    fc.constantFrom(["mailto:", ""], ["mailto:", "mailto:"], ["tel:", "tel:"], ["https://", "https://"]),
    fc.array(
      fc.constantFrom("@all", "@alex", "x", ".", "-", "_", "x.example", "/", "?", ":", "7", "~town", "#tag"),
    ),
  )
  .map(([[scheme, shown], parts]) => `<a href="${scheme}${parts.join("")}">${shown}${parts.join("")}</a>`);

export const html = fc.letrec<{ inline: string; block: string }>((tie) => ({
  inline: fc.oneof(
    { depthSize: "small" },
    text.map(encode),
    fc
      .tuple(fc.constantFrom("b", "i", "s", "u", "span", "code", "em"), tie("inline"))
      .map(([tag, inside]) => `<${tag}>${inside}</${tag}>`),
    fc
      .tuple(
        fc.constantFrom("https://x.example", "javascript:x", "/x", "mailto:a@b.example", "data:x"),
        tie("inline"),
      )
      .map(([href, inside]) => `<a href="${href}">${inside}</a>`),
    ownAddress,
    fc.tuple(tie("inline"), tie("inline")).map(([a, b]) => a + b),
    text.map((alt) => `<img src="https://x.example/i.png" alt="${encode(alt).replaceAll('"', "&quot;")}">`),
    fc.constant("<br>"),
  ),
  block: fc.oneof(
    { depthSize: "small" },
    tie("inline").map((inside) => `<p>${inside}</p>`),
    tie("inline"),
    fc
      .tuple(fc.constantFrom("div", "blockquote", "h2", "pre", "ul><li", "table><tr><td"), tie("block"))
      .map(([tag, inside]) => `<${tag}>${inside}</${tag.split("><").toReversed().join("></")}>`),
    fc.tuple(tie("block"), tie("block")).map(([a, b]) => a + b),
  ),
})).block;

/** Converts in the other direction, without anybody to mention. */
export function htmlOf(markdown: string): string {
  const sent = toTeams(
    { message: markdown },
    { ...names(), personOf: () => null, everybody: null, publicChannel: () => null },
  );
  return sent.dropped === null ? sent.messages.map(({ content }) => content).join("") : "";
}
