/** Compares the two sides of a link: text, threads, files, reactions, deletions, no duplicates. */

import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChannelsWorld } from "./channels-world.ts";
import { tokenOf } from "./two-sided-people.ts";

type Message = ChannelsWorld["messages"][number];

/** `moved`: somebody left the channel, so the owner of a reaction depends on the time. */
export function differencesOf(w: ChannelsWorld, { moved }: { readonly moved: boolean }): string[] {
  const found: string[] = [];
  const here = new Map<string, Post>();
  const there = new Map<string, Message>();
  for (const post of w.posts) {
    const token = tokenOf(post.Message);
    if (here.has(token)) found.push(`twice in Mattermost: ${token}`);
    here.set(token, post);
  }
  for (const message of w.messages) {
    const token = tokenOf(message.body.content);
    if (there.has(token)) found.push(`twice in Teams: ${token}`);
    there.set(token, message);
  }
  for (const token of here.keys()) if (!there.has(token)) found.push(`not in Teams: ${token}`);
  for (const [token, { id, replyToId }] of there)
    if (!here.has(token) && !wentWithRoot(w, token) && !isGone(w, replyToId) && !isOrphan(w, id, replyToId))
      found.push(`not in Mattermost: ${token} (${id})`);
  for (const [token, post] of here) {
    const message = there.get(token);
    if (!message) continue;
    const thread = threadsOf(w, post, message, { here, there });
    if (thread) found.push(`another thread: ${token} ${thread}`);
    const files = filesOf(w, post, message);
    if (files) found.push(`other files: ${token} ${files}`);
    const reactions = reactionsOf(w, post, message, moved);
    if (reactions) found.push(`other reactions: ${token} ${reactions}`);
  }
  // All faults of the run are temporary: nothing may fail for good, and nobody may get a notice of a failure.
  for (const { Type, Id } of w.mattermost.channels.values())
    if (Type === "D")
      for (const { Message } of w.mattermost.postsIn(Id)) found.push(`notified for nothing: ${Message}`);
  return found;
}

/** The server deleted it with its root; in Teams, replies stay when their root is deleted. */
function wentWithRoot(w: ChannelsWorld, token: string): boolean {
  const { posts } = w.mattermost;
  return [...posts.values()].some(
    (post) =>
      post.DeleteAt > 0 &&
      tokenOf(post.Message) === token &&
      posts.get(post.RootId)?.DeleteAt === post.DeleteAt,
  );
}

/** It was edited there after the server deleted the thread here. */
const isGone = (w: ChannelsWorld, root: string | null) =>
  root !== null && w.teamsChannel.messages.get(root)?.deletedDateTime !== null;

/**
 * A reply whose root was deleted in Teams before it was sent: it is a root there, and went with its root here. So did
 * what was answered to it there, also when that was edited since.
 */
function isOrphan(w: ChannelsWorld, id: string, root: string | null): boolean {
  const text = new TextDecoder();
  const { posts } = w.mattermost;
  return [...w.store.values].some(([key, value]) => {
    if (!key.startsWith("channels.pair.m.")) return false;
    const pair = JSON.parse(text.decode(value)) as { parts?: string[]; postId?: string; state?: string };
    const post = posts.get(pair.postId ?? "");
    const wentWithRoot = post !== undefined && posts.get(post.RootId)?.DeleteAt === post.DeleteAt;
    return (
      wentWithRoot &&
      pair.state === "deleted_in_mattermost" &&
      [id, root].some((one) => one !== null && pair.parts?.includes(one))
    );
  });
}

function threadsOf(
  w: ChannelsWorld,
  post: Post,
  message: Message,
  { here, there }: { here: ReadonlyMap<string, Post>; there: ReadonlyMap<string, Message> },
): string | null {
  const inHere = tokenOf(w.mattermost.posts.get(post.RootId)?.Message ?? "");
  const inThere = tokenOf(w.teamsChannel.messages.get(message.replyToId ?? "")?.body.content ?? "");
  // A root deleted on the way took the thread with it, and what is left of it is placed where possible.
  const broken = (root: string) =>
    root !== "" && (!here.has(root) || !there.has(root) || there.get(root)?.replyToId !== null);
  return inHere === inThere || broken(inHere) || broken(inThere) ? null : `under ${inHere} and ${inThere}`;
}

/** By the part of the name that identifies them: Teams numbers a name that is taken. */
function filesOf(w: ChannelsWorld, post: Post, message: Message): string | null {
  const inHere = (post.FileIds ?? []).map((id) => tokenOf(w.mattermost.files.get(id)?.info.Name ?? "lost"));
  const inThere = (message.attachments as { name?: string }[]).map(({ name }) => tokenOf(name ?? ""));
  return inHere.sort().join() === inThere.sort().join() ? null : `${inHere.join()} / ${inThere.join()}`;
}

/**
 * People with accounts on both sides have their reactions on both; the bot has one of each emoji here for everybody
 * else.
 */
function reactionsOf(w: ChannelsWorld, post: Post, message: Message, moved: boolean): string | null {
  const names: Record<string, string> = { "+1": "👍", tada: "🎉" };
  const owner = (objectId: string | undefined) => w.accountOf(objectId ?? "") ?? "bot";
  const shown = (who: string, emoji: string | undefined) => (moved ? `${emoji}` : `${who} ${emoji}`);
  const inHere = (w.mattermost.reactions.get(post.Id) ?? []).map(({ UserId, EmojiName }) =>
    shown(w.isBot(UserId) ? "bot" : UserId, names[EmojiName]),
  );
  const inThere = message.reactions.map((one) => shown(owner(one.user?.user.id), one.reactionType));
  const [mine, theirs] = [inHere, inThere].map((list) => [...new Set(list)].sort().join());
  return mine === theirs ? null : `${mine} / ${theirs}`;
}
