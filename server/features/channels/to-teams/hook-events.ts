/** Turns the server's events about linked channels into work that is durable when the hook returns. */

import type { ChannelMember, Post, Reaction } from "../../../runtime/mattermost/index.ts";
import { tellJoined } from "../links/members.ts";
import { postDigest } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import { postWorkId } from "../work.ts";
import { isCopiedType, isCopyFromTeams } from "./drafts.ts";

export interface HookEvents {
  posted(post: Post): Promise<void>;
  updated(next: Post, before: Post): Promise<void>;
  deleted(post: Post): Promise<void>;
  reacted(reaction: Reaction): Promise<void>;
  joined(member: Pick<ChannelMember, "ChannelId" | "UserId">): Promise<void>;
}

export function hookEvents(room: Room): HookEvents {
  const { links, ports } = room;
  const { api, bot } = ports;
  return {
    async posted(post) {
      const link = await links.byChannel(post.ChannelId);
      if (!link || !isCopiedType(post) || isCopyFromTeams(post) || post.UserId === (await bot.userId()))
        return;
      await room.add({ do: "post", link: link.id, post: post.Id }, postWorkId(post));
    },
    async updated(next, before) {
      const link = await links.byChannel(next.ChannelId);
      if (!link || !isCopiedType(next) || postDigest(next) === postDigest(before)) return;
      if (next.UserId === (await bot.userId())) return;
      await room.add({ do: "post", link: link.id, post: next.Id }, postWorkId(next));
    },
    async deleted(post) {
      const link = await links.byChannel(post.ChannelId);
      if (!link || !isCopiedType(post)) return;
      const thread = post.RootId === "" ? { thread: post.DeleteAt } : {};
      await room.add({ do: "delete", link: link.id, post: post.Id, user: post.UserId, ...thread });
    },
    async reacted({ ChannelId, PostId, UserId, EmojiName }) {
      const channelId = ChannelId || (await api.getPost(PostId))?.ChannelId || "";
      const link = await links.byChannel(channelId);
      if (!link || UserId === (await bot.userId())) return;
      await room.add({ do: "react", link: link.id, post: PostId, user: UserId, emoji: EmojiName });
    },
    async joined({ ChannelId, UserId }) {
      const link = await links.byChannel(ChannelId);
      if (link) await tellJoined(room, link, UserId);
    },
  };
}
