/** Applies an edit of a post to its messages in Teams: changes them in place, adds or removes some. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import type { TeamsDraft } from "../../../microsoft/teams-messages/index.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { contentDigest, isLater, sameWords } from "../pairs/message-digest.ts";
import { ofMessage, type Pair, type PairKey, postDigest } from "../pairs/pair-store.ts";
import type { Sender } from "../people.ts";
import { reconcileReactions } from "../reactions.ts";
import type { Room } from "../room.ts";
import { isGone, type ReceivedMessage } from "../teams-api.ts";
import { mayEdit } from "./cloud-limits.ts";
import { bodyOf, draftDigest, draftsOf } from "./drafts.ts";
import { isUnconnected, tellFilesMissing } from "./failures.ts";
import { sendFiles } from "./files.ts";
import { sendPart } from "./parts.ts";
import type { Outgoing, Sending } from "./sending.ts";
import { quoteOf } from "./thread-root.ts";
import { nobodySends } from "./unsent.ts";

const done: Outcome = { kind: "done" };

/** Throws Graph's errors. */
export async function editPost(out: Outgoing, key: PairKey, pair: Pair): Promise<Outcome> {
  const { room, link, post } = out;
  const sender = await writerOf(room, post.UserId, pair);
  const mattermost = postDigest(post);
  if (!sender) {
    if (pair.from === "mattermost") return nobodySends(out);
    // A copy that an admin edits here cannot be edited in Teams: its author there is somebody else.
    await room.pairs.change(key, (now) => now && { ...now, mattermost });
    return { kind: "drop", because: "user_not_connected" };
  }
  const sending: Sending = { ...out, sender };
  const { files, missing } = await sendFiles(sending);
  const draftsWith = (quote: string) => draftsOf(room, link, { post, files, sender, quote });
  if (mayEdit(room.ports.config.current.cloud)) {
    const drafts = await draftsWith(await quoteOf(room, post, pair));
    if (drafts === null) return done;
    try {
      await inPlace(sending, key, pair, { drafts, mattermost });
      room.copied(link, "to_teams", "edit");
      if (missing.length > 0) await tellFilesMissing(room, link, post, missing);
      return done;
    } catch (error) {
      if (isUnconnected(error)) return nobodySends(out);
      if (!isUnsupported(error)) throw error;
    }
  }
  const drafts = await draftsWith("");
  if (drafts === null) return done;
  await followUp(sending, key, pair, drafts);
  await room.pairs.change(key, (now) => now && { ...now, mattermost });
  room.copied(link, "to_teams", "edit");
  return done;
}

/** Returns the account that wrote it in Teams; only that account may change it there. */
export async function writerOf(room: Room, userId: string, pair: Pair): Promise<Sender | null> {
  if (pair.by === "author") return room.people.author(userId);
  return pair.from === "mattermost" ? room.people.botAccount() : null;
}

/** The cloud has no such call; a private cloud reveals that by its answer. */
const isUnsupported = (error: unknown) =>
  error instanceof GraphError && (error.status === 405 || error.status === 501);

interface Edit {
  readonly drafts: readonly TeamsDraft[];
  readonly mattermost: string;
}

async function inPlace(sending: Sending, key: PairKey, before: Pair, edit: Edit): Promise<void> {
  const { room, link, sender } = sending;
  const { drafts, mattermost } = edit;
  const thread = before.rootId ?? before.parts[0] ?? null;
  const rootOf = (index: number) => (index === 0 ? before.rootId : thread);
  let pair = before;
  for (const [index, draft] of drafts.entries()) {
    const id = pair.parts[index];
    // Changes that an earlier attempt has made are not repeated.
    if (id === undefined || pair.sent[index] === draftDigest(draft)) continue;
    const after = await editOne(sending, { id, rootId: rootOf(index) }, draft);
    // The state read after the edit is recorded as seen, including the reactions in it.
    if (index === 0 && after.message) await reconcileReactions(room, link, key, after.message);
    pair = (await room.pairs.change(key, (now) => now && withPart(now, index, draft, after))) as Pair;
  }
  while (pair.parts.length > drafts.length) {
    const index = pair.parts.length - 1;
    const id = pair.parts[index] as string;
    await room.teams.remove(link, id, rootOf(index), sender.credential).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
    pair = (await room.pairs.change(key, (now) => now && firstParts(now, index))) as Pair;
  }
  for (const draft of drafts.slice(pair.parts.length))
    pair = await sendPart(room, link, { key, pair, under: thread, draft, sender });
  await room.pairs.change(key, (now) => now && { ...now, mattermost });
}

interface Edited {
  readonly digest: string;
  readonly modified: string;
  /** null: something else happened to it at the same time, which is reported separately. */
  readonly message: ReceivedMessage | null;
}

function withPart(pair: Pair, index: number, draft: TeamsDraft, { digest, modified }: Edited): Pair {
  const set = (list: readonly string[], value: string) =>
    pair.parts.map((_, at) => (at === index ? value : (list[at] ?? "")));
  return {
    ...pair,
    sent: set(pair.sent, draftDigest(draft)),
    teams: set(pair.teams.split(" "), digest).join(" "),
    ...(index === 0 && isLater(modified, pair.modified) ? { modified } : {}),
  };
}

const firstParts = (pair: Pair, count: number): Pair => ({
  ...pair,
  parts: pair.parts.slice(0, count),
  others: [...(pair.others ?? []), ...pair.parts.slice(count)],
  sent: pair.sent.slice(0, count),
  teams: pair.teams.split(" ").slice(0, count).join(" "),
});

/**
 * PATCH replaces the whole message, so everything besides the text is sent back with it (docs/facts/microsoft-chat.md
 * 6.4).
 */
async function editOne(
  { room, link, sender: { credential } }: Sending,
  place: { readonly id: string; readonly rootId: string | null },
  draft: TeamsDraft,
): Promise<Edited> {
  const sent = await bodyOf(draft);
  for (let attempt = 1; ; attempt += 1) {
    const present = await room.teams.message(link, place.id, place.rootId, credential);
    // It was deleted there a moment ago; the report is on the way.
    if (present.deletedDateTime) return { digest: contentDigest(present), modified: "", message: null };
    const body = { ...sent, reactions: present.reactions ?? [] };
    try {
      await room.teams.edit(link, place, body, credential);
      break;
    } catch (error) {
      // A reaction came in between.
      if (error instanceof GraphError && [409, 412].includes(error.status) && attempt === 1) continue;
      // The evaluation model asks for a payment after it has done the work.
      if (error instanceof GraphError && error.status === 402) break;
      throw error;
    }
  }
  const after = await room.teams.message(link, place.id, place.rootId, credential);
  // Somebody edited it in Teams right after us, which is reported separately.
  if (!sameWords(after.body?.content ?? "", sent.body.content))
    return {
      digest: contentDigest({ id: place.id, ...sent } as ReceivedMessage),
      ...{ modified: "", message: null },
    };
  return { digest: contentDigest(after), modified: after.lastModifiedDateTime ?? "", message: after };
}

/** For clouds without edits: a line below the message states the new text. */
async function followUp(
  { room, link, sender }: Sending,
  key: PairKey,
  pair: Pair,
  drafts: readonly TeamsDraft[],
): Promise<void> {
  const thread = pair.rootId ?? pair.parts[0] ?? null;
  const say = await room.say();
  const [first, ...others] = drafts;
  if (!first) return;
  const headed = { ...first, content: `<p><em>${say("edited")}</em></p>${first.content}` };
  for (const draft of [headed, ...others]) {
    room.teams.turn(link, "message");
    const made = await room.teams.send(link, thread, await bodyOf(draft), sender.credential);
    await room.pairs.change(key, (now) => now && { ...now, others: [...(now.others ?? []), made.id] });
    await room.pairs.refer(ofMessage(link.id, made.id), key);
  }
}

/** For clouds without deletions. */
export async function sayDeleted(room: Room, link: ChannelLink, pair: Pair, sender: Sender): Promise<void> {
  const thread = pair.rootId ?? pair.parts[0] ?? null;
  const content = `<p><em>${(await room.say())("deleted")}</em></p>`;
  const draft: TeamsDraft = { content, mentions: [], attachments: [], importance: "normal" };
  room.teams.turn(link, "message");
  await room.teams.send(link, thread, await bodyOf(draft), sender.credential);
}
