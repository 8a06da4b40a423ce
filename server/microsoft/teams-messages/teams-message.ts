/** A chat message as Graph sends it (docs/facts/microsoft-chat.md 5). Any member may be missing or null. */

type Maybe<T> = T | null | undefined;

export interface Identity {
  readonly id?: Maybe<string>;
  readonly displayName?: Maybe<string>;
}

export interface IdentitySet {
  readonly user?: Maybe<Identity>;
  readonly application?: Maybe<Identity>;
  readonly device?: Maybe<Identity>;
  readonly tag?: Maybe<Identity>;
  readonly conversation?: Maybe<Identity & { readonly conversationIdentityType?: Maybe<string> }>;
}

export interface TeamsAttachment {
  readonly id?: Maybe<string>;
  readonly contentType?: Maybe<string>;
  readonly contentUrl?: Maybe<string>;
  /** JSON. */
  readonly content?: Maybe<string>;
  readonly name?: Maybe<string>;
}

export interface TeamsMention {
  readonly id?: Maybe<number | string>;
  readonly mentionText?: Maybe<string>;
  readonly mentioned?: Maybe<IdentitySet>;
}

export interface TeamsMessage {
  readonly id?: Maybe<string>;
  readonly replyToId?: Maybe<string>;
  readonly messageType?: Maybe<string>;
  readonly deletedDateTime?: Maybe<string>;
  readonly subject?: Maybe<string>;
  readonly importance?: Maybe<string>;
  readonly chatId?: Maybe<string>;
  readonly channelIdentity?: Maybe<{ readonly teamId?: Maybe<string>; readonly channelId?: Maybe<string> }>;
  readonly from?: Maybe<IdentitySet>;
  readonly onBehalfOf?: Maybe<IdentitySet>;
  readonly body?: Maybe<{ readonly contentType?: Maybe<string>; readonly content?: Maybe<string> }>;
  readonly attachments?: Maybe<readonly Maybe<TeamsAttachment>[]>;
  readonly mentions?: Maybe<readonly Maybe<TeamsMention>[]>;
  readonly policyViolation?: Maybe<{ readonly dlpAction?: Maybe<string> }>;
  readonly eventDetail?: unknown;
}

/** Returns the members of a list that are not null. */
export const present = <T>(list: Maybe<readonly Maybe<T>[]>): T[] =>
  Array.isArray(list) ? list.filter((one): one is T => one !== null && one !== undefined) : [];
