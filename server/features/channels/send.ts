/**
 * Mattermost → Teams, one post at a time: the messages in Teams become what the post is now.
 *
 *   reserve the pair ─▶ files ─▶ for each part: note the attempt ─▶ Graph ─▶ note the message ─▶ done
 *
 * A call to Graph cannot be repeated safely. After a crash, or an answer that was lost, the attempt is in the pair and
 * the message is looked for in Teams before it is sent again.
 */

import { GraphError } from "../../microsoft/graph/index.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import type { Outcome } from "../../platform/work/queue.ts";
import type { Post } from "../../runtime/mattermost/index.ts";
import { deletePost } from "./delete.ts";
import { draftDigest, draftsOf, isCopiedType, isCopyFromTeams, stringProp } from "./drafts.ts";
import { editPost } from "./edit.ts";
import { failureOf, isUnconnected, later, tellAuthor, tellFilesMissing } from "./failures.ts";
import { sendFiles } from "./files-to-teams.ts";
import type { ChannelLink } from "./link-store.ts";
import { emptyPair, ofPost, type Pair, type PairKey, postDigest } from "./pair-store.ts";
import { type PartWork, sendPart } from "./parts.ts";
import { fullName, type Sender } from "./people.ts";
import { isBeingMade } from "./post-copy.ts";
import type { Room } from "./room.ts";
import { isGone } from "./teams-api.ts";

const done: Outcome = { kind: "done" };
const soon: Outcome = { kind: "retry", because: "own_message", counts: false, afterMs: 1_000 };
const drop = (because: string): Outcome => ({ kind: "drop", because });

/** Characters of a root that a reply quotes when Teams has no copy of it. */
const QUOTED = 300;
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
  const found = await room.pairs.find(ofPost(postId));
  const { pair } = found ?? {};
  if (!pair) {
    if (isCopyFromTeams(post)) return (await isBeingMade(room, postId, pair)) ? soon : done;
    if (post.CreateAt < link.createdAt) return done;
    return send(room, link, post, await reserve(room, link, post), signal);
  }
  if (pair.link !== link.id || pair.standIn || pair.state.startsWith("deleted")) return done;
  if (pair.state === "sending" && pair.from === "teams")
    return (await isBeingMade(room, postId, pair)) ? soon : done;
  if (pair.state === "sending") return send(room, link, post, pair, signal);
  if (pair.mattermost === postDigest(post)) return done;
  return withFailures(room, link, post, () =>
    editPost(room, link, post, found?.key as PairKey, pair, signal),
  );
}

/** Deleted before it was sent. A call whose answer was lost may have made it all the same: then that goes, now. */
async function forgetDeleted(room: Room, link: ChannelLink, postId: string): Promise<Outcome> {
  const pair = (await room.pairs.find(ofPost(postId)))?.pair;
  if (pair?.state !== "sending" || pair.from !== "mattermost") return done;
  const { sending } = await room.progress.read(link.id);
  const writer = sending?.post === postId ? await room.people.byObjectId(sending.sender) : null;
  const user = writer?.userId ?? "";
  return deletePost(room, link, { do: "delete", link: link.id, post: postId, user });
}

async function reserve(room: Room, link: ChannelLink, post: Post): Promise<Pair> {
  const now = room.ports.clock.now();
  return room.pairs.begin(ofPost(post.Id), () => ({
    ...emptyPair(link.id, "mattermost", now),
    postId: post.Id,
  }));
}

function send(room: Room, link: ChannelLink, post: Post, pair: Pair, signal: AbortSignal): Promise<Outcome> {
  return withFailures(room, link, post, () => sendParts(room, link, post, pair, signal));
}

/** What Microsoft will never take is shown to the author, and the queue goes on. */
async function withFailures(
  room: Room,
  link: ChannelLink,
  post: Post,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const wait = later(error);
    if (wait) return wait;
    if (!(error instanceof GraphError)) throw error;
    const failure = failureOf(error);
    await forgetUnsent(room, post.Id);
    await room.progress.failed(link.id, failure);
    await tellAuthor(room, link, post, failure);
    return drop(failure);
  }
}

/** It waited for too long. What is in Teams as it is here needs no word. */
export async function giveUp(room: Room, link: ChannelLink, postId: string): Promise<void> {
  const post = await foundOrNull(room.ports.api.getPost(postId));
  if (!post || post.DeleteAt > 0 || !isCopiedType(post)) return;
  const pair = (await room.pairs.find(ofPost(postId)))?.pair;
  if (pair && (pair.from === "teams" || pair.mattermost === postDigest(post))) return;
  await forgetUnsent(room, postId);
  await room.progress.failed(link.id, "expired");
  await tellAuthor(room, link, post, "expired");
}

/** Nothing of it is in Teams: *Try again* begins as if it were new. */
async function forgetUnsent(room: Room, postId: string): Promise<void> {
  await room.pairs.change(ofPost(postId), (pair) => {
    if (pair?.from !== "mattermost") return pair;
    return pair.parts.length === 0 ? null : { ...pair, state: "done" };
  });
}

async function sendParts(
  room: Room,
  link: ChannelLink,
  post: Post,
  reserved: Pair,
  signal: AbortSignal,
): Promise<Outcome> {
  // A webhook posts with the account of whoever made it, and is not that person.
  const isWebhook = post.Props?.from_webhook === "true";
  const sender = await (isWebhook ? room.people.botAccount() : room.people.senderFor(post.UserId));
  if (!sender) {
    await forgetUnsent(room, post.Id);
    await room.progress.failed(link.id, "not_connected");
    await tellAuthor(room, link, post, "not_connected_failure");
    return drop("user_not_connected");
  }
  try {
    return await sendAs(room, link, post, reserved, sender, signal);
  } catch (error) {
    // The connection ended a moment ago. The bot account goes on, where there is one.
    const instead = sender.kind === "author" && isUnconnected(error) ? await room.people.botAccount() : null;
    if (instead) return sendAs(room, link, post, reserved, instead, signal);
    if (!isUnconnected(error)) throw error;
    await forgetUnsent(room, post.Id);
    await room.progress.failed(link.id, "not_connected");
    await tellAuthor(room, link, post, "not_connected_failure");
    return drop("user_not_connected");
  }
}

async function sendAs(
  room: Room,
  link: ChannelLink,
  post: Post,
  reserved: Pair,
  sender: Sender,
  signal: AbortSignal,
): Promise<Outcome> {
  const key = ofPost(post.Id);
  const { files, names } = await sendFiles(room, link, post, sender, signal);
  const wait = reserved.orphan ? null : await rootFirst(room, link, post, signal);
  if (wait) return wait;
  const root = reserved.orphan ? ROOT : await rootInTeams(room, link, post);
  const drafts = await draftsOf(room, link, { post, files, sender, quote: root.quote });
  if (drafts === null) {
    await room.pairs.change(key, () => null);
    return done;
  }
  let pair = (await room.pairs.change(key, (now) => now ?? reserved)) as Pair;
  for (const [index, draft] of drafts.entries()) {
    if (index < pair.parts.length) continue;
    if (signal.aborted) return { kind: "retry", because: "stopping", counts: false };
    const under = index === 0 ? root.id : (pair.rootId ?? pair.parts[0] ?? null);
    pair = await partOrRoot(room, link, { key, pair, under, draft, sender });
  }
  // The post was edited between its parts, or a part was found again that may be older: the parts are set right.
  const right =
    drafts.length === pair.parts.length && drafts.every((one, at) => pair.sent[at] === draftDigest(one));
  const mattermost = right ? postDigest(post) : "";
  pair = (await room.pairs.change(key, (now) => now && { ...now, state: "done", mattermost })) as Pair;
  if (!right) await editPost(room, link, post, key, pair, signal);
  // Set while it waited.
  if (post.HasReactions) await room.add({ do: "reactions", link: link.id, post: post.Id });
  if (root.standInFor) await holdThread(room, link, root.standInFor, pair.parts[0] ?? "");
  room.copied(link, "to_teams", "message");
  if (names.length > 0) await tellFilesMissing(room, link, post, names);
  return done;
}

/** A thread whose root was deleted in Teams a moment ago takes no reply: the message is a root then. */
async function partOrRoot(room: Room, link: ChannelLink, work: PartWork): Promise<Pair> {
  try {
    return await sendPart(room, link, work);
  } catch (error) {
    if (!isGone(error) || work.under === null || work.pair.parts.length > 0) throw error;
    const pair = await room.pairs.change(work.key, (now) => now && { ...now, orphan: true });
    return sendPart(room, link, { ...work, pair: pair ?? work.pair, under: null });
  }
}

interface TeamsRoot {
  readonly id: string | null;
  /** Markdown before the text: what the post answers to, when Teams does not have it. */
  readonly quote: string;
  /** The root in Mattermost for which the new message holds the thread. */
  readonly standInFor: string | null;
}

/** The hook of the root may be lost, or later than that of its reply. null: the reply can go. */
async function rootFirst(
  room: Room,
  link: ChannelLink,
  post: Post,
  signal: AbortSignal,
): Promise<Outcome | null> {
  if (post.RootId === "") return null;
  const pair = (await room.pairs.find(ofPost(post.RootId)))?.pair;
  if (pair && !(pair.from === "mattermost" && pair.state === "sending")) return null;
  const outcome = await room.alone(ofPost(post.RootId), () => sendPost(room, link, post.RootId, signal));
  return outcome.kind === "retry" ? outcome : null;
}

const ROOT: TeamsRoot = { id: null, quote: "", standInFor: null };

async function rootInTeams(room: Room, link: ChannelLink, post: Post): Promise<TeamsRoot> {
  if (post.RootId === "") return ROOT;
  const pair = (await room.pairs.find(ofPost(post.RootId)))?.pair;
  const known = pair?.link === link.id && isInTeams(pair) ? (pair.rootId ?? pair.parts[0]) : undefined;
  if (known !== undefined) return { id: known, quote: "", standInFor: null };
  // What its author deleted there is not quoted there.
  if (pair?.link === link.id && pair.state === "deleted_in_teams") return ROOT;
  const root = await foundOrNull(room.ports.api.getPost(post.RootId));
  if (!root || root.DeleteAt > 0) return ROOT;
  const copied = pair?.link === link.id ? null : copiedFrom(link, root);
  if (copied !== null) return { id: copied, quote: "", standInFor: null };
  const author = await foundOrNull(room.ports.api.getUser(root.UserId));
  const name = stringProp(root, "override_username") ?? (author ? fullName(author) : "");
  const text = root.Message.length > QUOTED ? `${root.Message.slice(0, QUOTED)}…` : root.Message;
  const lines = [`**${name.replaceAll(/[*\\\n]/g, " ")}**`, ...text.split("\n")].map((one) => `> ${one}`);
  return { id: null, quote: `${lines.join("\n")}\n\n`, standInFor: isCopyFromTeams(root) ? null : root.Id };
}

/** A message from Teams is there also while its post is being made here. */
const isInTeams = ({ from, state }: Pair) => state === "done" || (from === "teams" && state === "sending");

/** By the props of a copy, whose pair is not noted yet, or is of an earlier link of the same two channels. */
function copiedFrom(link: ChannelLink, root: Post): string | null {
  if (!isCopyFromTeams(root) || root.Props?.teams_channel_id !== link.teamsChannelId) return null;
  return stringProp(root, "teams_reply_to_id") ?? stringProp(root, "teams_message_id");
}

async function holdThread(room: Room, link: ChannelLink, rootId: string, messageId: string): Promise<void> {
  const now = room.ports.clock.now();
  await room.pairs.begin(ofPost(rootId), () => ({
    ...emptyPair(link.id, "mattermost", now),
    ...{ postId: rootId, parts: [messageId], state: "done", standIn: true },
  }));
}
