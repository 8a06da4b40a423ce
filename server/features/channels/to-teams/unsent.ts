/** Records posts that do not reach Teams, and notifies their authors. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { ofPost, postDigest } from "../pairs/pair-store.ts";
import type { Room } from "../room.ts";
import type { Failure } from "../words.ts";
import { isCopiedType } from "./drafts.ts";
import { failureOf, later, tellAuthor } from "./failures.ts";
import type { Outgoing } from "./sending.ts";

const drop = (because: string): Outcome => ({ kind: "drop", because });

/** When Microsoft refuses permanently, the author is notified and the queue continues. */
export async function withFailures(out: Outgoing, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const wait = later(error);
    if (wait) return wait;
    if (!(error instanceof GraphError)) throw error;
    const failure = await reasonOf(out, error);
    await fail(out, failure);
    return drop(failure);
  }
}

/** The bot account is not in the team, or not in the channel: that is not the author's doing. */
async function reasonOf({ room, link, post }: Outgoing, error: GraphError): Promise<Failure> {
  const failure = failureOf(error);
  const isBot = (await room.people.senderFor(post.UserId))?.kind === "bot";
  if (!isBot || (failure !== "forbidden" && failure !== "gone")) return failure;
  if (failure === "forbidden") return "forbidden_bot";
  const bot = await room.people.botAccount();
  const mayRead = bot && (await room.teams.mustRead(link, bot.credential).catch(isRefused));
  return mayRead === false ? "forbidden_bot" : failure;
}

const isRefused = (error: unknown) =>
  error instanceof GraphError && [403, 404].includes(error.status) ? false : null;

/** No account can write it. */
export async function nobodySends(out: Outgoing): Promise<Outcome> {
  await fail(out, "not_connected_failure");
  return drop("user_not_connected");
}

/** The codes that admins see, where they differ from the names here. */
const CODES: Partial<Record<Failure, string>> = {
  not_connected_failure: "not_connected",
  forbidden_bot: "forbidden",
};

async function fail({ room, link, post }: Outgoing, failure: Failure): Promise<void> {
  await markFailed(room, post);
  await room.progress.failed(link.id, CODES[failure] ?? failure);
  await tellAuthor(room, link, post, failure);
}

/** It waited for too long. If Teams already has the current state, the author is not notified. */
export async function giveUp(room: Room, link: ChannelLink, postId: string): Promise<void> {
  const post = await foundOrNull(room.ports.api.getPost(postId));
  if (!post || post.DeleteAt > 0 || !isCopiedType(post)) return;
  const pair = (await room.pairs.find(ofPost(postId)))?.pair;
  if (pair && (pair.from === "teams" || pair.mattermost === postDigest(post))) return;
  await fail({ room, link, post, signal: new AbortController().signal }, "expired");
}

/** Nothing of it is in Teams: *Try again* begins as if it were new. A reply to it does not try again by itself. */
async function markFailed(room: Room, post: Post): Promise<void> {
  const found = await room.pairs.find(ofPost(post.Id));
  if (!found) return;
  await room.pairs.change(found.key, (pair) => {
    if (!pair) return pair;
    const state =
      pair.from === "mattermost" ? ({ state: pair.parts.length === 0 ? "failed" : "done" } as const) : {};
    return { ...pair, ...state, refused: postDigest(post) };
  });
}
