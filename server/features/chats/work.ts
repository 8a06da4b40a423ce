/** What the steps of a message share. */

import type { Chat, ChatDirectory } from "./chat-directory.ts";
import type { Figures } from "./figures.ts";
import type { IncomingMessage } from "./incoming.ts";
import type { LateMessages } from "./late.ts";
import type { MessageRecords } from "./message-records.ts";
import type { People } from "./people.ts";
import type { PersonRecords } from "./person-records.ts";
import type { ChatsPorts } from "./ports.ts";
import type { Presence } from "./presence.ts";
import type { Threads } from "./threads.ts";

export interface HeardChange {
  readonly chatId: string;
  readonly messageId: string;
  readonly changeType: "created" | "updated" | "deleted";
  /** Null: it has to be read. */
  readonly content: Readonly<Record<string, unknown>> | null;
  readonly receivedAt: number;
}

export interface DeliveryPorts extends ChatsPorts {
  readonly people: People;
  readonly persons: PersonRecords;
  readonly presence: Presence;
  readonly figures: Figures;
  readonly threads: Threads;
  readonly late: LateMessages;
  readonly directory: ChatDirectory;
  readonly records: MessageRecords;
}

export interface Work {
  readonly change: HeardChange;
  readonly chat: Chat;
  readonly message: IncomingMessage;
  /** Connected members, the sender too. */
  readonly readers: readonly string[];
  readonly connected: ReadonlyMap<string, string>;
}
