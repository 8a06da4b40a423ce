/** Resolves the mentions of a Teams message to Mattermost users (docs/facts/microsoft-chat.md 5.3). */

import type { Leaf } from "./document.ts";
import type { IdentitySet, TeamsMention } from "./teams-message.ts";

export interface People {
  /** The Mattermost user name of a linked person. */
  usernameOf(teamsUserId: string): string | null;
  /** The linked channel, in which a mention of everybody notifies everybody. null: such a mention is only text. */
  readonly channel: { readonly teamId: string; readonly channelId: string } | null;
}

export type MentionLeaf = Leaf & { readonly kind: "mention" };
export interface NamedMention {
  readonly leaf: MentionLeaf;
  /** The id of the person, used to join a name that Teams has split; null when it is unknown. */
  readonly of: string | null;
}

const plain = (name: string): MentionLeaf => ({
  kind: "mention",
  text: `@${name.replace(/^@+/, "")}`,
  live: false,
});

/** For a mention that the message's own list does not name: keeps the name from the text. */
export const unknownMention = (name: string): NamedMention => ({ leaf: plain(name), of: null });

export function namedMention(mention: TeamsMention, shownName: string, people: People): NamedMention {
  const name = shownName || (mention.mentionText ?? "");
  const whom = mention.mentioned;
  if (!whom) return unknownMention(name);
  const { user, conversation } = whom;
  const id = user?.id ?? conversation?.id ?? null;
  const username = user?.id ? people.usernameOf(user.id) : null;
  if (username !== null && /^[a-z0-9._-]{1,64}$/i.test(username)) return live(username, id);
  const everybody = conversation ? wholeChannel(whom, people) : null;
  return everybody === null ? { leaf: plain(name), of: id } : live(everybody, id);
}

const live = (name: string, of: string | null): NamedMention => ({
  leaf: { kind: "mention", text: `@${name}`, live: true },
  of,
});

function wholeChannel({ conversation }: IdentitySet, { channel }: People): string | null {
  if (channel === null || !conversation) return null;
  switch (conversation.conversationIdentityType) {
    case "chat":
      return "all";
    case "channel":
      return conversation.id === channel.channelId ? "channel" : null;
    case "team":
      return conversation.id === channel.teamId ? "channel" : null;
    default:
      return null;
  }
}
