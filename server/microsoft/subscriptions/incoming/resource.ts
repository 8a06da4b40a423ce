/**
 * Parses the resource of a subscription or a notification with a grammar, and prints it again.
 *
 *   resource = [ "/" ] segment { "/" segment } [ "?" query ]
 *   segment  = name [ "('" id "')" ]  |  name "/" id        id in quotes: a quote is doubled
 *
 * Names are case-insensitive: Graph writes `Users/…/Events/…` and `users('…')/events('…')` for the same resource
 * (docs/facts/microsoft-calendar.md 4). Ids may contain `:`, `@`, `%` and slashes, so the text is never split at
 * slashes. No request goes to a path from outside: `resourcePath` builds it from the ids.
 */

import type { Place } from "../../../platform/work/queue.ts";

export type Resource =
  | { readonly kind: "all_chats" }
  | { readonly kind: "chats_of"; readonly userId: string }
  | { readonly kind: "chat"; readonly chatId: string }
  | { readonly kind: "chat_message"; readonly chatId: string; readonly messageId: string }
  | { readonly kind: "channel"; readonly teamId: string; readonly channelId: string }
  | {
      readonly kind: "channel_message";
      readonly teamId: string;
      readonly channelId: string;
      readonly messageId: string;
      /** Set for a reply to `messageId`. */
      readonly replyId: string | null;
    }
  /** `userId` null: the person whose token made the subscription. */
  | { readonly kind: "events"; readonly userId: string | null }
  | { readonly kind: "event"; readonly userId: string; readonly eventId: string };

export type ResourceKind = Resource["kind"];

const MAX_CHARACTERS = 2048;
/** Event ids have about 150 characters, immutable ones up to 500. */
const MAX_ID_CHARACTERS = 512;

/** Returns null for every resource that this product does not use. */
export function readResource(text: string): Resource | null {
  if (text.length > MAX_CHARACTERS) return null;
  const reader = new Reader(text);
  const first = reader.name();
  if (first === "chats") return chats(reader);
  if (first === "teams") return channel(reader);
  if (first === "users") return ofUser(reader);
  if (first === "me" && reader.name() === "events" && reader.atEnd()) return { kind: "events", userId: null };
  return null;
}

function chats(reader: Reader): Resource | null {
  if (reader.takeName("getallmessages")) return reader.atEnd() ? { kind: "all_chats" } : null;
  const chatId = reader.id();
  if (chatId === null || reader.name() !== "messages") return null;
  if (reader.atEnd()) return { kind: "chat", chatId };
  const messageId = reader.id();
  return messageId !== null && reader.atEnd() ? { kind: "chat_message", chatId, messageId } : null;
}

function channel(reader: Reader): Resource | null {
  const teamId = reader.id();
  if (teamId === null || reader.name() !== "channels") return null;
  const channelId = reader.id();
  if (channelId === null || reader.name() !== "messages") return null;
  if (reader.atEnd()) return { kind: "channel", teamId, channelId };
  const messageId = reader.id();
  if (messageId === null) return null;
  const root = { kind: "channel_message", teamId, channelId, messageId } as const;
  if (reader.atEnd()) return { ...root, replyId: null };
  if (reader.name() !== "replies") return null;
  const replyId = reader.id();
  return replyId !== null && reader.atEnd() ? { ...root, replyId } : null;
}

function ofUser(reader: Reader): Resource | null {
  const userId = reader.id();
  if (userId === null) return null;
  if (reader.takeName("chats"))
    return reader.takeName("getallmessages") && reader.atEnd() ? { kind: "chats_of", userId } : null;
  if (reader.name() !== "events") return null;
  if (reader.atEnd()) return { kind: "events", userId };
  // Old event ids contain slashes, and nothing follows an event's id.
  const eventId = reader.id({ toTheEnd: true });
  return eventId !== null && reader.atEnd() ? { kind: "event", userId, eventId } : null;
}

/** Returns the path of a Graph call, with percent-encoded ids. */
export function resourcePath(resource: Resource): string {
  const id = encodeURIComponent;
  switch (resource.kind) {
    case "all_chats":
      return "/chats/getAllMessages";
    case "chats_of":
      return `/users/${id(resource.userId)}/chats/getAllMessages`;
    case "chat":
      return `/chats/${id(resource.chatId)}/messages`;
    case "chat_message":
      return `/chats/${id(resource.chatId)}/messages/${id(resource.messageId)}`;
    case "channel":
      return `/teams/${id(resource.teamId)}/channels/${id(resource.channelId)}/messages`;
    case "channel_message": {
      const { teamId, channelId, messageId, replyId } = resource;
      const root = `/teams/${id(teamId)}/channels/${id(channelId)}/messages/${id(messageId)}`;
      return replyId === null ? root : `${root}/replies/${id(replyId)}`;
    }
    case "events":
      return resource.userId === null ? "/me/events" : `/users/${id(resource.userId)}/events`;
    case "event":
      return `/users/${id(resource.userId)}/events/${id(resource.eventId)}`;
  }
}

/** Whether a notification about `changed` may belong to a subscription to `wished`. */
export function covers(wished: Resource, changed: Resource): boolean {
  switch (changed.kind) {
    case "chat_message":
      if (wished.kind === "chat") return same(wished.chatId, changed.chatId);
      return wished.kind === "all_chats" || wished.kind === "chats_of";
    case "channel_message":
      return (
        wished.kind === "channel" &&
        same(wished.teamId, changed.teamId) &&
        same(wished.channelId, changed.channelId)
      );
    case "event":
      return wished.kind === "events" && (wished.userId === null || same(wished.userId, changed.userId));
    default:
      return false;
  }
}

export function sameResource(one: string, other: string): boolean {
  const path = (text: string) => {
    const resource = readResource(text);
    return resource && resourcePath(resource).toLowerCase();
  };
  const read = path(one);
  return read !== null && read === path(other);
}

/** Changes with the same order key are handled in order, one at a time: one chat, one channel, one mailbox. */
export function orderKey(resource: Resource): string {
  switch (resource.kind) {
    case "chat_message":
      return `chat ${resource.chatId}`;
    case "channel_message":
      return `channel ${resource.channelId}`;
    case "event":
      return `events ${resource.userId.toLowerCase()}`;
    default:
      return resource.kind;
  }
}

/** Returns the message of a change, and when it was written: Microsoft's message ids are milliseconds since 1970. */
export function placeOf(resource: Resource, isDeleted: boolean, receivedAt: number): Place {
  if (resource.kind !== "chat_message" && resource.kind !== "channel_message") return { of: "", rank: 0 };
  const reply = resource.kind === "channel_message" ? resource.replyId : null;
  const of = reply ?? resource.messageId;
  // A deletion of a root must not overtake the replies that were written before it.
  return { of, rank: !isDeleted && /^\d{1,16}(?:\.\d+)?$/.test(of) ? Number(of) : receivedAt };
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    // Our own wishes may have `$select`, which is not part of the resource.
    const query = text.search(/\?(?=\$|[a-z]+=)/i);
    this.#text = query < 0 ? text : text.slice(0, query);
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Returns the next name in lower case, "" when there is none. */
  name(): string {
    const match = this.#match(this.#at === 0 ? /\/?([A-Za-z]+)(?=[/(]|$)/y : /\/([A-Za-z]+)(?=[/(]|$)/y);
    return match?.[1]?.toLowerCase() ?? "";
  }

  takeName(expected: string): boolean {
    const before = this.#at;
    if (this.name() === expected) return true;
    this.#at = before;
    return false;
  }

  id({ toTheEnd = false } = {}): string | null {
    const quoted = this.#match(/\('((?:[^']|'')*)'\)(?=\/|$)/y);
    const plain = quoted ? null : this.#match(toTheEnd ? /\/(.+)/sy : /\/([^/]+)/y);
    const raw = quoted?.[1]?.replaceAll("''", "'") ?? plain?.[1];
    return raw === undefined ? null : checked(decoded(raw));
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }
}

/** Some notifications have percent-encoded ids; a Teams or Outlook id never contains a `%` of its own. */
function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

function checked(id: string): string | null {
  const bad = id === "" || id === "." || id === ".." || id.length > MAX_ID_CHARACTERS;
  return bad || /[\p{Cc}\s]/u.test(id) ? null : id;
}
