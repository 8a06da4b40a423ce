/**
 * Converts attachments of a Teams message (docs/facts/microsoft-chat.md 5.2): files, cards, quoted and forwarded
 * messages.
 */

import type { Say } from "../../platform/i18n/index.ts";
import { adaptiveCard } from "./adaptive-card.ts";
import { type HostedContent, isSecure, webAddress } from "./addresses.ts";
import type { CardMentions } from "./card-text.ts";
import { connectorCard, listCard, type ReadCardHtml, titledCard } from "./cards.ts";
import { cleanCode, fenceWord } from "./code.ts";
import { type Block, linkMark, note, paragraph, quotedLine, span, textSpan } from "./document.ts";
import { type Json, listAt, objectAt, parseObject, textAt } from "./json.ts";
import type { NamedMention } from "./mentions.ts";
import { shown } from "./print-line.ts";
import type { TeamsAttachment } from "./teams-message.ts";
import type { MessageWord } from "./words.ts";

/** Something to be copied into the post as a file. */
export type FileReference =
  | ({ readonly from: "hostedContent" } & HostedContent)
  /**
   * A file in SharePoint or OneDrive. Graph finds it by this address (`/shares/u!…`); the address is used for nothing
   * else.
   */
  | { readonly from: "reference"; readonly name: string; readonly url: string };

export interface AttachmentReading {
  readonly say: Say<MessageWord>;
  /** Parses HTML inside an attachment. */
  html(text: string): readonly Block[];
  readonly cardHtml: ReadCardHtml;
  mentioned(userId: string, name: string): NamedMention;
  hosted(address: string): HostedContent | null;
  codeOf(of: HostedContent): string | null;
  file(file: FileReference): void;
  /** Returns true when the message is known here; the post then goes into its thread. */
  known(messageId: string): boolean;
}

const CARD = "application/vnd.microsoft.card.";
const TEAMS_CARD = "application/vnd.microsoft.teams.card.";

/** Returns the text that replaces the attachment in the post. */
export function attachmentBlocks(attachment: TeamsAttachment, reading: AttachmentReading): readonly Block[] {
  const type = attachment.contentType ?? "";
  const { say } = reading;
  const unsupported = (name: string) => [
    note(name === "" ? say("unsupported") : say("unsupported_name", { name: shown(name).slice(0, 200) })),
  ];
  const content = parseObject(attachment.content);
  const card = (blocks: readonly Block[], name: MessageWord = "card") =>
    blocks.length === 0 ? unsupported(say(name)) : [{ kind: "card", children: blocks } as const];
  const name = attachment.name ?? "";
  switch (type) {
    case "reference":
      return file(attachment, reading) ? [] : unsupported(name);
    case "messageReference":
      return content ? quoted(content, attachment, reading) : unsupported(say("quoted_message"));
    case "forwardedMessageReference":
      return [forwarded(content, reading)];
    case `${CARD}codesnippet`:
      return codeSnippet(content, reading) ?? unsupported(say("code_snippet"));
    case `${CARD}announcement`:
      return announcement(content);
    case `${CARD}adaptive`:
      return card(content ? adaptiveCard(content, cardMentions(content, reading), say) : []);
    case `${CARD}hero`:
    case `${CARD}thumbnail`:
    case `${CARD}receipt`:
    case `${CARD}signin`:
      return card(content ? titledCard(content, reading.cardHtml, say) : []);
    case `${TEAMS_CARD}o365connector`:
      return card(content ? connectorCard(content, reading.cardHtml, say) : []);
    case `${TEAMS_CARD}list`:
    case `${CARD}list`:
      return card(content ? listCard(content, say) : []);
    case `${CARD}audio`:
    case `${CARD}video`:
    case `${CARD}animation`:
      return clip(content, reading) ?? unsupported(say(type === `${CARD}audio` ? "voice_message" : "video"));
    case `${CARD}fluidEmbedCard`:
      return link(say("loop"), textAt(content, "componentUrl")) ?? unsupported(say("loop"));
    case "meetingReference":
      return meeting(name || say("meeting"), textAt(content, "meetingJoinUrl"));
    case "tabReference":
      return link(name, attachment.contentUrl ?? "") ?? unsupported(name);
    default:
      return media(type, attachment, reading) ?? unsupported(type);
  }
}

function file({ name, contentUrl }: TeamsAttachment, { file }: AttachmentReading): boolean {
  if (!contentUrl || !URL.canParse(contentUrl)) return false;
  file({
    from: "reference",
    name: fileName(name ?? "") || fileName(lastPart(contentUrl)) || "file",
    url: contentUrl,
  });
  return true;
}

/** Returns the last part of a path, without characters that could make it look like another name. */
function fileName(path: string): string {
  const name = (shown(path).split(/[\\/]/).at(-1) ?? "").trim();
  return /^\.*$/.test(name) ? "" : name.slice(0, 255).toWellFormed();
}

function lastPart(address: string): string {
  try {
    return decodeURIComponent(new URL(address).pathname);
  } catch {
    return "";
  }
}

function nameOf(sender: Json | null): string {
  const one = objectAt(sender, "user") ?? objectAt(sender, "application") ?? objectAt(sender, "device");
  return shown(textAt(one, "displayName"));
}

function quoted(content: Json, attachment: TeamsAttachment, reading: AttachmentReading): readonly Block[] {
  if (reading.known(textAt(content, "messageId") || (attachment.id ?? ""))) return [];
  const name = nameOf(objectAt(content, "messageSender"));
  const text = textAt(content, "messagePreview").trim();
  if (name === "" && text === "")
    return [note(reading.say("unsupported_name", { name: reading.say("quoted_message") }))];
  return [{ kind: "quote", children: [quotedLine(name, text)] }];
}

function forwarded(content: Json | null, { say, html }: AttachmentReading): Block {
  const name = nameOf(objectAt(content, "originalMessageSender"));
  const title = name === "" ? say("forwarded") : say("forwarded_from", { name });
  const text = html(textAt(content, "originalMessageContent"));
  return { kind: "quote", children: [paragraph(textSpan(title, "bold")), ...text] };
}

function codeSnippet(content: Json | null, { hosted, codeOf }: AttachmentReading): readonly Block[] | null {
  const where = hosted(textAt(content, "codeSnippetUrl"));
  const text = where && codeOf(where);
  if (text === null || content === null) return null;
  const name = textAt(content, "name").trim();
  const code: Block = {
    kind: "code",
    language: fenceWord(textAt(content, "language")),
    text: cleanCode(text).replace(/^\n+|\s+$/g, ""),
  };
  const title: Block = { kind: "card", children: [paragraph(textSpan(name, "bold"))] };
  return name === "" ? [code] : [title, code];
}

/** Printed above the message, as the subject is. */
function announcement(content: Json | null): readonly Block[] {
  const [title, subtitle] = [textAt(content, "title"), textAt(content, "subTitle")];
  return [
    ...(title === "" ? [] : [{ kind: "heading", level: 2, spans: [textSpan(title)] } as const]),
    ...(subtitle === "" ? [] : [{ kind: "card", children: [paragraph(textSpan(subtitle))] } as const]),
  ];
}

function cardMentions(card: Json, { mentioned }: AttachmentReading): CardMentions {
  const entities = listAt(objectAt(card, "msteams"), "entities").slice(0, 50);
  return new Map(
    entities.flatMap((entity) => {
      const text = textAt(entity, "text");
      const whom = objectAt(entity, "mentioned");
      const name = textAt(whom, "name") || text.replace(/^<at>|<\/at>$/g, "");
      return text === "" ? [] : [[text, mentioned(textAt(whom, "id"), name).leaf] as const];
    }),
  );
}

function clip(content: Json | null, { hosted, file }: AttachmentReading): readonly Block[] | null {
  const addresses = listAt(content, "media").map((one) => textAt(one, "url"));
  const found = addresses.map(hosted).filter((one) => one !== null);
  for (const one of found.slice(0, 10)) file({ from: "hostedContent", ...one });
  if (found.length > 0) return [];
  return link(textAt(content, "title") || (addresses[0] ?? ""), addresses[0] ?? "");
}

function link(text: string, address: string): readonly Block[] | null {
  const url = webAddress(address);
  if (url === null) return null;
  return [{ kind: "card", children: [paragraph(textSpan(text.trim() || url, linkMark(url)))] }];
}

function meeting(title: string, joinAddress: string): readonly Block[] {
  const url = webAddress(joinAddress);
  const spans = [textSpan("📅 "), textSpan(title, "bold", ...(url === null ? [] : [linkMark(url)]))];
  return [{ kind: "card", children: [paragraph(...spans)] }];
}

/** A picture, clip or file that is attached by its address. */
function media(
  type: string,
  attachment: TeamsAttachment,
  reading: AttachmentReading,
): readonly Block[] | null {
  if (!/^(?:(?:image|audio|video)\/[\w.+-]+|file)$/i.test(type)) return null;
  const address = attachment.contentUrl ?? "";
  const hosted = reading.hosted(address);
  if (hosted) {
    reading.file({ from: "hostedContent", ...hosted });
    return [];
  }
  const name = fileName(attachment.name ?? "");
  const url = webAddress(address);
  if (url === null || !isSecure(url) || !type.startsWith("image/")) return link(name, address);
  return [{ kind: "card", children: [paragraph(span({ kind: "image", url, alt: name }))] }];
}
