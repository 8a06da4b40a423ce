/**
 * Copies one post at a time to Teams: the messages in Teams take the current state of the post.
 *
 *   store the pair ─▶ files ─▶ for each part: record the attempt ─▶ Graph ─▶ record the message ─▶ done
 *
 * A Graph call cannot be repeated safely. After a crash or a lost answer, the pair contains the attempt, and the
 * message is searched in Teams before it is sent again.
 */

import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { emptyPair, ofPost, type Pair, postDigest } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import { isGone } from "../teams-api.ts";
import { isBeingMade } from "../to-mattermost/post-copy.ts";
import { deletePost } from "./delete.ts";
import { draftDigest, draftsOf, isCopiedType, isCopyFromTeams } from "./drafts.ts";
import { editPost } from "./edit.ts";
import { isUnconnected, tellFilesMissing } from "./failures.ts";
import { sendFiles } from "./files.ts";
import { type PartWork, sendPart } from "./parts.ts";
import type { Outgoing, Sending } from "./sending.ts";
import { holdThread, ROOT, rootInTeams } from "./thread-root.ts";
import { nobodySends, withFailures } from "./unsent.ts";

const done: Outcome = { kind: "done" };
const soon: Outcome = { kind: "retry", because: "own_message", counts: false, afterMs: 1_000 };

export async function sendPost(
  room: Room,
  link: ChannelLink,
  postId: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { api, bot } = room.ports;
  const post = await foundOrNull(api.getPost(postId));
  if (!post || post.DeleteAt > 0) return forgetDeleted(room, link, postId);
  if (post.ChannelId !== link.channelId || !isCopiedType(post) || post.UserId === (await bot.userId()))
    return done;
  const out: Outgoing = { room, link, post, signal };
  const found = await room.pairs.find(ofPost(postId));
  if (!found) {
    if (isCopyFromTeams(post)) return (await isBeingMade(room, postId, undefined)) ? soon : done;
    return post.CreateAt < link.createdAt ? done : send(out);
  }
  const { key, pair } = found;
  if (pair.link !== link.id || pair.standIn || pair.state.startsWith("deleted")) return done;
  if (pair.state === "sending" && pair.from === "teams")
    return (await isBeingMade(room, postId, pair)) ? soon : done;
  if (pair.state === "sending" || pair.state === "failed") return send(out);
  if (pair.mattermost === postDigest(post)) return done;
  return withFailures(out, () => editPost(out, key, pair));
}

/**
 * It was deleted before it was sent. A call whose answer was lost may still have created a message, which is then
 * deleted now.
 */
async function forgetDeleted(room: Room, link: ChannelLink, postId: string): Promise<Outcome> {
  const pair = (await room.pairs.find(ofPost(postId)))?.pair;
  if (pair?.state !== "sending" || pair.from !== "mattermost") return done;
  const { sending } = await room.progress.read(link.id);
  const writer = sending?.post === postId ? await room.people.byObjectId(sending.sender) : null;
  const user = writer?.userId ?? "";
  return deletePost(room, link, { do: "delete", link: link.id, post: postId, user });
}

async function reserve({ room, link, post }: Outgoing): Promise<Pair> {
  const key = ofPost(post.Id);
  const now = room.ports.clock.now();
  const pair = await room.pairs.begin(key, () => ({
    ...emptyPair(link.id, "mattermost", now),
    postId: post.Id,
  }));
  if (pair.state !== "failed") return pair;
  return (await room.pairs.change(key, (one) => one && { ...one, state: "sending" })) ?? pair;
}

async function send(out: Outgoing): Promise<Outcome> {
  const reserved = await reserve(out);
  return withFailures(out, () => sendParts(out, reserved));
}

async function sendParts(out: Outgoing, reserved: Pair): Promise<Outcome> {
  const { people } = out.room;
  // A webhook posts under the account of the person who created it, but is not that person.
  const isWebhook = out.post.Props?.from_webhook === "true";
  const sender = await (isWebhook ? people.botAccount() : people.senderFor(out.post.UserId));
  if (!sender) return nobodySends(out);
  try {
    return await sendAs({ ...out, sender }, reserved);
  } catch (error) {
    if (!isUnconnected(error)) throw error;
    // The connection ended a moment ago. The bot account continues, if there is one, now or at the channel's next
    // turn.
    people.refused(out.post.UserId);
    const instead = sender.kind === "author" ? await people.botAccount() : null;
    return instead ? sendAs({ ...out, sender: instead }, reserved) : nobodySends(out);
  }
}

async function sendAs(sending: Sending, reserved: Pair): Promise<Outcome> {
  const { room, link, post, sender, signal } = sending;
  const key = ofPost(post.Id);
  const { files, missing } = await sendFiles(sending);
  const wait = reserved.orphan ? null : await rootFirst(sending);
  if (wait) return wait;
  const root = reserved.orphan ? ROOT : await rootInTeams(room, link, post);
  const drafts = await draftsOf(room, link, { post, files, sender, quote: root.quote });
  if (drafts === null) {
    await room.pairs.change(key, () => null);
    return done;
  }
  let pair = (await room.pairs.change(key, (now) => withQuote(now ?? reserved, root.quote))) as Pair;
  for (const [index, draft] of drafts.entries()) {
    if (index < pair.parts.length) continue;
    if (signal.aborted) return { kind: "retry", because: "stopping", counts: false };
    const under = index === 0 ? root.id : (pair.rootId ?? pair.parts[0] ?? null);
    pair = await partOrRoot(room, link, { key, pair, under, draft, sender });
  }
  // The post was edited between its parts, or a part that was found may be older: correct the parts.
  const right =
    drafts.length === pair.parts.length && drafts.every((one, at) => pair.sent[at] === draftDigest(one));
  const mattermost = right ? postDigest(post) : "";
  pair = (await room.pairs.change(key, (now) => now && { ...now, state: "done", mattermost })) as Pair;
  if (!right) await editPost(sending, key, pair);
  // Reactions that were added while it waited.
  if (post.HasReactions) await room.add({ do: "reactions", link: link.id, post: post.Id });
  if (root.standInFor) await holdThread(room, link, root.standInFor, pair.parts[0] ?? "");
  room.copied(link, "to_teams", "message");
  if (missing.length > 0) await tellFilesMissing(room, link, post, missing);
  return done;
}

/** Only the first part has the quote. */
function withQuote(pair: Pair, quote: string): Pair {
  if (pair.parts.length > 0 || (pair.quoted === true) === (quote !== "")) return pair;
  const { quoted: _, ...plain } = pair;
  return quote === "" ? plain : { ...plain, quoted: true };
}

/** A thread whose root was deleted in Teams a moment ago accepts no reply, so the message becomes a root. */
async function partOrRoot(room: Room, link: ChannelLink, work: PartWork): Promise<Pair> {
  try {
    return await sendPart(room, link, work);
  } catch (error) {
    if (!isGone(error) || work.under === null || work.pair.parts.length > 0) throw error;
    const pair = await room.pairs.change(work.key, (now) => now && { ...now, orphan: true });
    return sendPart(room, link, { ...work, pair: pair ?? work.pair, under: null });
  }
}

/** The hook of the root may be lost, or later than that of its reply. null: the reply can be sent. */
async function rootFirst({ room, link, post, signal }: Outgoing): Promise<Outcome | null> {
  if (post.RootId === "") return null;
  const pair = (await room.pairs.find(ofPost(post.RootId)))?.pair;
  if (pair && !(pair.from === "mattermost" && pair.state === "sending")) return null;
  const outcome = await room.alone(ofPost(post.RootId), () => sendPost(room, link, post.RootId, signal));
  return outcome.kind === "retry" ? outcome : null;
}
