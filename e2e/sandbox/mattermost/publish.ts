import type { Post } from "../../../server/runtime/mattermost/index.ts";
import { badRequest, notFound } from "./app-error.ts";
import { pushPost } from "./push.ts";
import { hookContext, type World } from "./world.ts";

/** Longest message the server stores, in characters (model.PostMessageMaxRunesV2 / 4). */
const MAX_MESSAGE = 16_383;

/**
 * App.CreatePost: checks, MessageWillBePosted (which may change or refuse the post), storing, mentions,
 * MessageHasBeenPosted. A refusal is what the person sees in the web client.
 */
export async function publish(
  world: World,
  part: Partial<Post>,
  from: { node?: string | undefined; sessionId?: string } = {},
): Promise<Post> {
  const channel = world.channels.get(part.ChannelId ?? "");
  const author = world.users.get(part.UserId ?? "");
  if (!channel) throw notFound("CreatePost", "app.channel.get.existing.app_error");
  if (!author) throw notFound("CreatePost", "app.user.missing_account.const");
  if (channel.DeleteAt > 0)
    throw badRequest("CreatePost", "api.post.create_post.can_not_post_to_deleted.error");
  if ([...(part.Message ?? "")].length > MAX_MESSAGE)
    throw badRequest("Post.IsValid", "model.post.is_valid.message_length.app_error");
  if (part.RootId) {
    const root = world.posts.get(part.RootId);
    if (!root || root.ChannelId !== channel.Id || root.RootId !== "")
      throw badRequest("createPost", "api.post.create_post.root_id.app_error");
  }

  let wanted: Partial<Post> = part;
  for (const sink of world.hookSinks) {
    if (!sink.has("messageWillBePosted")) continue;
    const answer = await sink.call("messageWillBePosted", hookContext(), wanted);
    const [changed, refusal] = answer as [Post | null, string];
    if (refusal) throw badRequest("createPost", "api.post.create_post.rejected_by_plugin.app_error", refusal);
    if (changed) wanted = { ...wanted, ...changed };
    break; // one node only: the others run the same plugin
  }

  const post = world.putPost({ ...wanted, UserId: author.Id, ChannelId: channel.Id });
  count(world, post);
  world.fireOn(from.node, "messageHasBeenPosted", structuredClone(post));
  world.track(pushPost(world, structuredClone(post), from.node));
  return post;
}

/** Counts unread messages and mention badges. */
function count(world: World, post: Post): void {
  const direct = ["D", "G"].includes(world.channels.get(post.ChannelId)?.Type ?? "");
  const names = new Set(
    [...post.Message.matchAll(/@([a-z0-9._-]+)/gi)].map((match) => match[1]?.toLowerCase()),
  );
  const everybody = ["all", "channel", "here"].some((word) => names.has(word));
  for (const member of world.channelMembers(post.ChannelId)) {
    if (member.UserId === post.UserId) {
      member.LastViewedAt = post.CreateAt;
      member.MsgCount = world.channels.get(post.ChannelId)?.TotalMsgCount ?? 0;
      continue;
    }
    const named = names.has(world.users.get(member.UserId)?.Username);
    if (direct || named || everybody) member.MentionCount++;
  }
}
