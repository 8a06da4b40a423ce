/** The input of a rule: the post, the same for all members, and one member of the channel. */

import type {
  ChannelFacts,
  Choices,
  Person,
  PersonStatus,
  PostFacts,
  ServerRules,
  ThreadFacts,
} from "./facts.ts";
import type { Mentions } from "./mentions.ts";

/** Facts about the post that are the same for all members. */
export interface PostContext {
  readonly post: PostFacts;
  readonly channel: ChannelFacts;
  readonly mentions: Mentions;
  /** Members of the mentioned groups. */
  readonly groupMembers: ReadonlySet<string>;
  /** The author may mention the whole channel, and the channel is small enough: see `wholeChannelAllowed`. */
  readonly wholeChannel: boolean;
  readonly thread: ThreadFacts | null;
  readonly server: ServerRules;
  readonly now: number;
}

export interface Member {
  readonly person: Person;
  readonly choices: Choices;
  /** `model.ChannelMember.NotifyProps`. */
  readonly channelNotify: Readonly<Record<string, string>>;
  /** `undefined`: not read yet, so that only the statuses of likely recipients are read. */
  readonly status: PersonStatus | undefined;
}
