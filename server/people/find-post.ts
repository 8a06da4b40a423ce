/** Finds the post that an earlier attempt may have created before its process died. */

import type { Api, Post } from "../runtime/mattermost/index.ts";

/** The server lists no more changes at once, in no order (SqlPostStore.GetPostsSince: LIMIT 1000). */
const MOST_CHANGES = 1_000;
const PAGE = 200;

export async function findPostSince(
  api: Pick<Api, "getPostsForChannel" | "getPostsSince">,
  channelId: string,
  since: number,
  matches: (post: Post) => boolean,
): Promise<Post | null> {
  const changed = await api.getPostsSince(channelId, since);
  const found = Object.values(changed?.Posts ?? {}).find((post) => post !== null && matches(post));
  if (found || (changed?.Order ?? []).length < MOST_CHANGES) return found ?? null;
  // Newest first, so that posts that arrive meanwhile are at most read twice.
  for (let page = 0; ; page += 1) {
    const list = await api.getPostsForChannel(channelId, page, PAGE);
    const posts = (list?.Order ?? []).flatMap((id) => list?.Posts?.[id] ?? []);
    const one = posts.find(matches);
    if (one || posts.length < PAGE || posts.some(({ CreateAt }) => CreateAt <= since)) return one ?? null;
  }
}
