/**
 * Finds posts that changed without a hook: the plugin was down, or the channel was paused.
 *
 * The server lists at most a thousand changes since a time, in no order (SqlPostStore.GetPostsSince: LIMIT 1000). A
 * shorter list is complete. Otherwise, a search goes through the channel in pages and stores how far it came:
 *
 *   posts created since, oldest first ─▶ lists of changes, one after another ─▶ the link's pairs, newest first
 *
 * The pages have no deleted posts, and no older ones that were edited. The lists have most of these, with the person who
 * deleted them; the pairs have the rest.
 */

import { foundOrNull } from "../../../people/found-or-null.ts";
import { changedSince, postsOfPage } from "../../../people/post-lists.ts";
import { emojiText } from "../../../platform/markdown/index.ts";
import { atOnce } from "../../../platform/work/at-once.ts";
import type { Post, PostList } from "../../../runtime/mattermost/index.ts";
import { type Found, ofMessage, ofPost, type Pair, postDigest } from "../pairs/pair-store.ts";
import { entryOf } from "../reactions.ts";
import type { OnLink } from "../room.ts";
import { isCopiedType, isCopyFromTeams } from "../to-teams/drafts.ts";
import { postWorkId } from "../work.ts";
import type { Search } from "./progress.ts";

/** Hooks of posts may be delayed by this much. */
const OVERLAP_MS = 60_000;
/** Older posts have no hook that could still arrive; a paused link may need posts up to this age. */
const LONGEST_CATCH_UP_MS = 3 * 24 * 3_600_000;
/** At least how long a quiet link keeps its last time. */
const NOTED_MS = 10 * 60_000;
const PAGE = 200;
const MOST_LISTS = 100;
/** Lists of 200 pairs that one round looks at. */
const CHUNKS_A_ROUND = 25;
const AT_ONCE = 8;

/** Returns true when everything that changed until now is in the queue; false: call it again. */
export async function catchUp(on: OnLink): Promise<boolean> {
  const { room, link } = on;
  const now = room.ports.clock.now();
  const { chunk, search, seenUntil } = await room.progress.read(link.id);
  if (search) {
    await resume(on, search);
    return false;
  }
  const since = Math.max(link.createdAt, Math.min(seenUntil, now) - OVERLAP_MS, now - LONGEST_CATCH_UP_MS);
  const { isCut, posts } = await changesSince(on, since);
  if (isCut) {
    const found: Search = { since, until: now, after: null, chunk: null, newest: chunk };
    await store(on, found);
    await resume(on, found);
    return false;
  }
  for (const post of posts) await handle(on, post);
  if (posts.length > 0 || Math.abs(now - seenUntil) >= NOTED_MS)
    await room.progress.change(link.id, (state) => ({ ...state, seenUntil: now }));
  return true;
}

async function resume(on: OnLink, search: Search): Promise<void> {
  const { room, link, signal } = on;
  let at = search;
  if (at.chunk === null) {
    const walked = await walkCreated(on, at);
    if (!walked) return;
    await sweepChanged(on, at.since);
    if (signal.aborted) return;
    at = { ...walked, chunk: at.newest };
    await store(on, at);
  }
  for (let left = CHUNKS_A_ROUND; (at.chunk ?? -1) >= 0; left -= 1) {
    if (left === 0 || signal.aborted) return;
    const chunk = at.chunk ?? 0;
    const keys = await room.index.read(link.id, chunk);
    await atOnce(keys, AT_ONCE, async (key) => {
      const found = await room.pairs.find(key);
      if (found) await lookAt(on, found);
    });
    at = { ...at, chunk: chunk - 1 };
    await store(on, at);
  }
  await room.progress.change(link.id, (state) => ({ ...state, seenUntil: search.until, search: null }));
}

const store = ({ room, link }: OnLink, search: Search) =>
  room.progress.change(link.id, (state) => ({ ...state, search }));

/** Returns null when it was interrupted. */
async function walkCreated(on: OnLink, search: Search): Promise<Search | null> {
  const { room, link, signal } = on;
  let after = search.after ?? (await startOf(on, search.since));
  while (after !== null) {
    if (signal.aborted) return null;
    const posts = inOrder(await room.ports.api.getPostsAfter(link.channelId, after, 0, PAGE));
    for (const post of posts) await handle(on, post);
    if (posts.length < PAGE) break;
    after = lastOf(posts).Id;
    await store(on, { ...search, after });
  }
  return { ...search, after };
}

/** Returns the newest post created until then. A channel without one starts with its oldest post. */
async function startOf(on: OnLink, since: number): Promise<string | null> {
  const { room, link } = on;
  let oldest: Post | null = null;
  for (let page = 0; ; page += 1) {
    const posts = inOrder(await room.ports.api.getPostsForChannel(link.channelId, page, PAGE));
    const before = posts.findLast(({ CreateAt }) => CreateAt <= since);
    if (before) return before.Id;
    oldest = posts[0] ?? oldest;
    if (posts.length < PAGE) break;
  }
  if (oldest) await handle(on, oldest);
  return oldest?.Id ?? null;
}

/** Posts of the page's last millisecond may continue on the next page, which begins after the returned post. */
function lastOf(posts: readonly Post[]): Post {
  const last = posts.at(-1) as Post;
  return posts.findLast(({ CreateAt }) => CreateAt < last.CreateAt) ?? last;
}

/** The database usually answers with the oldest changes, so that the next list continues there. */
async function sweepChanged(on: OnLink, since: number): Promise<void> {
  let from = since;
  for (let lists = 0; lists < MOST_LISTS && !on.signal.aborted; lists += 1) {
    const { isCut, posts } = await changesSince(on, from);
    for (const post of posts) await handle(on, post);
    if (!isCut) return;
    from = Math.max(from + 1, ...posts.map(({ UpdateAt }) => UpdateAt));
  }
}

async function changesSince({ room, link }: OnLink, since: number): ReturnType<typeof changedSince> {
  const { isCut, posts } = await changedSince(room.ports.api, link.channelId, since);
  return { posts: posts.sort((one, other) => one.CreateAt - other.CreateAt), isCut };
}

/** The posts of a page, oldest first, without the threads that come with them. */
const inOrder = (list: PostList | null): Post[] =>
  postsOfPage(list)
    .reverse()
    .sort((one, other) => one.CreateAt - other.CreateAt);

async function handle(on: OnLink, post: Post): Promise<void> {
  const { room, link } = on;
  if (!isCopiedType(post)) return;
  const found = await room.pairs.find(ofPost(post.Id));
  const pair = found?.pair ?? null;
  if (post.DeleteAt > 0) {
    if (found && !found.pair.state.startsWith("deleted"))
      await deleted(on, found, {
        user: post.UserId,
        root: post.RootId === "" ? null : await room.pairs.find(ofPost(post.RootId)),
      });
    return;
  }
  if (pair?.state === "done" && (await reactedUnseen(on, post, pair)))
    await room.add(
      { do: "reactions", link: link.id, post: post.Id },
      `reactions-${post.Id}-${post.UpdateAt}`,
    );
  if (post.UserId === (await room.ports.bot.userId())) return;
  if (
    pair
      ? ![pair.mattermost, pair.refused].includes(postDigest(post))
      : !isCopyFromTeams(post) && post.CreateAt >= link.createdAt
  )
    await room.add({ do: "post", link: link.id, post: post.Id }, postWorkId(post));
}

/** Looks at the post of a pair. */
async function lookAt(on: OnLink, found: Found): Promise<void> {
  const { room, link } = on;
  const { link: of, postId, rootId, standIn, state } = found.pair;
  if (of !== link.id || postId === null || standIn || state !== "done") return;
  const post = await foundOrNull(room.ports.api.getPost(postId));
  if (post) await handle(on, post);
  else if (await isStored(on, postId))
    await deleted(on, found, {
      user: "",
      root: rootId === null ? null : await room.pairs.find(ofMessage(link.id, rootId)),
    });
}

/**
 * Distinguishes a deleted post from one that the server's data retention removed, which stays in Teams. The server
 * finds the neighbours of a deleted post (SqlPostStore.getPostsAround).
 */
async function isStored({ room, link }: OnLink, postId: string): Promise<boolean> {
  const { api } = room.ports;
  for (const around of ["getPostsAfter", "getPostsBefore"] as const) {
    const list = await foundOrNull(api[around](link.channelId, postId, 0, 1));
    if (inOrder(list).length > 0) return true;
  }
  return false;
}

/** Replies whose root was deleted in Teams are deleted here, and stay in Teams. */
async function deleted(
  { room, link }: OnLink,
  { key, pair: { postId } }: Found,
  { user, root }: { readonly user: string; readonly root: Found | null },
): Promise<void> {
  if (postId === null) return;
  if (root?.pair.state === "deleted_in_teams")
    await room.pairs.change(key, (pair) => pair && { ...pair, state: "deleted_in_mattermost" });
  else await room.add({ do: "delete", link: link.id, post: postId, user }, `deletion-${postId}`);
}

/** Whether somebody added or removed a reaction here that the pair does not have. */
async function reactedUnseen({ room, link }: OnLink, post: Post, { reactions }: Pair): Promise<boolean> {
  if (!post.HasReactions && reactions.length === 0) return false;
  const present = await room.ports.api.getReactions(post.Id);
  const here = present.flatMap((one) => (one ? entryOf(link, one.UserId, emojiText(one.EmojiName)) : []));
  return here.length !== reactions.length || here.some((entry) => !reactions.includes(entry));
}
