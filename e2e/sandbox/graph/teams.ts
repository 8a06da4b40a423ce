/** Teams, channels and their messages as Graph shows them, and a message as a person types it. */

export type MembershipType = "standard" | "private" | "shared";

export interface TeamsTeam {
  readonly id: string;
  displayName: string;
  isArchived: boolean;
  readonly members: Set<string>;
  readonly channels: Map<string, TeamsChannel>;
}

export interface TeamsChannel {
  readonly id: string;
  readonly teamId: string;
  displayName: string;
  isArchived: boolean;
  readonly membershipType: MembershipType;
  /** Members of a private or shared channel; a standard one has the team's members. */
  readonly members: Set<string>;
  /** By id, in the order of writing. */
  readonly messages: Map<string, TeamsChannelMessage>;
  readonly hosted: Map<string, { readonly bytes: Uint8Array<ArrayBuffer>; readonly contentType: string }>;
}

export interface TeamsReaction {
  readonly reactionType: string;
  readonly displayName: string | null;
  readonly createdDateTime: string;
  readonly user: { readonly user: { readonly id: string } } | null;
}

export interface TeamsChannelMessage {
  readonly id: string;
  readonly replyToId: string | null;
  etag: string;
  readonly messageType: string;
  readonly createdDateTime: string;
  lastModifiedDateTime: string;
  lastEditedDateTime: string | null;
  deletedDateTime: string | null;
  subject: string | null;
  readonly summary: null;
  readonly chatId: null;
  importance: string;
  readonly locale: "en-us";
  readonly webUrl: string;
  readonly channelIdentity: { readonly teamId: string; readonly channelId: string };
  from: unknown;
  body: { contentType: string; content: string };
  attachments: unknown[];
  mentions: unknown[];
  reactions: TeamsReaction[];
  policyViolation: unknown;
  eventDetail: unknown;
}

/** A message as a person writes it in Teams. */
export interface Said {
  readonly html?: string;
  readonly text?: string;
  readonly subject?: string;
  readonly importance?: string;
  readonly replyTo?: string;
  readonly attachments?: readonly unknown[];
  readonly mentions?: readonly unknown[];
  /** The sender, if it is not the person: an app, or a person of another kind. */
  readonly from?: unknown;
  readonly eventDetail?: unknown;
}
