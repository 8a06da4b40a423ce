/**
 * Converts a Teams message to a post. A pure function: its arguments name the people and carry the fetched contents.
 */

import type { Language, Say } from "../../platform/i18n/index.ts";
import { emojiText } from "../../platform/markdown/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import { type HostedContent, hostedContent, webAddress } from "./addresses.ts";
import { type AttachmentReading, attachmentBlocks, type FileReference } from "./attachments.ts";
import { cutBlocks, runes } from "./cut.ts";
import { type Block, note, paragraph, textSpan } from "./document.ts";
import { isElement, textOf } from "./elements.ts";
import type { Node } from "./html.ts";
import { parseObject, textAt } from "./json.ts";
import { namedMention, type People, unknownMention } from "./mentions.ts";
import { linkLine, type Printing, printMarkdown } from "./print-markdown.ts";
import { type Body, readHtml } from "./read-html.ts";
import { present, type TeamsAttachment, type TeamsMessage } from "./teams-message.ts";
import { type MessageWord, messageWords } from "./words.ts";

/** Loaded with the first message, so that a start does not pay for the parser. */
const parser = lazy(() => require("./html.ts") as typeof import("./html.ts"));

/** A post holds 16,383 characters on every database of Mattermost. */
export const MAX_RUNES = 16_383;

export interface Author {
  /** The person's Entra object ID; null for an app. */
  readonly userId: string | null;
  readonly name: string;
}

/** Why a message is not posted. */
export type Dropped = "deleted" | "no_user_event" | "no_sender" | "own_message" | "empty_message";

export type TeamsPost =
  | { readonly dropped: Dropped }
  | {
      readonly dropped: null;
      /** May be empty when there are files. */
      readonly markdown: string;
      readonly files: readonly FileReference[];
      /** The thread that the message replies to, if it quotes a message that is known here. */
      readonly rootId: string | null;
      readonly author: Author;
      /** True when the message was longer than a post may be; `markdown` then ends with the link to it. */
      readonly shortened: boolean;
    };

export interface ToMarkdownOptions extends People {
  /** The address of the message in Teams. */
  readonly messageUrl: string;
  /** Hosts of Graph, with port if any, that the address of a hosted content may name. */
  readonly graphHosts: readonly string[];
  /** Whether this server has a custom emoji of that name. */
  isCustomEmoji?(name: string): boolean;
  /** The thread of the post that shows a message of this conversation. */
  threadOf?(messageId: string): string | null;
  /** The text of a code snippet that was fetched (see `codeSnippets`); null: it could not be fetched. */
  codeOf?(of: HostedContent): string | null;
  readonly language?: Language;
  /** At most 16,383; fewer when the caller adds text around it. */
  readonly maxRunes?: number;
}

export function toMarkdown(message: TeamsMessage, options: ToMarkdownOptions): TeamsPost {
  if (message.deletedDateTime) return { dropped: "deleted" };
  const nodes = bodyNodes(message);
  if (isEvent(message, nodes)) return { dropped: "no_user_event" };
  return new Conversion(message, options).post(nodes, authorOf(message));
}

/** Returns the code snippets to fetch before `toMarkdown` is called. */
export function codeSnippets(message: TeamsMessage, graphHosts: readonly string[]): HostedContent[] {
  return present(message.attachments).flatMap(({ contentType, content }) => {
    if (contentType !== "application/vnd.microsoft.card.codesnippet") return [];
    const found = hostedContent(
      textAt(parseObject(content), "codeSnippetUrl"),
      graphHosts,
      conversationOf(message),
    );
    return found ? [found] : [];
  });
}

const conversationOf = ({ chatId, channelIdentity }: TeamsMessage) =>
  chatId || channelIdentity ? { chatId, channelId: channelIdentity?.channelId } : {};

const isHtml = ({ body }: TeamsMessage) => body?.contentType?.toLowerCase() !== "text";

const bodyNodes = (message: TeamsMessage): readonly Node[] =>
  isHtml(message) && message.body?.content ? parser().parseHtml(message.body.content) : [];

/** Decided by the content, because Graph calls new kinds `unknownFutureValue` (docs/facts/microsoft-chat.md 5). */
function isEvent({ eventDetail, messageType }: TeamsMessage, nodes: readonly Node[]): boolean {
  if (eventDetail !== null && eventDetail !== undefined) return true;
  if (messageType && messageType !== "message" && messageType !== "unknownFutureValue") return true;
  const elements = nodes.filter((node) => isElement(node) || ("value" in node && node.value.trim() !== ""));
  const [first] = elements;
  return (
    elements.length === 1 &&
    first !== undefined &&
    isElement(first) &&
    first.tagName === "systemeventmessage" &&
    textOf(first.childNodes).trim() === ""
  );
}

function authorOf({ from, onBehalfOf }: TeamsMessage): Author | null {
  const person = onBehalfOf?.user ?? from?.user;
  if (person) return { userId: person.id ?? null, name: person.displayName ?? "" };
  const other = from?.application ?? from?.device;
  return other ? { userId: null, name: other.displayName ?? "" } : null;
}

class Conversion {
  readonly #message: TeamsMessage;
  readonly #options: ToMarkdownOptions;
  readonly #say: Say<MessageWord>;
  readonly #files: FileReference[] = [];
  readonly #placed = new Set<TeamsAttachment>();
  #rootId: string | null = null;
  /** Nesting depth: forwarded messages and cards contain HTML that may not refer to our own attachments. */
  #depth = 0;

  constructor(message: TeamsMessage, options: ToMarkdownOptions) {
    this.#message = message;
    this.#options = options;
    this.#say = messageWords.in(options.language);
  }

  post(nodes: readonly Node[], author: Author | null): TeamsPost {
    const blocked = /blockAccess/.test(this.#message.policyViolation?.dlpAction ?? "");
    const body = blocked ? null : this.#body(nodes);
    if (body?.ours) return { dropped: "own_message" };
    const said = body ? [...this.#head(), ...body.blocks, ...this.#unplaced()] : [note(this.#say("blocked"))];
    const { markdown, shortened } = this.#print(said);
    const visible = /[^\s\u200b-\u200f\u2060\ufeff]/u.test(markdown);
    if (!visible && this.#files.length === 0) return { dropped: "empty_message" };
    if (author === null) return { dropped: "no_sender" };
    const important = this.#importance();
    const printed =
      body && important.length > 0 ? this.#print([...important, ...said]) : { markdown, shortened };
    return { dropped: null, ...printed, files: this.#files, rootId: this.#rootId, author };
  }

  #head(): Block[] {
    const { subject, replyToId } = this.#message;
    const announcements = present(this.#message.attachments).filter(
      ({ contentType }) => contentType === "application/vnd.microsoft.card.announcement",
    );
    return [
      ...(subject && !replyToId ? [{ kind: "heading", level: 2, spans: [textSpan(subject)] } as const] : []),
      ...announcements.flatMap((one) => this.#attachment(one)),
    ];
  }

  #importance(): Block[] {
    switch (this.#message.importance) {
      case "high":
        return [paragraph(textSpan("❗ "), textSpan(this.#say("important"), "bold"))];
      case "urgent":
        return [paragraph(textSpan("🚨 "), textSpan(this.#say("urgent"), "bold"))];
      default:
        return [];
    }
  }

  #body(nodes: readonly Node[]): Body {
    if (isHtml(this.#message)) return this.#html(nodes);
    const lines = (this.#message.body?.content ?? "").slice(0, 40_000).split(/\r\n?|\n/);
    const blocks = lines.map((line) => paragraph(...(line.trim() === "" ? [] : [textSpan(line)])));
    return { blocks, ours: false };
  }

  #html(nodes: readonly Node[]): Body {
    const inside = this.#depth > 0;
    return readHtml(nodes, {
      unsupportedImage: this.#say("unsupported_name", { name: this.#say("image") }),
      mention: (id, text) => {
        const found = inside
          ? undefined
          : present(this.#message.mentions).find((one) => String(one.id) === id);
        return found ? namedMention(found, text, this.#options) : unknownMention(text);
      },
      attachment: (id) => {
        const found = present(this.#message.attachments).find((one) => one.id === id);
        return found && !inside ? this.#attachment(found) : [];
      },
      taken: (address) => {
        const hosted = this.#hosted(address);
        if (hosted) this.#file({ from: "hostedContent", ...hosted });
        return hosted !== null;
      },
      quoted: (messageId) => !inside && this.#known(messageId),
    });
  }

  /** Reads HTML inside an attachment. */
  #inside(text: string): readonly Block[] {
    if (this.#depth > 0) return [];
    this.#depth += 1;
    const { blocks } = this.#html(parser().parseHtml(text));
    this.#depth -= 1;
    return blocks;
  }

  #attachment(attachment: TeamsAttachment): readonly Block[] {
    if (this.#placed.has(attachment)) return [];
    this.#placed.add(attachment);
    const reading: AttachmentReading = {
      say: this.#say,
      html: (text) => this.#inside(text),
      cardHtml: (text) => (parser().parseHtml(text).some(isElement) ? this.#inside(text) : null),
      mentioned: (id, name) => namedMention({ mentioned: { user: { id } } }, name, this.#options),
      hosted: (address) => this.#hosted(address),
      codeOf: (of) => this.#options.codeOf?.(of) ?? null,
      file: (file) => this.#file(file),
      known: (messageId) => this.#known(messageId),
    };
    return attachmentBlocks(attachment, reading);
  }

  /** Graph requires a marker for each attachment, but not every old client wrote one. */
  #unplaced(): Block[] {
    return present(this.#message.attachments).flatMap((one) => this.#attachment(one));
  }

  #hosted(address: string): HostedContent | null {
    return hostedContent(address, this.#options.graphHosts, conversationOf(this.#message));
  }

  #file(file: FileReference): void {
    if (this.#files.length < 100) this.#files.push(file);
  }

  /** Only the first quoted message decides the thread. */
  #known(messageId: string): boolean {
    if (this.#rootId !== null) return false;
    this.#rootId = this.#options.threadOf?.(messageId) ?? null;
    return this.#rootId !== null;
  }

  #print(blocks: readonly Block[]): { markdown: string; shortened: boolean } {
    const { messageUrl, maxRunes = MAX_RUNES, isCustomEmoji } = this.#options;
    const fullMessage = linkLine(this.#say("full_in_teams"), webAddress(messageUrl) ?? "");
    const printing: Printing = {
      fullMessage,
      isEmoji: (name) => emojiText(name) !== `:${name}:` || (isCustomEmoji?.(name) ?? false),
    };
    const all = printMarkdown(blocks, printing);
    let length = runes(all);
    if (length <= maxRunes) return { markdown: all, shortened: false };
    const end: Block = { kind: "card", children: [fullMessage] };
    let budget = maxRunes;
    // A text that grows by escaping, or by the markup around it, needs a smaller share.
    for (;;) {
      budget = Math.floor(Math.min(budget - 1, budget * (maxRunes / length)) * 0.99);
      const markdown = printMarkdown([...cutBlocks(blocks, budget), end], printing);
      length = runes(markdown);
      if (length <= maxRunes || budget <= 0) return { markdown, shortened: true };
    }
  }
}
