/** Builds the texts of one post's activities; facts that are the same for all readers are looked up once. */

import type { ConfigSource } from "../../../microsoft/config/index.ts";
import { activitySettings } from "../../../platform/settings/index.ts";
import type { Message } from "../delivery/delivery.ts";
import type { Members } from "../members/members.ts";
import type { NotificationsApi } from "../ports.ts";
import type { Audience, PostRecipient } from "../rules/audience.ts";
import type { PostFacts } from "../rules/facts.ts";
import { authorOf as authorFrom } from "../rules/from-mattermost.ts";
import {
  type Author,
  contentLevel,
  displayName,
  nameFormatFor,
  needsLocale,
  placeName,
  type Wording,
  wordsFor,
} from "./wording.ts";

const AUTHOR_MS = 60_000;
const MAX_AUTHORS = 2_000;
/** Pictures and other files have different texts when there is no message; more than this are just "files". */
const MAX_FILES_ASKED = 10;

export interface WriterPorts {
  readonly api: Pick<NotificationsApi, "getUsersByIds" | "getFileInfo">;
  readonly config: ConfigSource;
  readonly members: Members;
  readonly now: () => number;
}

export type Writer = (audience: Audience) => Promise<(recipient: PostRecipient) => Message>;

export function createWriter({ api, config, members, now }: WriterPorts): Writer {
  const authors = new Map<string, { author: Author; readAt: number }>();

  async function authorOf(userId: string): Promise<Author> {
    const linked = members.author(userId);
    if (linked) return linked;
    const known = authors.get(userId);
    if (known && now() - known.readAt < AUTHOR_MS) return known.author;
    const [user] = await api.getUsersByIds([userId]);
    const author = user ? authorFrom(user) : { username: "", nickname: "", fullName: "" };
    if (authors.size > MAX_AUTHORS) authors.clear();
    authors.set(userId, { author, readAt: now() });
    return author;
  }

  async function imagesOf(post: PostFacts): Promise<number | null> {
    if (!needsLocale(post) || post.fileIds.length > MAX_FILES_ASKED) return null;
    const files = await Promise.all(post.fileIds.map((id) => api.getFileInfo(id).catch(() => null)));
    return files.filter((file) => file?.MimeType.startsWith("image/")).length;
  }

  return async ({ context }) => {
    const { post, channel, server } = context;
    const wording: Wording = {
      post,
      channel,
      server,
      author: await authorOf(post.authorId),
      level: contentLevel(server.pushContents, config.current.section(activitySettings).notification_content),
      images: await imagesOf(post),
      byUsername: (username) => members.byUsername(username),
      nameOf: (username) => {
        const author = members.byUsername(username);
        return author && displayName(author, nameFormatFor(server, null));
      },
    };
    return (recipient) => {
      const nameFormat = nameFormatFor(server, recipient.nameFormat);
      const words = wordsFor(wording, {
        reason: recipient.reason,
        nameFormat,
        locale: needsLocale(post) ? (members.person(recipient.userId)?.locale ?? "en") : "en",
      });
      return {
        type: words.type,
        topic: topicOf(placeName(wording, nameFormat), wording.level),
        parameters: words.parameters,
        subPageId: `post_${post.id}`,
        ...(words.preview === null ? {} : { preview: words.preview }),
      };
    };
  };
}

/** The channel's name, if it may be shown. */
function topicOf(displayName: string, level: Wording["level"]): string {
  return (level === "full" || level === "sender_and_channel") && displayName !== ""
    ? displayName
    : "Mattermost";
}
