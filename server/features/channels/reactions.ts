/**
 * Copies reactions as sets: the pair has the reactions that both sides last had, and the difference is what somebody
 * did. An echo makes no difference, so nothing is copied back.
 */

import { emojiName, emojiText } from "../../platform/markdown/index.ts";
import type { Reaction } from "../../runtime/mattermost/index.ts";
import type { ChannelLink } from "./links/link-store.ts";
import { digest, type PairKey } from "./pairs/pair-store.ts";
import type { Room } from "./room.ts";
import type { ReceivedMessage, ReceivedReaction } from "./teams-api.ts";

/** Reaction names of old messages (docs/facts/microsoft-chat.md 5.4). */
const OLD: Readonly<Record<string, string>> = {
  ...{ like: "👍", heart: "❤️", laugh: "😆", surprised: "😮", sad: "😢", angry: "😠" },
  checkmarkbutton: "✅",
};
const MOST = 500;

/** One form for an emoji, whichever variation a client sends. */
export const plainEmoji = (text: string) => text.replaceAll("\ufe0f", "");
export const entryOf = (link: ChannelLink, who: string, emoji: string) =>
  `${digest(link.id, who).slice(0, 8)} ${plainEmoji(emoji)}`;

interface Wanted {
  readonly userId: string;
  readonly name: string;
}

/**
 * Applies the post's reactions to the message: linked members react themselves, the bot reacts for everybody else.
 */
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
    const emoji = await emojiOf(room, reaction);
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

/** Returns null when there is no equivalent here. */
export async function emojiOf(
  room: Room,
  reaction: ReceivedReaction | null,
): Promise<{ readonly name: string; readonly text: string } | null> {
  const { reactionType: type, displayName } = reaction ?? {};
  if (!type || type === "custom") return customEmoji(room, displayName ?? "");
  const text = OLD[type] ?? type;
  const name = emojiName(text);
  return name === null ? null : { name, text: emojiText(name) };
}

/** Finds an emoji of the same name: a built-in one, or one that was added to this server. */
async function customEmoji(room: Room, name: string) {
  if (!/^[a-z0-9][a-z0-9_+-]{0,63}$/.test(name)) return null;
  const text = emojiText(name);
  if (text !== `:${name}:`) return { name, text };
  const found = await room.ports.api.getEmojiByName(name).catch(() => null);
  return found ? { name, text } : null;
}
