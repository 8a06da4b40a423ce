/** Converts a post to as many Teams messages as it needs. */

import type { SentFile, TeamsDraft, ToTeamsOptions } from "../../../microsoft/teams-messages/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { digest } from "../pairs/pair-store.ts";
import { fullName, type Sender } from "../people.ts";
import type { Room } from "../room.ts";
import type { SentBody } from "../teams-api.ts";

/** Posts of people, `/me` and posts of integrations; everything else is the server's own, or temporary. */
const COPIED_TYPES = ["", "me", "slack_attachment"];

export const isCopiedType = ({ Type }: Pick<Post, "Type">) => COPIED_TYPES.includes(Type);

/**
 * A post that a plugin created from a Teams message. A person who sets such props only keeps their own post from
 * being copied.
 */
export const isCopyFromTeams = ({ Props }: Pick<Post, "Props">) =>
  typeof Props?.teams_message_id === "string" && Props.from_plugin === "true";

export interface DraftInput {
  readonly post: Post;
  readonly files: readonly SentFile[];
  readonly sender: Sender;
  readonly quote: string;
}

/** Returns null when there is nothing to send to Teams. */
export async function draftsOf(
  room: Room,
  link: ChannelLink,
  { post, files, sender, quote }: DraftInput,
): Promise<readonly TeamsDraft[] | null> {
  const { api, config } = room.ports;
  const { toTeams } = await import("../../../microsoft/teams-messages/index.ts");
  const [channel, mayPingAll] = await Promise.all([
    api.getChannel(link.channelId),
    api.hasPermissionToChannel(post.UserId, link.channelId, { Id: "use_channel_mentions" }),
  ]);
  const text = post.Type === "me" ? post.Message.replace(/^\*?|\*?$/g, "*") : post.Message;
  const [people, channels, team] = await Promise.all([
    room.people.mentioned(post.Message),
    room.people.publicChannels(channel?.TeamId ?? "", post.Message),
    foundOrNull(api.getTeam(channel?.TeamId ?? "")),
  ]);
  const options: ToTeamsOptions = {
    siteUrl: config.current.siteUrl?.url ?? "",
    team: team?.Name ?? null,
    personOf: (username) => people.get(username) ?? null,
    publicChannel: (name) => channels.get(name) ?? null,
    everybody: mayPingAll
      ? { id: link.teamsChannelId, displayName: link.teamsChannelName, type: "channel" }
      : null,
    files,
    ...(quote === "" ? {} : { quote }),
    ...(sender.kind === "bot" ? { author: await shownName(room, post) } : {}),
  };
  const priority = post.Metadata?.Priority?.Priority;
  const sent = toTeams(
    {
      message: text,
      type: post.Type,
      ...(priority ? { priority } : {}),
      attachments: post.Props?.attachments,
      mentionHighlightDisabled: post.Props?.mentionHighlightDisabled === true,
    },
    options,
  );
  return sent.dropped === null ? sent.messages : null;
}

async function shownName(room: Room, post: Post): Promise<string> {
  const webhook = post.Props?.from_webhook === "true" ? stringProp(post, "override_username") : null;
  if (webhook) return webhook.slice(0, 200);
  const user = await foundOrNull(room.ports.api.getUser(post.UserId));
  return user ? fullName(user) : "Mattermost";
}

export const stringProp = ({ Props }: Pick<Post, "Props">, name: string): string | null => {
  const value = Props?.[name];
  return typeof value === "string" && value !== "" ? value : null;
};

/** The digest of a message as we send it. */
export const draftDigest = ({ content, mentions, attachments }: TeamsDraft): string =>
  digest(content, mentions, attachments);

/** Adds our mark, so that the message is recognised when it comes back. */
export async function bodyOf(draft: TeamsDraft): Promise<SentBody> {
  const { OWN_MARK } = await import("../../../microsoft/teams-messages/index.ts");
  return {
    body: { contentType: "html", content: draft.content + OWN_MARK },
    ...(draft.importance === "normal" ? {} : { importance: draft.importance }),
    mentions: draft.mentions,
    attachments: draft.attachments,
  };
}
