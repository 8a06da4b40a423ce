/** Shared data of the steps of an answer. */

import type { Post } from "../../../runtime/mattermost/index.ts";
import type { ChatMetrics } from "../metrics.ts";
import type { ChatsPorts } from "../ports.ts";
import type { ChatDirectory } from "../recipients/chat-directory.ts";
import type { People } from "../recipients/people.ts";
import type { AnswerWord } from "./answer-words.ts";
import type { Threads } from "./threads.ts";
import type { ChatFile, UploadPorts } from "./uploads.ts";

export interface Answer {
  readonly kind: "message";
  readonly post: string;
  readonly root: string;
  readonly chat: string;
  /** The message that the first answer of a thread quotes; null: none. */
  readonly quoted: string | null;
  readonly user: string;
  readonly files: readonly ChatFile[];
  /** Number of parts that Graph has. */
  readonly sent: number;
  /** When the next part was about to be sent; null: it was not. */
  readonly trying: number | null;
  /** The member's answers in this chat before that, as Graph's ids. Entries of an earlier version have none. */
  readonly others?: readonly string[];
  /** The bot's reply about an earlier failure. */
  readonly notice: string | null;
}

export interface ReactionTo {
  readonly kind: "reaction";
  readonly chat: string;
  readonly message: string;
  readonly user: string;
  readonly channel: string;
  readonly emoji: string;
  readonly isRemoved: boolean;
}

export type AnswerWork = Answer | ReactionTo;

export interface AnswersPorts extends Omit<ChatsPorts, "metrics">, UploadPorts {
  readonly people: People;
  readonly threads: Threads;
  readonly directory: ChatDirectory;
  readonly metrics: ChatMetrics;
}

/** The answer cannot be sent, for a reason that is shown to the member. */
export class Unsent extends Error {
  readonly value: Answer;
  readonly reason: AnswerWord;
  readonly values: Readonly<Record<string, string>>;
  constructor(value: Answer, reason: AnswerWord, values: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.value = value;
    this.reason = reason;
    this.values = values;
  }
}

/** The chat and the message that a post of the bot belongs to. */
export function idsOf({ Props }: Pick<Post, "Props">): { chat: string | null; message: string | null } {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  return { chat: text(Props?.teams_chat_id), message: text(Props?.teams_message_id) };
}
