/**
 * Copies one Teams message at a time to Mattermost: the post takes the current state of the message.
 *
 *   read ─▶ ours? ─▶ convert ─▶ files ─▶ store the pair ─▶ post ─▶ record the post ─▶ reactions
 *
 * The order of arrival does not matter: a state older than the last one seen is ignored, a reply fetches its root
 * first, and a deletion that comes before its message is remembered.
 */

import { GraphError } from "../../../microsoft/graph/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import { contentDigest, isLater, withoutMark } from "../pairs/message-digest.ts";
import {
  emptyPair,
  type Found,
  ofMessage,
  type Pair,
  type PairKey,
  postDigest,
} from "../pairs/pair-store.ts";
import { reconcileReactions } from "../reactions.ts";
import type { OnLink } from "../room.ts";
import { isGone, type ReceivedMessage } from "../teams-api.ts";
import { later } from "../to-teams/failures.ts";
import type { Work } from "../work.ts";
import { type Converted, convert } from "./convert.ts";
import { reasonToWait } from "./echo.ts";
import { fetchFiles, inTeams, keepReceived } from "./files.ts";
import { adopted, makePost, removePost } from "./post-copy.ts";
import { rewrite } from "./rewrite.ts";

export type Receive = Work & { readonly do: "receive" };

/** A message that is being copied through a link. */
export interface Receiving extends OnLink {
  readonly work: Receive;
  /** Absent when the message is copied for another one, such as a root for its reply. */
  readonly own?: {
    /** Called before a post is created. Returns why it must wait, or null. */
    turn(): Promise<Outcome | null>;
    /** Handles a message that nobody wrote: Teams reports a change of the channel, or new members. */
    happened(message: ReceivedMessage): Promise<void>;
  };
}

const done: Outcome = { kind: "done" };
const drop = (because: string): Outcome => ({ kind: "drop", because });
const soon = (because: string): Outcome => ({ kind: "retry", because, counts: false, afterMs: 1_000 });
const PERMISSION_MS = 60_000;

/** `known`: the message, if the notification contained it. */
export async function receive(one: Receiving, known: ReceivedMessage | null): Promise<Outcome> {
  try {
    return await receiveNow(one, known);
  } catch (error) {
    const wait = later(error);
    if (wait) return wait;
    if (error instanceof GraphError && (error.status === 401 || error.status === 403))
      return { kind: "retry", because: "permission_missing", counts: false, afterMs: PERMISSION_MS };
    throw error;
  }
}

async function receiveNow(one: Receiving, known: ReceivedMessage | null): Promise<Outcome> {
  const { link, room, work } = one;
  const key = ofMessage(link.id, work.message);
  const isDeleted = work.deleted === true && work.at !== undefined;
  const message = known ?? (isDeleted ? null : await read(one));
  if (message?.eventDetail) {
    await one.own?.happened(message);
    return drop("no_user_event");
  }
  const found = await room.pairs.find(key);
  if (isDeleted || message === null || message.deletedDateTime) {
    const now = new Date(room.ports.clock.now()).toISOString();
    const at = message?.deletedDateTime ? message.lastModifiedDateTime : work.at;
    return remove(one, key, found, { messageId: work.message, at: at ?? now });
  }
  if (found && !isStray(found.pair, message)) return update(one, found, message);
  const because = await reasonToWait(room, link, message);
  if (because) return because;
  return create(one, key, message);
}

/**
 * A process died after it had sent the message, and the message was deleted in Teams before it was found, so another
 * one was sent.
 */
const isStray = ({ from, state, parts, others }: Pair, { id }: ReceivedMessage) =>
  from === "mattermost" && state !== "sending" && ![...parts, ...(others ?? [])].includes(id);

/** Returns null when it is gone. */
async function read({ link, room, work }: Receiving): Promise<ReceivedMessage | null> {
  try {
    return await room.teams.message(link, work.message, work.root);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

async function create(one: Receiving, key: PairKey, message: ReceivedMessage): Promise<Outcome> {
  const { link, room, work } = one;
  const converted = await convert(room, link, message, { quiet: work.old === true });
  if (converted.dropped !== null) return drop(converted.dropped);
  const wait = await one.own?.turn();
  if (wait) return wait;
  const root = await rootPost(one, message);
  if (root.kind === "wait") return root.outcome;
  const pair = await room.pairs.begin(key, () => ({
    ...emptyPair(link.id, "teams", room.ports.clock.now()),
    parts: [message.id],
  }));
  return post(one, { key, message, converted, rootId: root.postId, pair });
}

interface Making {
  readonly key: PairKey;
  readonly message: ReceivedMessage;
  readonly converted: Converted & { dropped: null };
  readonly rootId: string;
  readonly pair: Pair;
}

async function post(one: Receiving, making: Making): Promise<Outcome> {
  const { link, room, work } = one;
  const { key, message, converted } = making;
  const fetched = await fetchFiles(one, converted.files, {
    before: making.pair.received,
    keep: keepReceived(room, key),
  });
  const made = await makePost(room, link, {
    ...making,
    fetched,
    at: work.old ? Date.parse(message.createdDateTime ?? "") : 0,
  });
  // After a crash here, the next attempt copies the rest: the whole message if its post was found, else the reactions.
  const reacted = (message.reactions ?? []).length > 0;
  const modified = message.lastModifiedDateTime ?? "";
  const seen = made.again
    ? { teams: "", modified: "" }
    : { teams: contentDigest(message), modified: reacted ? "" : modified };
  const pair = await room.pairs.change(
    key,
    (now) =>
      now && {
        ...now,
        ...{ postId: made.post.Id, state: "done", by: made.by, rootId: message.replyToId ?? null },
        ...{ mattermost: postDigest(made.post), received: fetched.received, ...seen },
        files: { ...now.files, ...inTeams(message, fetched.received) },
      },
  );
  if (made.again && pair) return update(one, { key, pair }, message);
  if (reacted) {
    await reconcileReactions(room, link, key, message);
    await room.pairs.change(key, (now) => now && { ...now, modified });
  }
  room.copied(link, "to_mattermost", "message");
  return done;
}

type Root =
  | { readonly kind: "found"; readonly postId: string }
  | { readonly kind: "wait"; readonly outcome: Outcome };

/** Returns the post under which the reply belongs, created now if it was not copied; "" when there is none. */
async function rootPost(one: Receiving, message: ReceivedMessage): Promise<Root> {
  const { link, room, work } = one;
  const rootId = message.replyToId ?? work.root;
  if (!rootId || rootId === message.id) return { kind: "found", postId: "" };
  const key = ofMessage(link.id, rootId);
  let pair = (await room.pairs.find(key))?.pair ?? null;
  // A root that was deleted here may have been restored in Teams, and its notification may not have arrived yet.
  const isOpen = pair?.from === "teams" && pair.state === "sending";
  if (!pair || isOpen || pair.state.startsWith("deleted")) {
    const older = Number(rootId) < link.createdAt;
    const root: Receive = {
      do: "receive",
      link: link.id,
      message: rootId,
      root: null,
      ...(older ? { old: true } : {}),
    };
    const outcome = await room.alone(key, () =>
      receiveNow({ link, room, signal: one.signal, work: root }, null),
    );
    if (outcome.kind === "retry") return { kind: "wait", outcome };
    pair = (await room.pairs.find(key))?.pair ?? null;
  }
  if (!pair?.postId || pair.state.startsWith("deleted")) return { kind: "found", postId: "" };
  const post = await foundOrNull(room.ports.api.getPost(pair.postId));
  if (!post || post.DeleteAt > 0) return { kind: "found", postId: "" };
  return { kind: "found", postId: post.RootId || post.Id };
}

async function update(one: Receiving, found: Found, message: ReceivedMessage): Promise<Outcome> {
  const { link, room } = one;
  const { key, pair } = found;
  if (pair.link !== link.id) return done;
  if (pair.state === "deleted_in_mattermost") return broughtBack(one, found, message);
  if (pair.state === "sending") {
    if (pair.from === "mattermost") return soon("own_message");
    return resume(one, found, message);
  }
  const part = pair.parts.indexOf(message.id);
  const modified = message.lastModifiedDateTime ?? "";
  if (part < 0 || (part === 0 && modified !== "" && !isLater(modified, pair.modified))) return done;
  if (pair.state === "deleted_in_teams") return restore(one, key, message);
  const digests = pair.teams.split(" ");
  const digest = contentDigest(message);
  const foreign = pair.from === "teams" || pair.by === "author";
  if (foreign && digests[part] !== digest) {
    const changed = await rewrite(one, found, message);
    if (changed) room.copied(link, "to_mattermost", "edit");
  }
  if (part === 0) await reconcileReactions(room, link, key, message);
  await room.pairs.change(key, (now) => {
    if (!now) return now;
    const teams = now.teams
      .split(" ")
      .map((before, index) => (index === part ? digest : before))
      .join(" ");
    // Somebody changed it in Teams, so its content is no longer what we last sent.
    const sent =
      digests[part] === digest ? now.sent : now.sent.map((before, index) => (index === part ? "" : before));
    return { ...now, teams, sent, ...(part === 0 ? { modified } : {}) };
  });
  return done;
}

/** A process died while creating the post: it exists, or it is created now. */
async function resume(one: Receiving, { key, pair }: Found, message: ReceivedMessage): Promise<Outcome> {
  const { link, room, work } = one;
  const converted = await convert(room, link, message, { quiet: work.old === true });
  const root = await rootPost(one, message);
  if (root.kind === "wait") return root.outcome;
  if (converted.dropped !== null) {
    const before = await adopted(room, link, pair);
    if (before) await removePost(room, before.Id);
    await room.pairs.change(key, () => null);
    return drop(converted.dropped);
  }
  return post(one, { key, message, converted, rootId: root.postId, pair });
}

/**
 * The post was deleted here, and its message in Teams with it; now its author has restored the message. The
 * notification may have an older state, so the message is read.
 */
async function broughtBack(one: Receiving, { key, pair }: Found, message: ReceivedMessage): Promise<Outcome> {
  const isNews = pair.parts[0] === message.id && isLater(message.lastModifiedDateTime, pair.modified);
  if (!pair.removed || pair.by !== "author" || pair.parts.length !== 1 || !isNews) return done;
  const now = await read(one);
  return now === null || now.deletedDateTime ? done : restore(one, key, now);
}

/** The message was deleted in Teams and restored there. Mattermost cannot restore a post, so it is posted again. */
async function restore(one: Receiving, key: PairKey, message: ReceivedMessage): Promise<Outcome> {
  const { link, room } = one;
  // Under the message's own key: from now on Teams is the side where it was written.
  const own = ofMessage(link.id, message.id);
  await room.pairs.forget(link.id, key);
  await room.pairs.replace(own, {
    ...emptyPair(link.id, "teams", room.ports.clock.now()),
    parts: [message.id],
  });
  return create(one, own, withoutMark(message));
}

async function remove(
  { link, room }: Receiving,
  key: PairKey,
  found: Found | null,
  { messageId, at }: { readonly messageId: string; readonly at: string },
): Promise<Outcome> {
  if (!found) {
    // The notification of its creation may arrive later, and must not create a post after the deletion.
    await room.pairs.begin(key, () => ({
      ...emptyPair(link.id, "teams", room.ports.clock.now()),
      ...{ parts: [messageId], state: "deleted_in_teams", modified: at },
    }));
    return done;
  }
  const { pair } = found;
  if (pair.link !== link.id || pair.state === "deleted_in_mattermost") return done;
  // The message has been restored since, and that report arrived first.
  if (isLater(pair.modified, at)) return done;
  if (pair.from === "mattermost" && pair.state === "sending") return soon("own_message");
  // This is one of several parts, or a former part, so the post as a whole stays.
  if (pair.parts[0] !== messageId) return done;
  const postId = pair.postId ?? (await adopted(room, link, pair))?.Id ?? null;
  // Recorded before the post is deleted, so that the hook of the deletion sends nothing to Teams.
  await room.pairs.change(
    found.key,
    (now) => now && { ...now, postId, state: "deleted_in_teams", modified: at },
  );
  if (postId !== null && (await removePost(room, postId))) room.copied(link, "to_mattermost", "deletion");
  return done;
}
