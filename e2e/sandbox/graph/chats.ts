/**
 * Teams chats of the fake Graph (docs/facts/microsoft-chat.md 4 to 6 and 9): it stores the chats, and performs the
 * actions of people in Teams, with the change notifications that follow.
 */

import { randomUUID } from "node:crypto";
import type { Tenant } from "../tenant.ts";
import type { SentChange } from "./changes.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface ChatMember {
  readonly id: string;
  /** null: a person of another organisation whom Graph does not name. */
  readonly userId: string | null;
  readonly displayName: string | null;
}

export interface ChatMessage {
  readonly id: string;
  readonly chatId: string;
  etag: string;
  messageType: string;
  createdDateTime: string;
  lastModifiedDateTime: string;
  lastEditedDateTime: string | null;
  deletedDateTime: string | null;
  importance: string;
  from: unknown;
  body: { contentType: string; content: string };
  attachments: unknown[];
  mentions: unknown[];
  reactions: { reactionType: string; user: { user: { id: string } } }[];
  policyViolation: unknown;
  eventDetail: unknown;
  [other: string]: unknown;
}

export interface Chat {
  readonly id: string;
  readonly chatType: "oneOnOne" | "group" | "meeting";
  topic: string | null;
  members: ChatMember[];
  readonly messages: Map<string, ChatMessage>;
}

/** The fields that a test sets; the others are filled in like Teams does. */
export type Written = Partial<Omit<ChatMessage, "id" | "chatId">> & { readonly id?: string };

export interface SentMessage {
  readonly chatId: string;
  readonly by: string;
  readonly quoted: readonly string[];
  readonly message: ChatMessage;
}

export class Chats {
  readonly all = new Map<string, Chat>();
  /** Messages sent over the API, in order. */
  readonly sent: SentMessage[] = [];
  /** `{chat} {message} {content}` → bytes. */
  readonly hosted = new Map<string, { readonly bytes: Uint8Array; readonly type: string | null }>();
  /** Entra object ids whose tokens may not read chats, as after a revoked consent. */
  readonly refusedReaders = new Set<string>();
  /** Chats that the app's own token cannot read, because another organisation owns them. */
  readonly closedToApp = new Set<string>();
  /** Lever: page size for members. */
  memberPage = 100;
  now: () => number = Date.now;
  readonly tenant: Tenant;
  readonly #subscriptions: Subscriptions;
  /** Base address of links. */
  readonly url: () => string;
  #lastId = 0;

  constructor(tenant: Tenant, subscriptions: Subscriptions, url: () => string) {
    this.tenant = tenant;
    this.#subscriptions = subscriptions;
    this.url = url;
  }

  /** Clears everything for the next test. */
  reset(now: () => number): void {
    for (const one of [this.all, this.refusedReaders, this.closedToApp, this.hosted]) one.clear();
    this.sent.splice(0);
    this.memberPage = 100;
    this.now = now;
    this.#lastId = 0;
  }

  direct(one: string, other: string): Chat {
    const [first, second] = [one, other].sort();
    const id = `19:${first}_${second}@unq.gbl.spaces`;
    return this.all.get(id) ?? this.#add({ id, chatType: "oneOnOne", topic: null, userIds: [one, other] });
  }

  group(userIds: readonly string[], topic: string | null = null): Chat {
    const id = `19:${randomUUID().replaceAll("-", "")}@thread.v2`;
    return this.#add({ id, chatType: "group", topic, userIds });
  }

  meeting(userIds: readonly string[], topic: string): Chat {
    const id = `19:meeting_${randomUUID().replaceAll("-", "")}@thread.v2`;
    return this.#add({ id, chatType: "meeting", topic, userIds });
  }

  #add(part: Pick<Chat, "id" | "chatType" | "topic"> & { readonly userIds: readonly string[] }): Chat {
    const { userIds, ...rest } = part;
    const chat: Chat = { ...rest, members: userIds.map((id) => this.member(id)), messages: new Map() };
    this.all.set(chat.id, chat);
    return chat;
  }

  member(userId: string): ChatMember {
    return { id: randomUUID(), userId, displayName: this.tenant.people.get(userId)?.displayName ?? null };
  }

  /** Stores a message without a notification. */
  put(chat: Chat, by: string | null, written: Written = {}): ChatMessage {
    const at = new Date(this.now()).toISOString();
    // The id is a time in milliseconds, as in Teams; two messages of one millisecond never share it.
    this.#lastId = Math.max(this.#lastId + 1, this.now());
    const id = written.id ?? String(this.#lastId);
    const person = by === null ? null : this.tenant.people.get(by);
    const message: ChatMessage = {
      etag: String(this.#lastId),
      messageType: "message",
      createdDateTime: at,
      lastModifiedDateTime: at,
      lastEditedDateTime: null,
      deletedDateTime: null,
      importance: "normal",
      locale: "en-us",
      subject: null,
      summary: null,
      replyToId: null,
      webUrl: null,
      channelIdentity: null,
      from:
        by === null
          ? null
          : {
              application: null,
              device: null,
              user: {
                id: by,
                displayName: person?.displayName ?? null,
                userIdentityType: "aadUser",
                tenantId: this.tenant.id,
              },
            },
      body: { contentType: "html", content: "" },
      attachments: [],
      mentions: [],
      reactions: [],
      policyViolation: null,
      eventDetail: null,
      ...written,
      id,
      chatId: chat.id,
    };
    chat.messages.set(id, message);
    return message;
  }

  async write(chat: Chat, by: string | null, html: string, written: Written = {}): Promise<ChatMessage> {
    const message = this.put(chat, by, { ...written, body: { contentType: "html", content: html } });
    await this.#subscriptions.notify(this.change(message, "created"));
    return message;
  }

  async edit(message: ChatMessage, html: string): Promise<void> {
    message.body = { contentType: "html", content: html };
    message.lastEditedDateTime = new Date(this.now()).toISOString();
    this.touch(message);
    await this.#subscriptions.notify(this.change(message, "updated"));
  }

  async remove(message: ChatMessage): Promise<void> {
    this.bury(message);
    await this.#subscriptions.notify(this.change(message, "deleted"));
  }

  async block(message: ChatMessage): Promise<void> {
    message.policyViolation = { dlpAction: "blockAccess", policyTip: null, verdictDetails: "none" };
    this.touch(message);
    await this.#subscriptions.notify(this.change(message, "updated"));
  }

  /** Turns a message into its tombstone. */
  bury(message: ChatMessage): void {
    message.deletedDateTime = new Date(this.now()).toISOString();
    message.body = { contentType: "html", content: "" };
    message.from = null;
    message.attachments = [];
    this.touch(message);
  }

  touch(message: ChatMessage): void {
    this.#lastId = Math.max(this.#lastId + 1, this.now());
    message.etag = String(this.#lastId);
    message.lastModifiedDateTime = new Date(Math.max(this.#lastId, this.now())).toISOString();
  }

  /** Graph does not wait for the subscribers. */
  tell(message: ChatMessage, changeType: SentChange["changeType"]): void {
    void this.#subscriptions.notify(this.change(message, changeType));
  }

  change(message: ChatMessage, changeType: SentChange["changeType"]): SentChange {
    const chatId = message.chatId.replaceAll("'", "''");
    return {
      resource: `chats('${chatId}')/messages('${message.id}')`,
      changeType,
      data: structuredClone({ ...message, replies: [], hostedContents: [] }),
    };
  }

  hostedAddress(message: ChatMessage, contentId: string): string {
    return `${this.url()}/v1.0/chats/${message.chatId}/messages/${message.id}/hostedContents/${contentId}/$value`;
  }
}
