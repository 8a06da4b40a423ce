/** Reads the server's lists of posts. */

import type { Api, Post, PostList } from "../runtime/mattermost/index.ts";

/** The server lists no more changes at once, in no order (SqlPostStore.GetPostsSince: LIMIT 1000). */
const MOST_CHANGES = 1_000;

/** The posts of a page in the server's order, without the threads that come with them. */
export const postsOfPage = (list: PostList | null): Post[] =>
  (list?.Order ?? []).flatMap((id) => list?.Posts?.[id] ?? []);

/** Posts that changed since a time, with the roots of replies. `isCut`: there may be more. */
export async function changedSince(
  api: Pick<Api, "getPostsSince">,
  channelId: string,
  since: number,
): Promise<{ readonly posts: Post[]; readonly isCut: boolean }> {
  const list = await api.getPostsSince(channelId, since);
  const posts = Object.values(list?.Posts ?? {}).filter((post) => post !== null);
  return { posts, isCut: (list?.Order ?? []).length >= MOST_CHANGES };
}
