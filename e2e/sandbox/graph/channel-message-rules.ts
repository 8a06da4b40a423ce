/** Graph's rules for accepting a channel message (docs/facts/microsoft-chat.md 6.3 and 6.4). */

import { badRequest, Refusal } from "./refusal.ts";

export interface MessageBody {
  readonly contentType: string;
  readonly content: string;
  readonly subject: string | null;
  readonly importance: string;
  readonly attachments: unknown[];
  readonly mentions: unknown[];
}

const FIELDS = ["body", "subject", "importance", "mentions", "attachments", "hostedContents", "reactions"];
const MAX_BYTES = 28_000;

type Json = Record<string, unknown>;
const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown, name: string): Json[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest(`${name} is not a collection.`);
  return value.map(object);
};

export function readMessage(json: unknown, isReply: boolean, isFile: (guid: string) => boolean): MessageBody {
  const given = object(json);
  const unknown = Object.keys(given).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw badRequest(`The property '${unknown}' does not exist on type chatMessage.`);
  const body = object(given.body);
  const content = typeof body.content === "string" ? body.content : "";
  const contentType = typeof body.contentType === "string" ? body.contentType.toLowerCase() : "text";
  if (content.trim() === "") throw badRequest("Missing body content.");
  if (contentType !== "text" && contentType !== "html") throw badRequest("The content type is unknown.");
  if (isReply && typeof given.subject === "string" && given.subject !== "")
    throw badRequest("A reply has no subject.");
  const mentions = list(given.mentions, "mentions");
  const attachments = list(given.attachments, "attachments");
  checkMarks(content, contentType, mentions, attachments);
  for (const { contentType: kind, id, contentUrl, name } of attachments) {
    if (kind !== "reference") continue;
    if (!isFile(String(id))) throw badRequest(`The file of attachment ${String(id)} does not exist.`);
    const ending = (text: unknown) => /\.[^./?]+$/.exec(String(text).split("?")[0] ?? "")?.[0]?.toLowerCase();
    if (ending(contentUrl) !== ending(name))
      throw badRequest("contentUrl extension and name extension do not match.");
  }
  const importance = typeof given.importance === "string" ? given.importance : "normal";
  if (!["normal", "high", "urgent"].includes(importance)) throw badRequest("The importance is unknown.");
  return {
    contentType,
    content: contentType === "html" ? withoutStrayMentions(content, mentions) : content,
    subject: typeof given.subject === "string" ? given.subject : null,
    importance,
    attachments,
    mentions,
  };
}

function checkMarks(
  content: string,
  contentType: string,
  mentions: readonly Json[],
  attachments: readonly Json[],
): void {
  const size = Math.max(Buffer.byteLength(content), 2 * content.length);
  if (size > MAX_BYTES) throw new Refusal(413, "RequestEntityTooLarge", "The message is too large.");
  if (contentType === "text" && mentions.length > 0) throw badRequest("Mentions need a body of type html.");
  for (const { id, mentionText } of mentions) {
    const tag = new RegExp(`<at id="${String(id)}">([^<]*)</at>`).exec(content)?.[1];
    if (tag === undefined)
      throw badRequest(`Neither Body nor Subject contain marker for mention with Id '${String(id)}'.`);
    const text = tag.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    if (text !== mentionText) throw badRequest("mentionText and the text of its marker differ.");
  }
  for (const { id } of attachments)
    if (!content.includes(`<attachment id="${String(id)}"`))
      throw badRequest(`Body does not contain marker for attachment with Id '${String(id)}'.`);
}

/** Graph silently strips a tag without an entry. */
const withoutStrayMentions = (html: string, mentions: readonly Json[]) =>
  html.replaceAll(/<at id="([^"]*)">([^<]*)<\/at>/g, (whole, id: string, text: string) =>
    mentions.some((one) => String(one.id) === id) ? whole : text,
  );

/** The stored message. */
interface Kept {
  readonly attachments: readonly unknown[];
  readonly mentions: readonly unknown[];
  readonly reactions: readonly unknown[];
}

export function readEdit(json: unknown, before: Kept): Omit<MessageBody, "subject"> {
  const given = object(json);
  const rich = before.attachments.length + before.mentions.length + before.reactions.length > 0;
  if (rich && !(given.attachments && given.mentions && given.reactions))
    throw badRequest("Rich html messages require details of attachments, mentions and reactions.");
  if (Array.isArray(given.reactions) && given.reactions.length !== before.reactions.length)
    throw new Refusal(412, "PreconditionFailed", "The reactions have changed.");
  return readMessage(given, true, () => true);
}

export function checkReaction(json: unknown): string {
  const type = object(json).reactionType;
  if (typeof type !== "string" || !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(type))
    throw badRequest("The reaction is not supported.");
  return type;
}
