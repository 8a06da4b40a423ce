/** Shared data of the steps of a message. */

import type { Threads } from "./answers/threads.ts";
import type { IncomingMessage } from "./delivery/incoming.ts";
import type { LateMessages } from "./delivery/late.ts";
import type { MessageRecords } from "./delivery/message-records.ts";
import type { PersonRecords } from "./members/person-records.ts";
import type { ChatMetrics } from "./metrics.ts";
import type { ChatsPorts } from "./ports.ts";
import type { Chat, ChatDirectory } from "./recipients/chat-directory.ts";
import type { People } from "./recipients/people.ts";
import type { Presence } from "./recipients/presence.ts";

export interface ReceivedChange {
  readonly chatId: string;
  readonly messageId: string;
  readonly changeType: "created" | "updated" | "deleted";
  /** Null: it must be read. */
  readonly content: Readonly<Record<string, unknown>> | null;
  readonly receivedAt: number;
}

export interface DeliveryPorts extends Omit<ChatsPorts, "metrics"> {
  readonly people: People;
  readonly persons: PersonRecords;
  readonly presence: Presence;
  readonly metrics: ChatMetrics;
  readonly threads: Threads;
  readonly late: LateMessages;
  readonly directory: ChatDirectory;
  readonly records: MessageRecords;
}

export interface Work {
  readonly change: ReceivedChange;
  readonly chat: Chat;
  readonly message: IncomingMessage;
  /** Connected members, including the sender. */
  readonly readers: readonly string[];
  readonly connected: ReadonlyMap<string, string>;
}
