/** Deletes the messages in Teams of a deleted post, with all parts. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { ofMessage, ofPost, type Pair, type PairKey } from "../pairs/pair-store.ts";
import type { Sender } from "../people.ts";
import type { Room } from "../room.ts";
import { isGone } from "../teams-api.ts";
import type { Deletion } from "../work.ts";
import { mayDelete } from "./cloud-limits.ts";
import { sayDeleted, writerOf } from "./edit.ts";
import { isUnconnected, later } from "./failures.ts";
import { findLost } from "./parts.ts";

const done: Outcome = { kind: "done" };

export async function deletePost(room: Room, link: ChannelLink, work: Deletion): Promise<Outcome> {
  const { post: postId, user: userId } = work;
  const found = await room.pairs.find(ofPost(postId));
  if (work.thread !== undefined) await deleteReplies(room, link, work, found?.pair ?? null);
  if (!found || found.pair.link !== link.id || found.pair.standIn || found.pair.state.startsWith("deleted"))
    return done;
  const { key } = found;
  let { pair } = found;
  let removed = false;
  try {
    pair = await withLostPart(room, link, key, pair);
    if (pair.parts.length === 0) {
      await room.pairs.change(key, () => null);
      return done;
    }
    const writer = await writerOf(room, userId, pair);
    if (writer && mayDelete(room.ports.config.current.cloud)) {
      await removeAll(room, link, pair, writer);
      removed = true;
    } else if (pair.from === "mattermost") await say(room, link, pair, writer);
  } catch (error) {
    const wait = later(error);
    if (wait) return wait;
    if (!(isUnconnected(error) || error instanceof GraphError)) throw error;
    const other = pair.from === "mattermost" ? await sayInstead(room, link, pair) : null;
    if (other) return other;
  }
  await mark(room, key, removed);
  room.copied(link, "to_teams", "deletion");
  return done;
}

/**
 * The server has deleted the replies with their root. When the root was deleted here, the replies are deleted in
 * Teams, too, as if each had been deleted. When it was deleted in Teams, where replies stay, those of other people
 * are kept there.
 */
async function deleteReplies(
  room: Room,
  link: ChannelLink,
  { post: rootId, thread = 0 }: Deletion,
  root: Pair | null,
): Promise<void> {
  const list = await room.ports.api.getPostsSince(link.channelId, thread - 1);
  for (const post of Object.values(list?.Posts ?? {})) {
    if (post?.RootId !== rootId || post.DeleteAt === 0) continue;
    if (root?.state === "deleted_in_teams") await markReply(room, ofPost(post.Id));
    else
      await room.add({ do: "delete", link: link.id, post: post.Id, user: post.UserId }, `reply-${post.Id}`);
  }
}

async function markReply(room: Room, key: PairKey): Promise<void> {
  const found = await room.pairs.find(key);
  if (found?.pair.state === "done") await mark(room, found.key);
}

/** It was deleted during a call whose answer was lost: the message that the call created must be deleted, too. */
async function withLostPart(room: Room, link: ChannelLink, key: PairKey, pair: Pair): Promise<Pair> {
  if (pair.state !== "sending" || pair.from !== "mattermost") return pair;
  const { sending } = await room.progress.read(link.id);
  if (sending?.post !== pair.postId || sending.index !== pair.parts.length) return pair;
  const { under, sender, at } = sending;
  const lost = await findLost(room, link, key, { under, sender, since: at });
  if (!lost) return pair;
  const by = (await room.people.isBotAccount(sender)) ? "bot" : "author";
  const root = pair.parts.length === 0 ? { rootId: under } : {};
  await room.pairs.refer(ofMessage(link.id, lost.id), key);
  const found = await room.pairs.change(
    key,
    (now) => now && { ...now, parts: [...now.parts, lost.id], by, ...root },
  );
  return found ?? pair;
}

async function removeAll(room: Room, link: ChannelLink, pair: Pair, { credential }: Sender): Promise<void> {
  const thread = pair.rootId ?? pair.parts[0] ?? null;
  for (const [index, id] of pair.parts.entries()) {
    const root = index === 0 ? pair.rootId : thread;
    await room.teams.remove(link, id, root, credential).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }
}

/** Nobody can delete it there, so a line says that it was deleted here. */
async function say(room: Room, link: ChannelLink, pair: Pair, writer: Sender | null): Promise<void> {
  const sender = writer ?? (await room.people.botAccount());
  if (sender) await sayDeleted(room, link, pair, sender);
}

/** Answers why the line has to wait. One that Teams refuses, too, is left out. */
async function sayInstead(room: Room, link: ChannelLink, pair: Pair): Promise<Outcome | null> {
  try {
    await say(room, link, pair, null);
    return null;
  } catch (error) {
    return later(error);
  }
}

async function mark(room: Room, key: PairKey, removed = false): Promise<void> {
  await room.pairs.change(
    key,
    (pair) => pair && { ...pair, state: "deleted_in_mattermost", ...(removed && { removed }) },
  );
}
