/** Copies reactions in Mattermost to Teams: each as the person who reacts, if they are connected. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import { emojiText } from "../../../platform/markdown/index.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { ofPost, type Pair, type PairKey } from "../pairs/pair-store.ts";
import { emojiOf, entryOf, plainEmoji } from "../reactions.ts";
import type { Room } from "../room.ts";
import { isBeingMade } from "../to-mattermost/post-copy.ts";
import { isUnconnected, later } from "./failures.ts";

const done: Outcome = { kind: "done" };
const soon: Outcome = { kind: "retry", because: "own_message", counts: false, afterMs: 1_000 };

/** One person's reaction with one emoji on a post. */
export interface OneReaction {
  readonly post: string;
  readonly user: string;
  readonly emoji: string;
}

/**
 * Finds reactions that were added or removed here without a hook. The pair has the reactions that both sides last
 * had: one that is here and not in the pair was added, one in the pair and not here was removed.
 */
export async function findReactions(room: Room, link: ChannelLink, postId: string): Promise<Outcome> {
  const pair = (await room.pairs.find(ofPost(postId)))?.pair;
  if (!pair || pair.link !== link.id || pair.state !== "done") return done;
  const present = (await room.ports.api.getReactions(postId)).flatMap((one) => one ?? []);
  const here = new Map(present.map((one) => [entryOf(link, one.UserId, emojiText(one.EmojiName)), one]));
  const changed: OneReaction[] = [];
  for (const [entry, { UserId, EmojiName }] of here)
    if (!pair.reactions.includes(entry)) changed.push({ post: postId, user: UserId, emoji: EmojiName });
  const taken = new Set(
    pair.reactions.filter((entry) => !here.has(entry) && !pair.settling?.includes(entry)),
  );
  try {
    if (taken.size > 0) changed.push(...(await ownersOf(room, link, pair, taken)));
  } catch (error) {
    const wait = later(error);
    if (wait) return wait;
    if (!(error instanceof GraphError)) throw error;
  }
  for (const one of changed) {
    const outcome = await sendReaction(room, link, one);
    if (outcome.kind === "retry") return outcome;
  }
  return done;
}

/** A digest does not reveal the person, but the message in Teams does. */
async function ownersOf(
  room: Room,
  link: ChannelLink,
  { parts, rootId, postId }: Pair,
  entries: ReadonlySet<string>,
): Promise<OneReaction[]> {
  const [first] = parts;
  if (first === undefined || postId === null) return [];
  const found: OneReaction[] = [];
  for (const reaction of (await room.teams.message(link, first, rootId)).reactions ?? []) {
    const emoji = await emojiOf(room, reaction);
    const objectId = reaction?.user?.user?.id;
    const person = emoji && objectId ? await room.people.byObjectId(objectId) : null;
    if (emoji && person && entries.has(entryOf(link, person.userId, emoji.text)))
      found.push({ post: postId, user: person.userId, emoji: emoji.name });
  }
  return found;
}

/** Copies the current state of a person's reaction on the post to Teams, if they are connected. */
export async function sendReaction(room: Room, link: ChannelLink, work: OneReaction): Promise<Outcome> {
  const { api, bot } = room.ports;
  if (work.user === (await bot.userId())) return done;
  const text = emojiText(work.emoji);
  // A custom emoji is a picture that Teams cannot use.
  if (text === `:${work.emoji}:`) return done;
  const found = await room.pairs.find(ofPost(work.post));
  const { pair } = found ?? {};
  const [first] = pair?.parts ?? [];
  if (!found || !pair || pair.link !== link.id || pair.standIn || pair.state !== "done" || !first)
    return (await isBeingMade(room, work.post, pair)) ? soon : done;
  const entry = entryOf(link, work.user, text);
  const present = (await api.getReactions(work.post)).some(
    (one) => one?.UserId === work.user && plainEmoji(emojiText(one.EmojiName)) === plainEmoji(text),
  );
  if (present === pair.reactions.includes(entry) || pair.settling?.includes(entry)) return done;
  const author = await room.people.author(work.user);
  // One account has one set of reactions: the bot account cannot react for everybody else.
  if (!author) return { kind: "drop", because: "user_not_connected" };
  try {
    await room.teams.react(
      link,
      { id: first, rootId: pair.rootId },
      { type: text, on: present },
      author.credential,
    );
  } catch (error) {
    const wait = later(error);
    if (wait) return wait;
    if (isUnconnected(error) || error instanceof GraphError) return { kind: "drop", because: "refused" };
    throw error;
  }
  await noted(room, found.key, entry, present);
  room.copied(link, "to_teams", "reaction");
  return done;
}

async function noted(room: Room, key: PairKey, entry: string, present: boolean): Promise<void> {
  await room.pairs.change(key, (pair: Pair | null) => {
    if (!pair || pair.reactions.includes(entry) === present) return pair;
    return {
      ...pair,
      reactions: present ? [...pair.reactions, entry] : pair.reactions.filter((one) => one !== entry),
    };
  });
}
