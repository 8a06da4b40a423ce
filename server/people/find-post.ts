/** Finds the post that an earlier attempt may have created before its process died. */

import type { Api, Post } from "../runtime/mattermost/index.ts";
import { changedSince, postsOfPage } from "./post-lists.ts";

const PAGE = 200;

export async function findPostSince(
  api: Pick<Api, "getPostsForChannel" | "getPostsSince">,
  channelId: string,
  since: number,
  matches: (post: Post) => boolean,
): Promise<Post | null> {
  const changed = await changedSince(api, channelId, since);
  const found = changed.posts.find(matches);
  if (found || !changed.isCut) return found ?? null;
  // Newest first, so that posts that arrive meanwhile are at most read twice.
  for (let page = 0; ; page += 1) {
    const posts = postsOfPage(await api.getPostsForChannel(channelId, page, PAGE));
    const one = posts.find(matches);
    if (one || posts.length < PAGE || posts.some(({ CreateAt }) => CreateAt <= since)) return one ?? null;
  }
}
