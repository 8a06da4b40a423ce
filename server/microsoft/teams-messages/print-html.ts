/** Prints a post's Markdown tree as the HTML that Graph accepts (docs/facts/microsoft-chat.md 6.3). */

import {
  type Block,
  emojiText,
  type Inline,
  type ListItem,
  splitMentions,
} from "../../platform/markdown/index.ts";
import { splitChannels } from "./channel-links.ts";
import { teamsLanguage } from "./code-languages.ts";
import { ZERO_WIDTH } from "./escape.ts";

/** An entry of a chat message's `mentions`; `id` and `mentionText` match its `<at>` tag. */
export interface MentionEntry {
  readonly id: number;
  readonly mentionText: string;
  readonly mentioned:
    | { readonly user: { id: string; displayName: string; userIdentityType: "aadUser" } }
    | {
        readonly conversation: {
          id: string;
          displayName: string;
          conversationIdentityType: "channel" | "chat";
        };
      };
}

export interface TeamsNames {
  /** The address of this Mattermost server, with its sub-path if any, without a trailing slash. */
  readonly siteUrl: string;
  /** Name of the post's team in addresses; null for direct and group messages. */
  readonly team: string | null;
  /**
   * Maps a user name (in lower case) to the person to mention: connected, and a member of the Teams chat or channel.
   */
  personOf(username: string): { readonly id: string; readonly displayName: string } | null;
  /** Maps a channel's name to its display name, if every reader in Teams may know it. */
  publicChannel(name: string): string | null;
  /** The people whom `@all`, `@channel` and `@here` notify; null: nobody. */
  readonly everybody: {
    readonly id: string;
    readonly displayName: string;
    readonly type: "channel" | "chat";
  } | null;
}

/** A block, or HTML that we add between blocks. */
export type Part = Block | { readonly kind: "html"; readonly html: string };

/** A part that cannot be cut must leave room for the other parts of the message. */
const MAX_ADDRESS = 3000;
const MAX_ALT = 250;
const MAX_NAME = 256;

export const escapeText = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
export const escapeAttribute = (text: string) => escapeText(text).replaceAll('"', "&quot;");

/** Escapes code. Graph collapses new lines and spaces, in code too. */
export function codeHtml(text: string): string {
  return text
    .split("\n")
    .map((line) =>
      escapeText(line.replaceAll("\t", "\u00a0\u00a0\u00a0\u00a0"))
        .replace(/^ +/, (blanks) => "\u00a0".repeat(blanks.length))
        .replace(/ {2,}/g, (blanks) => ` ${"\u00a0".repeat(blanks.length - 1)}`)
        .replaceAll("\u00a0", "&nbsp;"),
    )
    .join("<br>");
}

/** Prints one message; its mentions are numbered from 0. */
export class HtmlPrinter {
  readonly mentions: MentionEntry[] = [];
  readonly #names: TeamsNames;

  constructor(names: TeamsNames) {
    this.#names = names;
  }

  blocks(parts: readonly Part[]): string {
    let html = "";
    let before: Part["kind"] | "none" = "none";
    for (const part of parts) {
      const own = part.kind === "html" ? part.html : this.#block(part);
      if (own === "") continue;
      if (before === "paragraph" && part.kind === "paragraph") html += BLANK_LINE;
      html += own;
      before = part.kind;
    }
    return html;
  }

  #block(block: Block): string {
    switch (block.kind) {
      case "paragraph": {
        const text = this.#inlines(block.children).trim();
        return text === "" ? "" : `<p>${text}</p>`;
      }
      case "heading": {
        const level = Math.min(block.level, 3);
        const text = this.#inlines(block.children);
        return text === "" ? "" : `<h${level}>${text}</h${level}>`;
      }
      case "quote": {
        const inside = this.blocks(block.children);
        return inside === "" ? "" : `<blockquote>${inside}</blockquote>`;
      }
      case "list":
        return this.#list(block);
      case "code": {
        const language = teamsLanguage(block.language);
        return `<codeblock${language === null ? "" : ` class="${language}"`}><code>${codeHtml(block.text)}</code></codeblock>`;
      }
      case "table":
        return this.#table(block);
      case "rule":
        return "<hr>";
    }
  }

  #list({ ordered, items }: Block & { kind: "list" }): string {
    const first = Number(items[0]?.number ?? 1);
    const start = ordered && first !== 1 ? ` start="${first}"` : "";
    const tag = ordered ? "ol" : "ul";
    return `<${tag}${start}>${items.map((item) => `<li>${this.#item(item)}</li>`).join("")}</${tag}>`;
  }

  #item({ checked, children }: ListItem): string {
    const box = checked === null ? "" : checked ? "☑ " : "☐ ";
    const [first, ...rest] = children;
    const single = children.filter(({ kind }) => kind === "paragraph").length <= 1;
    if (first?.kind !== "paragraph" || (!single && box === "")) return box + this.blocks(children);
    return box + this.#inlines(first.children) + this.blocks(rest);
  }

  /** Teams has no header cells, so they are bold. */
  #table({ head, rows }: Block & { kind: "table" }): string {
    const row = (cells: readonly string[]) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
    const bold = head.map((cell) => {
      const text = this.#inlines(cell);
      return text === "" ? "" : `<strong>${text}</strong>`;
    });
    const body = rows.map((cells) => row(cells.map((cell) => this.#inlines(cell))));
    return `<table><tbody>${head.length === 0 ? "" : row(bold)}${body.join("")}</tbody></table>`;
  }

  #inlines(inlines: readonly Inline[], inLink = false): string {
    return inlines.map((inline) => this.#inline(inline, inLink)).join("");
  }

  #inline(inline: Inline, inLink: boolean): string {
    switch (inline.kind) {
      case "text":
        return inLink ? shownText(inline.text) : this.#text(inline.text);
      case "code":
        return `<code>${codeHtml(inline.text)}</code>`;
      case "emoji":
        return escapeText(emojiText(inline.name));
      case "break":
        return "<br>";
      case "strong":
        return marked("strong", this.#inlines(inline.children, inLink));
      case "emphasis":
        return marked("em", this.#inlines(inline.children, inLink));
      case "strike":
        return marked("s", this.#inlines(inline.children, inLink));
      case "link": {
        const text = this.#inlines(inline.children, true);
        const address = this.#address(inline.url);
        if (address === null || inLink) return text;
        return anchor(address, text);
      }
      case "image":
        return this.#image(inline, inLink);
    }
  }

  #text(text: string): string {
    const { personOf, everybody } = this.#names;
    const find = (name: string) => {
      if (name === "all" || name === "channel" || name === "here") return everybody;
      return personOf(name);
    };
    return splitMentions(text, find)
      .map((piece) => ("found" in piece ? this.#mention(piece.found) : this.#channels(piece.text)))
      .join("");
  }

  #mention(whom: { id: string; displayName: string; type?: "channel" | "chat" }): string {
    const { id: whomId, displayName, type } = whom;
    const mentionText = displayName.trim().slice(0, MAX_NAME).toWellFormed();
    if (mentionText === "") return "";
    const id = this.mentions.length;
    const mentioned = type
      ? { conversation: { id: whomId, displayName: mentionText, conversationIdentityType: type } }
      : { user: { id: whomId, displayName: mentionText, userIdentityType: "aadUser" as const } };
    this.mentions.push({ id, mentionText, mentioned });
    return `<at id="${id}">${escapeText(mentionText)}</at>`;
  }

  #channels(text: string): string {
    const { team, siteUrl, publicChannel } = this.#names;
    if (team === null) return shownText(text);
    return splitChannels(text, publicChannel)
      .map((piece) => {
        if (!("found" in piece)) return shownText(piece.text);
        return anchor(`${siteUrl}/${team}/channels/${piece.name}`, escapeText(`~${piece.found}`));
      })
      .join("");
  }

  #image({ url, children }: Inline & { kind: "image" }, inLink: boolean): string {
    const alt = plain(children).replaceAll(ZERO_WIDTH, "").slice(0, MAX_ALT).toWellFormed();
    const address = this.#address(url);
    if (address === null) return shownText(alt);
    const own = URL.parse(address)?.host === URL.parse(this.#names.siteUrl)?.host;
    if (/^https:/i.test(address) && !own) {
      return `<img src="${escapeAttribute(address)}" alt="${escapeAttribute(alt)}">`;
    }
    // Without a picture there must be text to read.
    const text = escapeText(alt === "" ? address : alt);
    return inLink ? text : anchor(address, text);
  }

  /** Makes addresses within the site absolute. Returns null when there is no link. */
  #address(url: string): string | null {
    if (escapeAttribute(url).length > MAX_ADDRESS) return null;
    if (/^\/(?![/\\])/.test(url)) return this.#names.siteUrl + url;
    return /^(?:https?:\/\/[^/?#\\]|mailto:.|tel:.)/i.test(url) ? url : null;
  }
}

const BLANK_LINE = "<p>&nbsp;</p>";

const anchor = (address: string, text: string) =>
  `<a href="${escapeAttribute(address)}">${text === "" ? escapeText(address) : text}</a>`;

/** Removes the marks that our conversion in the other direction has inserted. */
const shownText = (text: string) => escapeText(text.replaceAll(ZERO_WIDTH, ""));

const marked = (tag: string, text: string) => (text === "" ? "" : `<${tag}>${text}</${tag}>`);

const plain = (inlines: readonly Inline[]): string =>
  inlines
    .map((inline) => {
      if (inline.kind === "text" || inline.kind === "code") return inline.text;
      if (inline.kind === "emoji") return emojiText(inline.name);
      return inline.kind === "break" ? " " : plain(inline.children);
    })
    .join("");
