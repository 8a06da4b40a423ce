/**
 * A Mattermost server's state in memory, and the few rules by which it changes. No plugin protocol, no HTTP:
 * unit tests use it alone (`new World()`, then `pluginApi(world)`), the sandbox puts a server around it. Each layer
 * refers to those below it, as the tables of the server's database do:
 *
 *   server-core.ts ─▶ people.ts ─▶ places.ts ─▶ world.ts: posts, threads, reactions, files
 */

import type { Command, FileInfo, Post, Reaction } from "../../../server/runtime/mattermost/index.ts";
import { newId } from "./ids.ts";
import { Places } from "./places.ts";
import { emplace } from "./table.ts";
import * as zero from "./zero.ts";

export {
  type AuditEntry,
  type ClientEvent,
  FIRST_NODE,
  type HookSink,
  hookContext,
  type LogEntry,
} from "./server-core.ts";

export class World extends Places {
  readonly posts = new Map<string, Post>();
  readonly files = new Map<string, { info: FileInfo; data: Uint8Array }>();
  readonly commands = new Map<string, Command>();
  readonly reactions = new Map<string, Reaction[]>();
  /** Names of custom emoji. */
  readonly customEmojis = new Set<string>();
  /** Trigger IDs of presses and commands, for dialogs. */
  readonly triggers = new Map<string, { readonly userId: string; readonly at: number }>();
  /** Thread root → person → whether the person follows; `false` for a person who unfollowed by hand. */
  readonly #threads = new Map<string, Map<string, boolean>>();
  readonly #channelPosts = new Map<string, string[]>();

  /** Stores an accepted post, updates thread and channel, and notifies clients. The caller calls the hooks. */
  putPost(part: Partial<Post> & { UserId: string; ChannelId: string }): Post {
    const at = part.CreateAt || this.now();
    const post = zero.post({ ...part, Id: part.Id || newId(), CreateAt: at, UpdateAt: at });
    post.Hashtags = (post.Message.match(/(?<=^|\s)#[\p{L}][\p{L}\d_.-]+/gu) ?? []).join(" ");
    this.posts.set(post.Id, post);
    emplace(this.#channelPosts, post.ChannelId, () => []).push(post.Id);
    const channel = this.channels.get(post.ChannelId);
    if (channel) {
      channel.LastPostAt = at;
      channel.TotalMsgCount++;
      if (post.RootId === "") {
        channel.LastRootPostAt = at;
        channel.TotalMsgCountRoot++;
      }
    }
    const root = this.posts.get(post.RootId);
    if (root) {
      root.ReplyCount++;
      root.LastReplyAt = at;
    }
    this.tell({ event: "posted", data: { post }, to: { channelId: post.ChannelId } });
    return post;
  }

  updatePost(post: Post): void {
    this.posts.set(post.Id, post);
    const event = post.DeleteAt > 0 ? "post_deleted" : "post_edited";
    this.tell({ event, data: { post }, to: { channelId: post.ChannelId } });
  }

  /** Deletes a post with its replies, for which no hook is called (SqlPostStore.Delete). */
  deletePost({ Id }: Pick<Post, "Id">): Post {
    const at = this.now();
    for (const post of [...this.posts.values()])
      if (post.DeleteAt === 0 && (post.Id === Id || post.RootId === Id))
        this.updatePost({ ...post, DeleteAt: at, UpdateAt: at });
    return structuredClone(this.posts.get(Id) as Post);
  }

  addReaction(reaction: Reaction): void {
    const before = this.reactions.get(reaction.PostId) ?? [];
    const same = (each: Reaction) => each.UserId === reaction.UserId && each.EmojiName === reaction.EmojiName;
    if (!before.some(same)) this.reactions.set(reaction.PostId, [...before, reaction]);
    this.#showReactions("reaction_added", reaction);
  }

  removeReaction({ EmojiName, PostId, UserId, ...rest }: Reaction): void {
    const left = (this.reactions.get(PostId) ?? []).filter(
      (each) => each.UserId !== UserId || each.EmojiName !== EmojiName,
    );
    this.reactions.set(PostId, left);
    this.#showReactions("reaction_removed", { ...rest, EmojiName, PostId, UserId });
  }

  #showReactions(event: string, reaction: Reaction): void {
    const post = this.posts.get(reaction.PostId);
    if (!post) return;
    post.HasReactions = (this.reactions.get(post.Id) ?? []).length > 0;
    // SqlReactionStore writes it with the reaction, so that a list of posts since a time includes this one.
    post.UpdateAt = this.now();
    const json = { user_id: reaction.UserId, post_id: post.Id, emoji_name: reaction.EmojiName };
    this.tell({ event, data: { reaction: JSON.stringify(json) }, to: { channelId: post.ChannelId } });
  }

  /** `undefined`: the person never had to do with the thread. */
  follows(rootId: string, userId: string): boolean | undefined {
    return this.#threads.get(rootId)?.get(userId);
  }

  /** By hand, or because of a reply: push.ts has the rules. */
  setFollows(rootId: string, userId: string, following: boolean): void {
    emplace(this.#threads, rootId, () => new Map()).set(userId, following);
  }

  followers(rootId: string): string[] {
    return [...(this.#threads.get(rootId) ?? [])].flatMap(([userId, following]) =>
      following ? [userId] : [],
    );
  }

  /** Oldest first, without deleted ones. */
  postsIn(channelId: string): Post[] {
    return (this.#channelPosts.get(channelId) ?? []).flatMap((id) => {
      const post = this.posts.get(id);
      return post && post.DeleteAt === 0 ? [post] : [];
    });
  }
}
