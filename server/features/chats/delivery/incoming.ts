/**
 * Parses a chat message of Graph by hand: any member may be missing or of another type (docs/facts/microsoft-chat.md
 * 5).
 */

import type { TeamsMessage } from "../../../microsoft/teams-messages/index.ts";

export interface Sender {
  /** Entra object ID; null for an app, or for somebody whom Graph does not identify. */
  readonly userId: string | null;
  readonly name: string;
  readonly isApp: boolean;
}

/** An event of the chat itself that changes who may read it. */
export type ChatEvent = "members" | "renamed" | "other";

export interface IncomingMessage {
  readonly chatId: string;
  readonly messageId: string;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  /** Increases with each change, including reactions. */
  readonly modifiedAt: number;
  /** 0: never edited. */
  readonly editedAt: number;
  readonly isDeleted: boolean;
  /** A policy of the organisation forbids showing it. */
  readonly isBlocked: boolean;
  /** Not null: it is an event, not written by a person. */
  readonly event: ChatEvent | null;
  readonly sender: Sender | null;
  /** Object IDs of the people it mentions. */
  readonly mentions: ReadonlySet<string>;
  readonly mentionsEverybody: boolean;
  readonly raw: TeamsMessage;
}

type Json = Readonly<Record<string, unknown>>;

/** The ids come from the notification's resource, which the webhook has checked; the rest comes from its content. */
export function readIncoming(chatId: string, messageId: string, content: Json): IncomingMessage {
  const createdAt = time(content.createdDateTime) || Number(/^\d{13}$/.exec(messageId)?.[0] ?? 0);
  const mentions = listOf(content.mentions).map((one) => objectOf(one.mentioned));
  return {
    chatId,
    messageId,
    createdAt,
    modifiedAt: time(content.lastModifiedDateTime) || Number(/^\d{13}$/.exec(textOf(content.etag))?.[0] ?? 0),
    editedAt: time(content.lastEditedDateTime),
    isDeleted: Boolean(content.deletedDateTime),
    isBlocked: /blockAccess/.test(textOf(objectOf(content.policyViolation)?.dlpAction)),
    event: eventOf(content),
    sender: senderOf(objectOf(content.from)),
    mentions: new Set(mentions.flatMap((one) => textOf(objectOf(one?.user)?.id) || [])),
    mentionsEverybody: mentions.some((one) => objectOf(one?.conversation) !== null),
    // The conversion validates its other members, each where it is used.
    raw: { ...content, id: messageId, chatId, body: bodyOf(content.body) } as TeamsMessage,
  };
}

function bodyOf(value: unknown): TeamsMessage["body"] {
  const body = objectOf(value);
  return { contentType: textOf(body?.contentType) || "html", content: textOf(body?.content) };
}

function eventOf(content: Json): ChatEvent | null {
  const detail = objectOf(content.eventDetail);
  const kind = textOf(detail?.["@odata.type"]);
  if (/\.members(?:Added|Deleted|Joined|Left)EventMessageDetail$/.test(kind)) return "members";
  if (/\.chatRenamedEventMessageDetail$/.test(kind)) return "renamed";
  const type = textOf(content.messageType);
  if (detail || (type !== "" && type !== "message" && type !== "unknownFutureValue")) return "other";
  // An event without details, of a kind that this version of Graph does not know.
  const body = textOf(objectOf(content.body)?.content).trim();
  return /^<systemEventMessage\s*(?:\/>|>\s*<\/systemEventMessage>)$/i.test(body) ? "other" : null;
}

function senderOf(from: Json | null): Sender | null {
  const user = objectOf(from?.user);
  if (user)
    return { userId: textOf(user.id) || null, name: textOf(user.displayName).slice(0, 256), isApp: false };
  const app = objectOf(from?.application) ?? objectOf(from?.device);
  return app ? { userId: null, name: textOf(app.displayName).slice(0, 256), isApp: true } : null;
}

const time = (value: unknown): number => Date.parse(textOf(value)) || 0;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const objectOf = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
const listOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.map(objectOf).filter((one) => one !== null) : [];
