import type { Api, Post, PostList } from "../../../../server/runtime/mattermost/index.ts";
import * as model from "../../../../server/runtime/mattermost/wire/model.gen.ts";
import { badRequest, notFound } from "../app-error.ts";
import type { Caller } from "../caller.ts";
import { putFile } from "../files.ts";
import { newId } from "../ids.ts";
import { publish } from "../publish.ts";
import { complete, ephemeralPost } from "../zero.ts";

export type PostsApi = Pick<
  Api,
  | "createPost"
  | "updatePost"
  | "deletePost"
  | "getPost"
  | "getPostThread"
  | "getPostsForChannel"
  | "getPostsSince"
  | "getPostsBefore"
  | "getPostsAfter"
  | "sendEphemeralPost"
  | "updateEphemeralPost"
  | "deleteEphemeralPost"
  | "addReaction"
  | "removeReaction"
  | "getReactions"
  | "getEmojiByName"
  | "getFileInfo"
  | "getFile"
  | "uploadFile"
  | "copyFileInfos"
  | "createUploadSession"
  | "uploadData"
>;

/**
 * The server's limit of `getPostsSince`. Its query has no order, so any of the changes may be missing; here, the posts
 * that were created first are.
 */
export const MOST_CHANGES = 1_000;

export function postsApi({ world, node }: Caller): PostsApi {
  const live = (where: string, id: string): Post => {
    const found = world.posts.get(id);
    if (!found || found.DeleteAt > 0) throw notFound(where, "app.post.get.app_error");
    return found;
  };
  const need = (where: string, id: string): Post => structuredClone(live(where, id));
  /** Newest first, like every list of posts on the server. */
  const list = (posts: Post[]): PostList => ({
    Order: posts.map((post) => post.Id),
    Posts: Object.fromEntries(posts.map((post) => [post.Id, structuredClone(post)])),
    NextPostId: "",
    PrevPostId: "",
    HasNext: null,
    FirstInaccessiblePostTime: 0,
    BurnOnReadPosts: {},
  });
  const newestFirst = (channelId: string) => world.postsIn(channelId).reverse();
  /** A deleted post still has its place among the others; one that was never stored has none. */
  const placeOf = (postId: string) => world.posts.get(postId)?.CreateAt ?? Number.NaN;

  return {
    /** Adds the prop from_plugin, by which clients and other plugins tell plugins from people (api.CreatePost). */
    async createPost(part) {
      const given = complete(model.Post, part);
      return structuredClone(
        await publish(world, { ...given, Props: { ...given.Props, from_plugin: "true" } }, { node }),
      );
    },
    async updatePost(part) {
      const given = complete(model.Post, part);
      const known = need("UpdatePost", given.Id);
      const next = {
        ...known,
        Message: given.Message,
        Props: given.Props,
        FileIds: given.FileIds,
        IsPinned: given.IsPinned,
        EditAt: given.Message === known.Message ? known.EditAt : world.now(),
        UpdateAt: world.now(),
      };
      world.updatePost(next);
      world.fireOn(node, "messageHasBeenUpdated", next, known);
      return structuredClone(next);
    },
    async deletePost(id) {
      const post = need("DeletePost", id);
      const deleted = world.deletePost(post);
      world.fireOn(node, "messageHasBeenDeleted", deleted);
    },
    getPost: async (id) => need("GetPost", id),
    async getPostThread(id) {
      const post = live("GetPostThread", id);
      const root = post.RootId || post.Id;
      return list(newestFirst(post.ChannelId).filter((each) => each.Id === root || each.RootId === root));
    },
    getPostsForChannel: async (channelId, number, size) =>
      list(newestFirst(channelId).slice(number * size, (number + 1) * size)),
    /**
     * Includes deleted posts, because clients learn of deletions this way, and the roots of replies, which are not in
     * the order (PostStore.GetPostsSince).
     */
    async getPostsSince(channelId, time) {
      const changed = [...world.posts.values()]
        .filter((each) => each.ChannelId === channelId && each.UpdateAt > time)
        .reverse()
        .slice(0, MOST_CHANGES);
      const roots = changed.flatMap(({ RootId }) => world.posts.get(RootId) ?? []);
      return { ...list([...changed, ...roots]), Order: changed.map(({ Id }) => Id) };
    },
    async getPostsBefore(channelId, postId, number, size) {
      const before = newestFirst(channelId).filter(({ CreateAt }) => CreateAt < placeOf(postId));
      return list(before.slice(number * size, (number + 1) * size));
    },
    async getPostsAfter(channelId, postId, number, size) {
      const after = newestFirst(channelId).filter(({ CreateAt }) => CreateAt > placeOf(postId));
      const end = Math.max(0, after.length - number * size);
      return list(after.slice(Math.max(0, end - size), end));
    },

    async sendEphemeralPost(userId, part) {
      const post = ephemeralPost(
        { ...complete(model.Post, part), Id: "", CreateAt: world.now() },
        world.now(),
      );
      world.tell({ event: "ephemeral_message", data: { post }, to: { userId } });
      return post;
    },
    async updateEphemeralPost(userId, part) {
      const post = ephemeralPost(complete(model.Post, part), world.now());
      world.tell({ event: "post_edited", data: { post }, to: { userId } });
      return post;
    },
    async deleteEphemeralPost(userId, postId) {
      world.tell({ event: "post_deleted", data: { post: { Id: postId } }, to: { userId } });
    },

    async addReaction(part) {
      const reaction = complete(model.Reaction, part);
      live("AddReaction", reaction.PostId);
      world.addReaction(reaction);
      world.fireOn(node, "reactionHasBeenAdded", reaction);
      return { ...reaction };
    },
    async removeReaction(part) {
      const reaction = complete(model.Reaction, part);
      world.removeReaction(reaction);
      world.fireOn(node, "reactionHasBeenRemoved", reaction);
    },
    async getEmojiByName(name) {
      if (!world.customEmojis.has(name)) throw notFound("GetEmojiByName", "app.emoji.get_by_name.no_result");
      return complete(model.Emoji, { Id: newId(), Name: name });
    },
    getReactions: async (postId) => structuredClone(world.reactions.get(postId) ?? []),

    async getFileInfo(id) {
      const file = world.files.get(id);
      if (!file) throw notFound("GetFileInfo", "app.file_info.get.app_error");
      return structuredClone(file.info);
    },
    async getFile(id) {
      const file = world.files.get(id);
      if (!file) throw notFound("GetFile", "app.file_info.get.app_error");
      return file.data.slice();
    },
    async uploadFile(given, channelId, filename) {
      return { ...putFile(world, channelId, filename, given?.slice() ?? new Uint8Array()) };
    },
    /** Creates new entries for the same stored files; copies no byte (App.CopyFileInfos). */
    copyFileInfos: async (userId, ids) =>
      ids.map((id) => {
        const file = world.files.get(id);
        if (!file) throw notFound("CopyFileInfos", "app.file_info.get.app_error");
        const info = { ...file.info, Id: newId(), CreatorId: userId, PostId: "", ChannelId: "" };
        world.files.set(info.Id, { info, data: file.data });
        return info.Id;
      }),
    async createUploadSession(part) {
      const given = complete(model.UploadSession, part);
      // The server refuses a session without a well-formed id, a size or an existing channel (UploadSession.IsValid).
      if (!/^[a-z0-9]{26}$/.test(given.Id) || given.FileSize <= 0 || !world.channels.has(given.ChannelId))
        throw badRequest("UploadSession.IsValid", "model.upload_session.is_valid.app_error");
      if (given.FileSize > Number(world.config.FileSettings?.MaxFileSize))
        throw badRequest("CreateUploadSession", "app.upload.create.save.app_error");
      return given;
    },
    async uploadData(part, source) {
      const given = complete(model.UploadSession, part);
      // A chunk is gone when the next one is asked for.
      const parts: Uint8Array[] = [];
      for await (const part of source as AsyncIterable<Uint8Array>) parts.push(new Uint8Array(part));
      const data = new Uint8Array(Buffer.concat(parts));
      if (data.length !== given.FileSize)
        throw badRequest("UploadData", "app.upload.upload_data.first_part_too_small.app_error");
      return { ...putFile(world, given.ChannelId, given.Filename, data) };
    },
  };
}
