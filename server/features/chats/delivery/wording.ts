/** The lines around a message. Names and topics are a stranger's text, so the Teams message printer escapes them. */

import type { Config } from "../../../microsoft/config/index.ts";
import { webAddress } from "../../../microsoft/teams-messages/addresses.ts";
import type { Mark, Span } from "../../../microsoft/teams-messages/document.ts";
import { printLine } from "../../../microsoft/teams-messages/print-line.ts";
import type { Say } from "../../../platform/i18n/index.ts";
import type { Chat } from "../recipients/chat-directory.ts";
import type { ChatWord } from "../words.ts";
import type { FileNote } from "./files.ts";
import type { Sender } from "./incoming.ts";

type Words = Say<ChatWord>;

/** A value inside a sentence, with its own marks. */
export interface Piece {
  readonly text: string;
  readonly marks?: readonly Mark[];
}

/** One line; `{name}` in the template becomes the piece of that name. */
export function sentence(template: string, pieces: Readonly<Record<string, Piece>>): string {
  const spans: Span[] = template.split(/(\{\w+\})/).map((part) => {
    const piece = pieces[/^\{(\w+)\}$/.exec(part)?.[1] ?? ""];
    return {
      leaf: { kind: "text", text: oneLine(piece?.text ?? part) },
      marks: piece?.marks ?? [],
    };
  });
  return printLine(spans, { cell: false, lineStart: true, isEmoji: () => true });
}

const oneLine = (text: string) => text.replace(/\s+/g, " ");

/** The link that opens the message in Teams of the configured cloud (docs/facts/microsoft-chat.md 9). */
export function deepLink({ cloud, registration }: Config, chatId: string, messageId: string): string {
  const context = encodeURIComponent('{"contextType":"chat"}');
  const tenant = encodeURIComponent(registration?.tenantId ?? "");
  // encodeURIComponent leaves ' ( ) as they are, and a Markdown link ends at the last of them.
  const id = (text: string) =>
    encodeURIComponent(text).replace(/['()]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `${cloud.teamsUrl}/l/message/${id(chatId)}/${id(messageId)}?tenantId=${tenant}&context=${context}`;
}

/** The link that opens the chat itself. */
export function chatLink({ cloud, registration }: Config, chatId: string): string {
  const id = encodeURIComponent(chatId).replace(/['()]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `${cloud.teamsUrl}/l/chat/${id}/0?tenantId=${encodeURIComponent(registration?.tenantId ?? "")}`;
}

export const nameOf = (sender: Sender, say: Words): string =>
  sender.name.trim() || say(sender.isApp ? "an_app" : "somebody");

const linked = (text: string, url: string): Piece => {
  const address = webAddress(url);
  return address ? { text, marks: [`link ${address}`] } : { text };
};

export const chatPiece = (chat: Chat, url: string, say: Words): Piece =>
  linked(chat.topic.trim() || say("teams"), url);

/** `**Ben** wrote to you and 3 others in [Release](…)` */
export function headline(sender: Sender, chat: Chat, url: string, say: Words): string {
  const others = chat.kind === "direct" ? 0 : chat.members.length - 2;
  const word = others <= 0 ? "wrote_direct" : others === 1 ? "wrote_one" : "wrote_many";
  return sentence(say(word, { count: Math.max(0, others) }), {
    name: { text: nameOf(sender, say), marks: ["bold"] },
    chat: chatPiece(chat, url, say),
  });
}

export function fileLine(note: FileNote, url: string, say: Words): string {
  const values = { limit: note.limitMb ?? 0, count: note.count ?? 0 };
  return `* ${sentence(say(note.word, values), {
    file: { text: note.name || say("file_image"), marks: ["bold"] },
    link: linked(say("open"), note.url && webAddress(note.url) ? note.url : url),
  })}`;
}
