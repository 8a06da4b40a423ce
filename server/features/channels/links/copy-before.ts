/** Copies messages from before the link, with threads, as far back as the person who linked asked for. */

import { postsOfPage } from "../../../people/post-lists.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { digest, emptyPair, ofMessage, ofPost, postDigest } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import { channelPath, type ReceivedMessage } from "../teams-api.ts";
import { isCopyFromTeams, stringProp } from "../to-teams/drafts.ts";
import type { Work } from "../work.ts";
import type { ChannelLink } from "./link-store.ts";

const MAX_ROOTS = 1_000;
const MAX_MESSAGES = 5_000;

/** The work is durable when it resolves; if the process dies meanwhile, the next one does it again. */
export async function copyBefore(
  room: Room,
  link: ChannelLink,
  since: number,
  signal: AbortSignal,
): Promise<void> {
  const wanted: ReceivedMessage[] = [];
  const isWanted = ({ createdDateTime, deletedDateTime, eventDetail }: ReceivedMessage) => {
    const at = Date.parse(createdDateTime ?? "");
    return at >= since && at < link.createdAt && !deletedDateTime && !eventDetail;
  };
  let roots = 0;
  for await (const root of room.teams.items(`${channelPath(link)}/messages?$top=50&$expand=replies`)) {
    roots += 1;
    if (signal.aborted) return;
    if (roots > MAX_ROOTS || wanted.length > MAX_MESSAGES) break;
    const replies = (root as { replies?: readonly ReceivedMessage[] }).replies ?? [];
    wanted.push(...[root, ...replies].filter(isWanted));
  }
  const known = await adopt(room, link, since);
  wanted.sort((one, other) => one.id.localeCompare(other.id, "en", { numeric: true }));
  for (const { id, replyToId } of wanted) {
    if (known.has(id)) continue;
    const work: Work = { do: "receive", link: link.id, message: id, root: replyToId ?? null, old: true };
    await room.add(work, digest("before", link.id, id));
  }
  await room.links.update(link.id, (one) => ({ ...one, copySince: null }));
}

/** Takes over copies that an earlier link of the same channels made, so that they are not made again. */
async function adopt(room: Room, link: ChannelLink, since: number): Promise<ReadonlySet<string>> {
  const adopted = new Set<string>();
  const botId = await room.ports.bot.userId();
  for await (const post of postsBefore(room, link, since)) {
    const id = isCopyFromTeams(post) ? stringProp(post, "teams_message_id") : null;
    if (id === null || post.Props?.teams_channel_id !== link.teamsChannelId) continue;
    const key = ofMessage(link.id, id);
    await room.pairs.begin(key, () => ({
      ...emptyPair(link.id, "teams", room.ports.clock.now()),
      ...{ postId: post.Id, parts: [id], rootId: stringProp(post, "teams_reply_to_id"), state: "done" },
      ...{ by: post.UserId === botId ? "bot" : "author", mattermost: postDigest(post) },
    }));
    await room.pairs.refer(ofPost(post.Id), key);
    adopted.add(id);
  }
  return adopted;
}

const PAGE = 200;

/** Newest first. */
async function* postsBefore(room: Room, link: ChannelLink, since: number): AsyncIterable<Post> {
  for (let page = 0; page * PAGE < MAX_MESSAGES; page += 1) {
    const posts = postsOfPage(await room.ports.api.getPostsForChannel(link.channelId, page, PAGE));
    for (const post of posts) if (post.CreateAt >= since) yield post;
    if (posts.length < PAGE || posts.some(({ CreateAt }) => CreateAt < since)) return;
  }
}
