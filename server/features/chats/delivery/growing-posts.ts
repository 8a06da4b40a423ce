/**
 * Changes the posts that combine several messages. The server has no conditional update of a post, and notifications and
 * gap filling may work on different nodes, so the changes of such a post run one after the other on all nodes: each sees
 * the parts of the one before it.
 */

import { Once } from "../../../platform/work/once.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChatsPorts } from "../ports.ts";
import { groupIn } from "./groups.ts";
import { isGone } from "./posting.ts";

export class GrowingPosts {
  readonly #api: Pick<ChatsPorts["api"], "getPost">;
  readonly #turns: Once;

  constructor({ api, cluster, kv }: Pick<ChatsPorts, "api" | "cluster" | "kv">) {
    this.#api = api;
    this.#turns = new Once({ cluster, kv, prefix: "chats.growing." });
  }

  /** Calls `change` with the post as it is then; null: it was deleted. A post of one message waits for nobody. */
  async change<T>(
    postId: string,
    signal: AbortSignal,
    change: (post: Post | null) => Promise<T>,
  ): Promise<T> {
    const post = await this.#read(postId);
    if (!post || !groupIn(post.Props ?? {})) return change(post);
    const work = async () => change(await this.#read(postId));
    return this.#turns.inTurn(postId, work, signal);
  }

  async #read(postId: string): Promise<Post | null> {
    const post = await this.#api.getPost(postId).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    return post && post.DeleteAt === 0 ? post : null;
  }
}
