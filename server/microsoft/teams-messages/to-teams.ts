/** Converts a Mattermost post to the messages to send to Teams. A pure function: its arguments name the people. */

import type { Language } from "../../platform/i18n/index.ts";
import { type Block, parseMarkdown } from "../../platform/markdown/index.ts";
import { flattenBlocks } from "./flatten.ts";
import { messageAttachments } from "./message-attachments.ts";
import { OWN_MARK } from "./own-mark.ts";
import {
  escapeAttribute,
  escapeText,
  HtmlPrinter,
  type MentionEntry,
  type Part,
  type TeamsNames,
} from "./print-html.ts";
import type { SentFile } from "./sent-file.ts";
import { bytesOf, Splitter } from "./split.ts";
import { messageWords } from "./words.ts";

/** Bytes of content and mentions; Graph refuses a larger message (docs/facts/microsoft-chat.md 6.3). */
export const MAX_BYTES = 28_000;

export interface MattermostPost {
  readonly message: string;
  /** The post's `type`: "", or `system_…`, `custom_…`. */
  readonly type?: string;
  /** `metadata.priority.priority`: `important` or `urgent`. */
  readonly priority?: string;
  /** `props.attachments`: posted by integrations. */
  readonly attachments?: unknown;
  /** `props.mentionHighlightDisabled`: the author may not mention everybody. */
  readonly mentionHighlightDisabled?: boolean;
}

export interface ToTeamsOptions extends TeamsNames {
  readonly files?: readonly SentFile[];
  /** The author, when another account sends the message. */
  readonly author?: string;
  /** Markdown of somebody else, shown before the text. It mentions nobody: its author does not send this message. */
  readonly quote?: string;
  /** The text replaces one message: what does not fit is left out, with a link to `postUrl`. */
  readonly edit?: boolean;
  readonly postUrl?: string;
  readonly language?: Language;
}

/** The body of a chat message for Graph, without what the sender adds. */
export interface TeamsDraft {
  readonly content: string;
  readonly mentions: readonly MentionEntry[];
  readonly attachments: readonly { id: string; contentType: "reference"; contentUrl: string; name: string }[];
  readonly importance: "normal" | "high" | "urgent";
}

export type TeamsMessages =
  | { readonly dropped: "empty" | "system_post" }
  | { readonly dropped: null; readonly messages: readonly TeamsDraft[]; readonly shortened: boolean };

const IMPORTANCE: Readonly<Record<string, TeamsDraft["importance"]>> = {
  important: "high",
  urgent: "urgent",
};

export function toTeams(post: MattermostPost, options: ToTeamsOptions): TeamsMessages {
  if (post.type?.startsWith("system_")) return { dropped: "system_post" };
  const names: TeamsNames = {
    siteUrl: options.siteUrl.replace(/\/+$/, ""),
    team: options.team,
    personOf: options.personOf,
    publicChannel: options.publicChannel,
    everybody: post.mentionHighlightDisabled ? null : options.everybody,
  };
  const tree = [...parseMarkdown(post.message), ...messageAttachments(post.attachments)];
  const blocks: Block[] = flattenBlocks(tree);
  const said = new HtmlPrinter(names).blocks(blocks) !== "";
  const files = options.files ?? [];
  if (!said && files.length === 0) return { dropped: "empty" };

  const splitter = new Splitter(names, MAX_BYTES - bytesOf(OWN_MARK));
  const before = [
    ...line(options.author === undefined ? "" : `<strong>${escapeText(options.author)}</strong>`),
    ...quoted(options.quote, names),
  ];
  const after = [...notTransferred(files, options.language), ...markers(files)];
  const parts: Part[] = [...before, ...blocks, ...after];
  let messages = splitter.messages(parts);
  const shortened = options.edit === true && messages.length > 1;
  if (shortened) messages = [shortEdit({ names, before, blocks, after, options })];

  const importance = IMPORTANCE[post.priority ?? ""] ?? "normal";
  return {
    dropped: null,
    shortened,
    messages: messages
      .map((one) => draft(one, names, files, importance))
      .filter(({ content }) => content !== ""),
  };
}

function draft(
  parts: readonly Part[],
  names: TeamsNames,
  files: readonly SentFile[],
  importance: TeamsDraft["importance"],
): TeamsDraft {
  const printer = new HtmlPrinter(names);
  const content = printer.blocks(parts);
  const inside = new Set(parts.flatMap((part) => (part.kind === "html" ? [part.html] : [])));
  const attachments = files.flatMap((file) =>
    "failed" in file || !inside.has(marker(file.graphGuid))
      ? []
      : [
          {
            id: file.graphGuid,
            contentType: "reference" as const,
            contentUrl: file.contentUrl,
            name: file.name,
          },
        ],
  );
  return { content, mentions: printer.mentions, attachments, importance };
}

/** Returns the start of the text, a link to the whole text, and the files. */
function shortEdit(given: {
  names: TeamsNames;
  before: readonly Part[];
  blocks: readonly Part[];
  after: readonly Part[];
  options: ToTeamsOptions;
}): Part[] {
  const { names, before, blocks, after, options } = given;
  const words = escapeText(messageWords.in(options.language)("full_in_mattermost"));
  const address = escapeAttribute(options.postUrl ?? names.siteUrl);
  const end: Part[] = [...line(`<a href="${address}">${words}</a>`), ...after];
  const used = [...before, ...end].reduce((sum, part) => sum + new Splitter(names, 0).size(part) + 26, 0);
  const [start = []] = new Splitter(names, MAX_BYTES - bytesOf(OWN_MARK) - used).messages(blocks, true);
  return [...before, ...start, ...end];
}

const line = (html: string): Part[] => (html === "" ? [] : [{ kind: "html", html: `<p>${html}</p>` }]);

function quoted(markdown: string | undefined, names: TeamsNames): Part[] {
  if (markdown === undefined) return [];
  const printer = new HtmlPrinter({ ...names, everybody: null, personOf: () => null });
  const html = printer.blocks(flattenBlocks(parseMarkdown(markdown)));
  return html === "" ? [] : [{ kind: "html", html }];
}

function notTransferred(files: readonly SentFile[], language: Language | undefined): Part[] {
  const names = files.flatMap((file) => ("failed" in file ? [file.name] : [])).join(", ");
  if (names === "") return [];
  return line(`<em>${escapeText(messageWords.in(language)("not_transferred", { names }))}</em>`);
}

/**
 * Graph refuses an attachment without its marker, and a message without a body (docs/facts/microsoft-chat.md 6.3).
 */
const markers = (files: readonly SentFile[]): Part[] =>
  files.flatMap((file) =>
    "failed" in file ? [] : [{ kind: "html" as const, html: marker(file.graphGuid) }],
  );

const marker = (id: string) => `<attachment id="${escapeAttribute(id)}"></attachment>`;
