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
  const { api } = room.ports;
  const pair = (await room.pairs.find(key))?.pair;
  if (!pair?.postId || ((message.reactions ?? []).length === 0 && pair.reactions.length === 0)) return;
  const present = (await api.getReactions(pair.postId)).filter((one): one is Reaction => one !== null);
  const here = new Map(present.map((one) => [entryOf(link, one.UserId, emojiText(one.EmojiName)), one]));
  const wanted = await wantedOf(room, link, message, here);
  const unsure = new Set(pair.settling);
  const before = new Set(pair.reactions.filter((entry) => !unsure.has(entry)));
  const added = [...wanted].filter(([entry]) => !before.has(entry) && !here.has(entry));
  const removed = [...before, ...unsure].flatMap((entry) =>
    wanted.has(entry) ? [] : (here.get(entry) ?? []),
  );
  const next = [...wanted.keys()];
  const isSame = next.length === before.size && next.every((one) => before.has(one));
  if (isSame && unsure.size === 0) return;
  const settling = [
    ...added.map(([entry]) => entry),
    ...removed.map((one) => entryOf(link, one.UserId, emojiText(one.EmojiName))),
  ];
  // Recorded first: after a crash, these reactions are recognised as ours and not taken for a member's.
  if (settling.length > 0)
    await room.pairs.change(key, (now) => now && { ...now, settling: [...unsure, ...settling] });
  for (const [, { userId, name }] of added) {
    await api.addReaction({ UserId: userId, PostId: pair.postId, EmojiName: name });
    room.copied(link, "to_mattermost", "reaction");
  }
  for (const one of removed) {
    await api.removeReaction(one);
    room.copied(link, "to_mattermost", "reaction");
  }
  await room.pairs.change(key, (now) => {
    if (!now) return now;
    const { settling: _, ...rest } = now;
    return { ...rest, reactions: next };
  });
}

/** The reactions to set, by entry: members of the channel react themselves, the bot reacts for all others. */
async function wantedOf(
  room: Room,
  link: ChannelLink,
  message: ReceivedMessage,
  here: ReadonlyMap<string, Reaction>,
): Promise<ReadonlyMap<string, Wanted>> {
  const botId = await room.ports.bot.userId();
  const wanted = new Map<string, Wanted>();
  for (const reaction of (message.reactions ?? []).slice(0, MOST)) {
    const emoji = await emojiOf(room, reaction);
    const objectId = reaction?.user?.user?.id;
    if (!emoji || !objectId) continue;
    const person = await room.people.byObjectId(objectId);
    // A member who reacted here and then left the channel keeps their reaction.
    const own =
      person &&
      (here.has(entryOf(link, person.userId, emoji.text)) ||
        (await room.people.isMember(link.channelId, person.userId)));
    const userId = own ? person.userId : botId;
    wanted.set(entryOf(link, userId, emoji.text), { userId, name: emoji.name });
  }
  return wanted;
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
