/**
 * Reactions are sets: what both sides had last is in the pair, and the difference to it is what somebody did. An echo
 * is no difference, so nothing comes back.
 */

import { GraphError } from "../../microsoft/graph/index.ts";
import { emojiName, emojiText } from "../../platform/markdown/index.ts";
import type { Outcome } from "../../platform/work/queue.ts";
import type { Reaction } from "../../runtime/mattermost/index.ts";
import { isUnconnected, later } from "./failures.ts";
import type { ChannelLink } from "./link-store.ts";
import { digest, ofPost, type Pair, type PairKey } from "./pair-store.ts";
import type { Room } from "./room.ts";
import type { ReceivedMessage } from "./teams-api.ts";

const done: Outcome = { kind: "done" };
/** Names of old messages (docs/facts/microsoft-chat.md 5.4). */
const OLD: Readonly<Record<string, string>> = {
  ...{ like: "👍", heart: "❤️", laugh: "😆", surprised: "😮", sad: "😢", angry: "😠" },
  checkmarkbutton: "✅",
};
const MOST = 500;

/** One for an emoji, whatever variation of it a client sends. */
const plainEmoji = (text: string) => text.replaceAll("\ufe0f", "");
const entryOf = (link: ChannelLink, who: string, emoji: string) =>
  `${digest(link.id, who).slice(0, 8)} ${plainEmoji(emoji)}`;

interface Wanted {
  readonly userId: string;
  readonly name: string;
}

/** The reactions of the post become those of the message: of linked members as their own, of all others the bot's. */
export async function reconcileReactions(
  room: Room,
  link: ChannelLink,
  key: PairKey,
  message: ReceivedMessage,
): Promise<void> {
  const { api, bot } = room.ports;
  const pair = (await room.pairs.find(key))?.pair;
  if (!pair?.postId || ((message.reactions ?? []).length === 0 && pair.reactions.length === 0)) return;
  const botId = await bot.userId();
  const wanted = new Map<string, Wanted>();
  for (const reaction of (message.reactions ?? []).slice(0, MOST)) {
    const emoji = emojiOf(reaction?.reactionType, reaction?.displayName);
    const objectId = reaction?.user?.user?.id;
    if (!emoji || !objectId) continue;
    const person = await room.people.byObjectId(objectId);
    const own = person && (await room.people.isMember(link.channelId, person.userId));
    const userId = own ? person.userId : botId;
    wanted.set(entryOf(link, userId, emoji.text), { userId, name: emoji.name });
  }
  const before = new Set(pair.reactions);
  const present = (await api.getReactions(pair.postId)).filter((one): one is Reaction => one !== null);
  const here = new Map(present.map((one) => [entryOf(link, one.UserId, emojiText(one.EmojiName)), one]));
  for (const [entry, { userId, name }] of wanted) {
    if (before.has(entry) || here.has(entry)) continue;
    await api.addReaction({ UserId: userId, PostId: pair.postId, EmojiName: name });
    room.copied(link, "to_mattermost", "reaction");
  }
  for (const entry of before) {
    const one = wanted.has(entry) ? undefined : here.get(entry);
    if (!one) continue;
    await api.removeReaction(one);
    room.copied(link, "to_mattermost", "reaction");
  }
  const next = [...wanted.keys()];
  if (next.length === before.size && next.every((one) => before.has(one))) return;
  await room.pairs.change(key, (now) => now && { ...now, reactions: next });
}

/** null: there is nothing like it here. */
function emojiOf(type: string | null | undefined, displayName: string | null | undefined) {
  if (!type || type === "custom") {
    // A custom emoji of the same name, if this server has it as one of its own.
    const named = displayName && emojiText(displayName) !== `:${displayName}:` ? displayName : null;
    return named ? { name: named, text: emojiText(named) } : null;
  }
  const text = OLD[type] ?? type;
  const name = emojiName(text);
  return name === null ? null : { name, text: emojiText(name) };
}

/** Somebody reacted here, or took it back: in Teams it becomes as it is here, if they are connected. */
export async function sendReaction(
  room: Room,
  link: ChannelLink,
  work: { readonly post: string; readonly user: string; readonly emoji: string },
): Promise<Outcome> {
  const { api, bot } = room.ports;
  if (work.user === (await bot.userId())) return done;
  const text = emojiText(work.emoji);
  // A custom emoji is a picture that Teams cannot be given.
  if (text === `:${work.emoji}:`) return done;
  const found = await room.pairs.find(ofPost(work.post));
  const { pair } = found ?? {};
  const [first] = pair?.parts ?? [];
  if (
    !found ||
    !pair ||
    pair.link !== link.id ||
    pair.standIn ||
    pair.state !== "done" ||
    first === undefined
  )
    return done;
  const entry = entryOf(link, work.user, text);
  const present = (await api.getReactions(work.post)).some(
    (one) => one?.UserId === work.user && plainEmoji(emojiText(one.EmojiName)) === plainEmoji(text),
  );
  if (present === pair.reactions.includes(entry)) return done;
  const author = await room.people.author(work.user);
  // One account, one set: the bot account cannot react for everybody else.
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
