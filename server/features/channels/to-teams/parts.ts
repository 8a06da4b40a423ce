/**
 * Sends one part of a post as one message in Teams. A Graph call cannot be repeated safely: the attempt is recorded
 * first, and after a crash or a lost answer, the message is searched before it is sent again.
 */

import { GraphError, GraphUnreachable } from "../../../microsoft/graph/index.ts";
import type { TeamsDraft } from "../../../microsoft/teams-messages/index.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { contentDigest, isOurs } from "../pairs/message-digest.ts";
import { ofMessage, type Pair, type PairKey } from "../pairs/pair-store.ts";
import type { Sender } from "../people.ts";
import type { Room } from "../room.ts";
import type { ReceivedMessage } from "../teams-api.ts";
import { bodyOf, draftDigest } from "./drafts.ts";

/** Difference between clocks. */
const SKEW_MS = 2 * 60_000;

export interface PartWork {
  readonly key: PairKey;
  readonly pair: Pair;
  /** The root in Teams; null: the part is a root. */
  readonly under: string | null;
  readonly draft: TeamsDraft;
  readonly sender: Sender;
}

/** Sends a part. Returns the pair with the new part. */
export async function sendPart(room: Room, link: ChannelLink, work: PartWork): Promise<Pair> {
  const { key, pair, under, sender } = work;
  const index = pair.parts.length;
  const before = (await room.progress.read(link.id)).sending;
  const again = before?.post === pair.postId && before?.index === index ? before : null;
  const lost =
    again && (await findLost(room, link, key, { under: again.under, sender: again.sender, since: again.at }));
  const made = lost ?? (await attempt(room, link, work, index));
  await room.pairs.refer(ofMessage(link.id, made.id), key);
  const next = await room.pairs.change(key, (current) => {
    const now = current ?? pair;
    // A message that was found may have the post's text from before an edit.
    const sent = [...now.sent, lost ? "" : draftDigest(work.draft)];
    const first =
      now.parts.length === 0
        ? {
            modified: made.lastModifiedDateTime ?? "",
            rootId: made.replyToId ?? (lost ? again.under : under),
          }
        : {};
    const teams = `${now.teams} ${contentDigest(made)}`.trim();
    return { ...now, ...first, parts: [...now.parts, made.id], teams, sent, by: sender.kind };
  });
  return next ?? pair;
}

async function attempt(
  room: Room,
  link: ChannelLink,
  { pair, under, draft, sender }: PartWork,
  index: number,
): Promise<ReceivedMessage> {
  room.teams.turn(link, "message");
  const at = room.ports.clock.now();
  const sending = { post: pair.postId ?? "", index, under, sender: sender.objectId, at };
  await room.progress.change(link.id, (state) => ({ ...state, sending }));
  try {
    return await room.teams.send(link, under, await bodyOf(draft), sender.credential);
  } catch (error) {
    // A refusal means that there is no message; a missing answer leaves it open.
    const open = error instanceof GraphUnreachable || (error instanceof GraphError && error.status >= 500);
    if (!open) await room.progress.change(link.id, (state) => ({ ...state, sending: null }));
    throw error;
  }
}

/**
 * Finds the message of a call whose answer was lost: it has our mark, was written by that account since, and belongs
 * to no pair. If somebody has edited it in Teams meanwhile, it has no mark and is copied as a message of its own, which
 * is better than losing it.
 */
export async function findLost(
  room: Room,
  link: ChannelLink,
  key: PairKey,
  { under, sender, since }: { under: string | null; sender: string; since: number },
): Promise<ReceivedMessage | null> {
  for (const one of await room.teams.newest(link, under, 20)) {
    const at = Date.parse(one.createdDateTime ?? "");
    const theirs = one.from?.user?.id?.toLowerCase() === sender.toLowerCase();
    if (!theirs || !isOurs(one) || one.deletedDateTime || !(at >= since - SKEW_MS)) continue;
    const home = await room.pairs.home(ofMessage(link.id, one.id));
    if (home !== null && home !== key) continue;
    return one;
  }
  return null;
}
