/**
 * Creates the post that corresponds to a Teams message: the author's own if they are connected, else the bot's in
 * their name.
 */

import { randomBytes } from "node:crypto";
import { findPostSince } from "../../../people/find-post.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Input, Post } from "../../../runtime/mattermost/index.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { ofPost, type Pair, type PairKey } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { isCopyFromTeams } from "../to-teams/drafts.ts";
import type { Converted } from "./convert.ts";
import type { FetchedFiles } from "./files.ts";

/** A prop of each copy, by which the post is found after a crash. Nobody outside knows its value before. */
export const COPY_PROP = "teams_copy";
const SKEW_MS = 60_000;
/** After this time another process has taken over, or the copy belongs to another installation. */
const MAKING_MS = 2 * 60_000;

export interface CopyInput {
  readonly key: PairKey;
  readonly pair: Pair;
  readonly message: ReceivedMessage;
  readonly converted: Converted & { dropped: null };
  readonly rootId: string;
  readonly fetched: FetchedFiles;
  /** Milliseconds since 1970; 0: now. */
  readonly at: number;
}

export interface MadePost {
  readonly post: Post;
  readonly by: "author" | "bot";
  /** An earlier process created it, perhaps from an earlier state of the message. */
  readonly again: boolean;
}

/** Creates the post once: if a process dies after it has posted, the next one finds the post. */
export async function makePost(room: Room, link: ChannelLink, input: CopyInput): Promise<MadePost> {
  const { api, bot } = room.ports;
  const before = await adopted(room, link, input.pair);
  if (before) {
    await room.pairs.refer(ofPost(before.Id), input.key);
    return { post: before, by: before.UserId === (await bot.userId()) ? "bot" : "author", again: true };
  }
  const nonce = randomBytes(12).toString("base64url");
  // The server takes the time of creation as that of the last change, and lists the post from then on (Post.PreSave).
  const now = room.ports.clock.now();
  const at = input.at > 0 ? Math.min(input.at, now) : now;
  await room.pairs.change(input.key, (pair) => pair && { ...pair, nonce, at });
  const author = await authorOf(room, link, input.converted.author.userId);
  const props = propsOf(room, link, input, { nonce, byBot: author === null });
  const wanted: Input<Post> = {
    ChannelId: link.channelId,
    UserId: author ?? (await bot.userId()),
    RootId: input.rootId,
    Message: input.converted.frame({ UserId: "", Props: props }, input.fetched.note),
    FileIds: [...input.fetched.fileIds],
    Props: props,
    ...(input.at > 0 ? { CreateAt: input.at } : {}),
  };
  const post = await api.createPost(wanted);
  if (!post) throw new Error("the server answered without the post");
  await room.pairs.refer(ofPost(post.Id), input.key);
  return { post, by: author === null ? "bot" : "author", again: false };
}

async function authorOf(room: Room, link: ChannelLink, objectId: string | null): Promise<string | null> {
  const person = objectId === null ? null : await room.people.byObjectId(objectId);
  if (!person?.connected) return null;
  // A person who left the channel here is not added again; their messages from Teams appear under their name.
  return (await room.people.isMember(link.channelId, person.userId)) ? person.userId : null;
}

function propsOf(
  room: Room,
  link: ChannelLink,
  { converted, message }: CopyInput,
  { nonce, byBot }: { readonly nonce: string; readonly byBot: boolean },
): Record<string, unknown> {
  const { config, pluginId } = room.ports;
  const { author } = converted;
  const site = config.current.siteUrl?.url ?? "";
  const person = encodeURIComponent(author.userId ?? "app");
  return {
    teams_team_id: link.teamId,
    teams_channel_id: link.teamsChannelId,
    teams_message_id: message.id,
    ...(message.replyToId ? { teams_reply_to_id: message.replyToId } : {}),
    [COPY_PROP]: nonce,
    ...(byBot && {
      from_webhook: "true",
      override_username: [...author.name].slice(0, 64).join("") || "Microsoft Teams",
      override_icon_url: `${site}/plugins/${pluginId}/api/v1/channels/people/${person}/picture`,
    }),
  };
}

/** Returns the post that an earlier process created and did not record. */
export async function adopted(room: Room, link: ChannelLink, pair: Pair): Promise<Post | null> {
  if (pair.postId !== null) return foundOrNull(room.ports.api.getPost(pair.postId));
  if (pair.nonce === "") return null;
  return findPostSince(
    room.ports.api,
    link.channelId,
    pair.at - SKEW_MS,
    ({ Props }) => Props?.[COPY_PROP] === pair.nonce,
  );
}

/** The copy exists and its pair is about to be recorded: actions of people on it must wait for that. */
export async function isBeingMade(room: Room, postId: string, pair: Pair | undefined): Promise<boolean> {
  if (pair && !(pair.from === "teams" && pair.state === "sending")) return false;
  const post = await foundOrNull(room.ports.api.getPost(postId));
  return post !== null && isCopyFromTeams(post) && room.ports.clock.now() - post.CreateAt < MAKING_MS;
}

/** Returns false when it was already gone. */
export async function removePost(room: Room, postId: string): Promise<boolean> {
  const post = await foundOrNull(room.ports.api.getPost(postId));
  if (!post || post.DeleteAt > 0) return false;
  await room.ports.api.deletePost(postId);
  return true;
}
