/** Addresses in a stranger's message: decides which become links, and finds pictures that only Graph can deliver. */

const MAX_ADDRESS = 4096;
const SCHEMES = /^(?:https?:\/\/[^/?#\\]|mailto:[^/?#]|tel:[^/?#])/i;

/** Characters that would end a Markdown link or that are displayed as something else. */
const UNSAFE = /[\s\p{Cc}"'()[\]<>\\`\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Returns the address of a link (http, https, mailto or tel) as written, with the characters encoded that would break
 * Markdown; null: not a link. Like browsers, it drops new lines and leading spaces before it reads the scheme (URL
 * standard 4.4).
 */
export function webAddress(text: string): string | null {
  const trimmed = withoutControls(text);
  if (trimmed.length > MAX_ADDRESS || !SCHEMES.test(trimmed) || !URL.canParse(trimmed)) return null;
  return trimmed.toWellFormed().replace(UNSAFE, encoded);
}

// encodeURIComponent leaves ' ( ) as they are.
const encoded = (one: string) =>
  /['()]/.test(one) ? `%${one.charCodeAt(0).toString(16).toUpperCase()}` : encodeURIComponent(one);

export const isSecure = (address: string) => /^https:/i.test(address);

const withoutControls = (text: string) =>
  text.replace(/[\t\n\r]/g, "").replace(/^[\s\p{Cc}]+|[\s\p{Cc}]+$/gu, "");

/** The ids of a picture, clip or code snippet inside a message (docs/facts/microsoft-chat.md 5.5). */
export interface HostedContent {
  readonly chatId?: string;
  readonly teamId?: string;
  readonly channelId?: string;
  readonly messageId: string;
  readonly replyId?: string;
  readonly contentId: string;
  /**
   * True when the address names another chat or channel than the message's own. The readers of the post may not be
   * allowed to see that one: fetch it only with the token of a person who alone reads the result.
   */
  readonly foreign: boolean;
}

export interface Conversation {
  readonly chatId?: string | null | undefined;
  readonly channelId?: string | null | undefined;
}

const ID = /^[A-Za-z0-9:@._=+-]{1,512}$/;

/**
 * Parses the address of a hosted content; null when it is not one. The caller builds its own request from the ids;
 * the stranger's address itself is never requested.
 */
export function hostedContent(
  address: string,
  graphHosts: readonly string[],
  own: Conversation,
): HostedContent | null {
  const url = URL.parse(withoutControls(address));
  if (!url || !graphHosts.includes(url.host.toLowerCase()) || url.username !== "") return null;
  const ids = idsOf(url.pathname);
  if (!ids) return null;
  const known = Boolean(own.chatId || own.channelId);
  const same = ids.chatId ? ids.chatId === own.chatId : ids.channelId === own.channelId;
  const foreign = known && !same;
  return { ...ids, foreign };
}

function idsOf(path: string): Omit<HostedContent, "foreign"> | null {
  const parts = path.split("/").slice(2).map(decoded);
  if (parts[0] === "users") parts.splice(0, 2);
  if (parts.at(-1) === "$value") parts.pop();
  const named = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) {
    const [name = "", id = ""] = parts.slice(at, at + 2);
    if (!ID.test(id) || /^\.+$/.test(id) || named.has(name)) return null;
    named.set(name, id);
  }
  const [shape, messageId, contentId] = [
    [...named.keys()].join("/"),
    named.get("messages") ?? "",
    named.get("hostedContents") ?? "",
  ];
  if (shape === "chats/messages/hostedContents")
    return { chatId: named.get("chats") ?? "", messageId, contentId };
  if (!/^teams\/channels\/messages(\/replies)?\/hostedContents$/.test(shape)) return null;
  const replyId = named.get("replies");
  return {
    teamId: named.get("teams") ?? "",
    channelId: named.get("channels") ?? "",
    messageId,
    ...(replyId === undefined ? {} : { replyId }),
    contentId,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** Returns the Graph path, without the version. */
export function hostedContentPath(of: HostedContent): string {
  const id = encodeURIComponent;
  const message = of.chatId
    ? `/chats/${id(of.chatId)}/messages/${id(of.messageId)}`
    : `/teams/${id(of.teamId ?? "")}/channels/${id(of.channelId ?? "")}/messages/${id(of.messageId)}`;
  const reply = of.replyId === undefined ? "" : `/replies/${id(of.replyId)}`;
  return `${message}${reply}/hostedContents/${id(of.contentId)}/$value`;
}

/** Whether the address is in Teams' own picture store, which requires a token that we never send. */
export function isClosedStore(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return /(^|\.)(asm\.skype\.com|asyncgw\.teams\.microsoft\.(com|us)|api\.asm\.skype\.com)$/i.test(host);
}
