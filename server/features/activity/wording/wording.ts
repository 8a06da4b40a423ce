/** Builds the text of an activity, as far as the server and the admin allow. */

import { MAX_PREVIEW } from "../../../microsoft/graph/index.ts";
import { languageOf } from "../../../platform/i18n/index.ts";
import { cut, isolated, type NameOf, plainText } from "../../../platform/markdown/index.ts";
import type { ChannelFacts, PostFacts, ServerRules } from "../rules/facts.ts";
import type { Reason } from "../rules/rules.ts";
import { fileWords } from "./file-words.ts";

/**
 * From open to closed:
 *   full                who, where, and the text
 *   sender_and_channel  who and where
 *   sender              who
 *   nothing             only that there is a message
 */
export const contentLevels = ["full", "sender_and_channel", "sender", "nothing"] as const;
export type ContentLevel = (typeof contentLevels)[number];

const ofServer: Readonly<Record<string, ContentLevel>> = {
  full: "full",
  generic: "sender_and_channel",
  generic_no_channel: "sender",
  // The phone fetches the text from the server itself, which Microsoft's feed cannot do.
  id_loaded: "nothing",
};

/** The server's own push setting, or the admin's choice when it is stricter. Unknown: nothing. */
export function contentLevel(pushContents: string, choice: ContentLevel | "server"): ContentLevel {
  const server = ofServer[pushContents] ?? "nothing";
  const chosen = choice === "server" ? "full" : choice;
  return contentLevels.indexOf(chosen) > contentLevels.indexOf(server) ? chosen : server;
}

export interface Author {
  readonly username: string;
  readonly nickname: string;
  readonly fullName: string;
}

export interface Words {
  /** Activity type of the app package. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly preview: string | null;
}

export interface Wording {
  readonly post: PostFacts;
  readonly channel: ChannelFacts;
  readonly author: Author;
  readonly server: ServerRules;
  readonly level: ContentLevel;
  readonly nameOf: NameOf;
  /** Returns a linked member by user name; other people keep their user name. */
  readonly byUsername: (username: string) => Author | null;
  /** How many of the post's files are pictures; null when unknown. */
  readonly images: number | null;
}

/** Recipients with an equal reader get the same text and can share a request. */
export interface Reader {
  readonly reason: Reason;
  /** `username`, `nickname_full_name` or `full_name`. */
  readonly nameFormat: string;
  readonly locale: string;
}

export function wordsFor(wording: Wording, reader: Reader): Words {
  const { post, level } = wording;
  if (level === "nothing") return { type: "message", parameters: {}, preview: null };
  const author = isolated(cut(senderName(wording, reader.nameFormat), MAX_NAME));
  const place = level === "sender" ? "Mattermost" : placeName(wording, reader.nameFormat) || "Mattermost";
  const parameters: Record<string, string> = { author };
  if (reader.reason !== "direct_message") parameters.channel = isolated(cut(place, MAX_NAME));
  // Burn-on-read messages must not survive anywhere after they were read.
  const open = level === "full" && post.type !== "burn_on_read";
  return { type: reader.reason, parameters, preview: open ? preview(wording, reader.locale) : null };
}

const MAX_NAME = 80;

/** A group message has no name but its people's user names, `alice, bob`; they are replaced by display names. */
export function placeName({ channel, byUsername }: Wording, nameFormat: string): string {
  if (channel.type !== "G") return channel.displayName;
  const shown = channel.displayName.split(", ").map((username) => {
    const person = byUsername(username);
    return (person && fullName(person, nameFormat)) || username;
  });
  return shown.join(", ");
}

function senderName({ post, channel, author, server }: Wording, nameFormat: string): string {
  const override = server.enablePostUsernameOverride && post.fromWebhook && channel.type !== "D";
  if (override && post.overrideUsername !== "") return post.overrideUsername;
  return displayName(author, nameFormat);
}

/** `model.User.GetDisplayNameWithPrefix`. */
export function displayName(author: Author, nameFormat: string): string {
  return fullName(author, nameFormat) || `@${author.username}`;
}

/** Empty when only the user name is to be shown, or when there is no other name. */
function fullName(author: Author, nameFormat: string): string {
  if (nameFormat === "nickname_full_name") return author.nickname || author.fullName;
  return nameFormat === "full_name" ? author.fullName : "";
}

/** The server's rule for the display of names. */
export function nameFormatFor(server: ServerRules, chosen: string | null): string {
  if (!server.showFullName) return "username";
  return server.lockTeammateNameDisplay || chosen === null ? server.teammateNameDisplay : chosen;
}

/** Only the start of a long text can be shown; Markdown marks and addresses of links use up a part of it. */
const MOST_READ = 4_000;

function preview(wording: Wording, locale: string): string | null {
  const { post, nameOf } = wording;
  const texts = [post.message, ...post.attachments.map((one) => one.fallback || one.pretext || one.text)];
  const text = texts
    .map((one) => plainText(one.slice(0, MOST_READ), nameOf))
    .filter((one) => one !== "")
    .join(" ");
  const files = post.fileIds.length;
  const said =
    text === "" ? filesText(files, wording.images, locale) : files === 0 ? text : `${text} 📎${files}`;
  if (said === "") return null;
  const urgent = post.urgent ? "❗ " : "";
  const tail = text !== "" && files > 0 ? ` 📎${files}` : "";
  const room = MAX_PREVIEW - urgent.length;
  if (said.length <= room) return urgent + said;
  return urgent + cut(text, room - tail.length) + tail;
}

/** Only a post that consists of files needs the reader's language; any other text is the same for all. */
export function needsLocale(post: PostFacts): boolean {
  return post.message.trim() === "" && post.attachments.length === 0 && post.fileIds.length > 0;
}

function filesText(files: number, images: number | null, locale: string): string {
  if (files === 0) return "";
  const say = fileWords.in(languageOf(locale));
  if (images === files) return files === 1 ? say("image") : say("images", { count: files });
  return files === 1 ? say("file") : say("files", { count: files });
}
