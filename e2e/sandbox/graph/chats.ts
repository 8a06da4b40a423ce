/**
 * Teams chats of the fake Graph (docs/facts/microsoft-chat.md 4 to 6 and 9): reading, sending, editing, and the
 * change notifications of all of these. It refuses what Graph refuses.
 */

import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Tenant } from "../tenant.ts";
import { badRequest, forbidden, notFound, Refusal } from "./refusal.ts";
import type { SentChange, Subscriptions } from "./subscriptions.ts";

type Vars = { Variables: { token: GraphToken } };
type Json = Record<string, unknown>;

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
  readonly #tenant: Tenant;
  readonly #subscriptions: Subscriptions;
  readonly #url: () => string;
  #lastId = 0;

  constructor(tenant: Tenant, subscriptions: Subscriptions, url: () => string) {
    this.#tenant = tenant;
    this.#subscriptions = subscriptions;
    this.#url = url;
  }

  /** Clears everything for the next test. */
  reset(now: () => number): void {
    for (const one of [this.all, this.refusedReaders, this.closedToApp, this.hosted]) one.clear();
    this.sent.splice(0);
    this.memberPage = 100;
    this.now = now;
    this.#lastId = 0;
  }

  // ── what people do in Teams ──────────────────────────────────────────────────────────────────────────

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
    return { id: randomUUID(), userId, displayName: this.#tenant.people.get(userId)?.displayName ?? null };
  }

  /** Stores a message without a notification. */
  put(chat: Chat, by: string | null, written: Written = {}): ChatMessage {
    const at = new Date(this.now()).toISOString();
    // The id is a time in milliseconds, as in Teams; two messages of one millisecond never share it.
    this.#lastId = Math.max(this.#lastId + 1, this.now());
    const id = written.id ?? String(this.#lastId);
    const person = by === null ? null : this.#tenant.people.get(by);
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
                tenantId: this.#tenant.id,
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

  change(message: ChatMessage, changeType: SentChange["changeType"]): SentChange {
    const chatId = message.chatId.replaceAll("'", "''");
    return {
      resource: `chats('${chatId}')/messages('${message.id}')`,
      changeType,
      data: structuredClone({ ...message, replies: [], hostedContents: [] }),
    };
  }

  hostedAddress(message: ChatMessage, contentId: string): string {
    return `${this.#url()}/v1.0/chats/${message.chatId}/messages/${message.id}/hostedContents/${contentId}/$value`;
  }

  // ── Graph ────────────────────────────────────────────────────────────────────────────────────────────

  routes(): Hono<Vars> {
    const app = new Hono<Vars>();
    app.get("/chats/:chat", (c) => {
      const { members: _, messages: __, ...chat } = this.#readable(c);
      return c.json({ ...chat, tenantId: this.#tenant.id, webUrl: null, lastUpdatedDateTime: null });
    });
    app.get("/chats/:chat/members", (c) => {
      const { members } = this.#readable(c);
      const from = Number(c.req.query("$skiptoken") ?? 0);
      const page = members.slice(from, from + this.memberPage).map((one) => ({
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        roles: ["owner"],
        email: null,
        tenantId: this.#tenant.id,
        visibleHistoryStartDateTime: "0001-01-01T00:00:00Z",
        ...one,
      }));
      const next = from + this.memberPage;
      const url = `${this.#url()}/v1.0${new URL(c.req.url).pathname.replace(/^\/v1\.0/, "")}?$skiptoken=${next}`;
      return c.json({ value: page, ...(members.length > next && { "@odata.nextLink": url }) });
    });
    app.get("/chats/:chat/messages", (c) => {
      const all = [...this.#readable(c).messages.values()];
      return c.json({ value: this.#list(c, all) });
    });
    app.get("/chats/:chat/messages/:message", (c) => c.json(this.#message(c, this.#readable(c))));
    app.get("/chats/:chat/messages/:message/hostedContents/:content/$value", (c) => {
      const chat = this.#readable(c);
      const message = this.#message(c, chat);
      const found = this.hosted.get(`${chat.id} ${message.id} ${c.req.param("content")}`);
      if (!found) throw notFound("The hosted content");
      return new Response(found.bytes.slice(), {
        headers: { "Content-Type": found.type ?? "application/octet-stream" },
      });
    });
    app.get("/users/:user/chats/getAllMessages", (c) => {
      const token = c.get("token");
      if (token.oid !== null) throw forbidden("Delegated permissions are not supported for this request.");
      if (!token.roles.includes("Chat.Read.All")) throw forbidden("Missing role permissions on the request.");
      const userId = c.req.param("user");
      const own = [...this.all.values()].filter(({ members }) =>
        members.some((one) => one.userId === userId),
      );
      return c.json(
        this.#page(
          c,
          this.#list(
            c,
            own.flatMap(({ messages }) => [...messages.values()]),
          ),
        ),
      );
    });
    app.post("/chats/:chat/messages", async (c) => {
      const chat = this.#sendable(c);
      return c.json(await this.#send(c.get("token").oid ?? "", chat, await jsonOf(c), []), 201);
    });
    app.post("/chats/:chat/messages/replyWithQuote", async (c) => {
      const chat = this.#sendable(c);
      const { messageIds, replyMessage, ...other } = await jsonOf(c);
      const [unknown] = Object.keys(other);
      if (unknown) throw badRequest(`The property '${unknown}' does not exist.`);
      if (!Array.isArray(messageIds) || messageIds.length === 0 || messageIds.length > 10)
        throw badRequest("messageIds must have 1 to 10 values.");
      for (const id of messageIds) if (!chat.messages.has(String(id))) throw notFound("The quoted message");
      const body = (replyMessage ?? {}) as Json;
      return c.json(await this.#send(c.get("token").oid ?? "", chat, body, messageIds.map(String)), 201);
    });
    for (const name of ["setReaction", "unsetReaction"] as const)
      app.post(`/chats/:chat/messages/:message/${name}`, async (c) => {
        const chat = this.#sendable(c);
        const message = this.#message(c, chat);
        const { reactionType } = await jsonOf(c);
        if (typeof reactionType !== "string" || /^[\w:]*$/.test(reactionType))
          throw badRequest("The reaction is not valid.");
        const userId = c.get("token").oid ?? "";
        message.reactions = message.reactions.filter(
          (one) => one.user.user.id !== userId || one.reactionType !== reactionType,
        );
        if (name === "setReaction") message.reactions.push({ reactionType, user: { user: { id: userId } } });
        this.touch(message);
        void this.#subscriptions.notify(this.change(message, "updated"));
        return c.body(null, 204);
      });
    return app;
  }

  #readable(c: Context<Vars>): Chat {
    const token = c.get("token");
    const chat = this.all.get(c.req.param("chat") ?? "");
    if (token.oid === null) {
      if (!token.roles.includes("Chat.Read.All")) throw forbidden("Missing role permissions on the request.");
      if (chat && this.closedToApp.has(chat.id)) throw forbidden("Forbidden");
    } else {
      if (this.refusedReaders.has(token.oid)) throw forbidden("Insufficient privileges.");
      if (!token.scp.some((one) => /^Chat\.Read(Write)?$/.test(one)))
        throw forbidden("Missing scope permissions on the request.");
      if (chat && !chat.members.some(({ userId }) => userId === token.oid)) throw forbidden("Forbidden");
    }
    if (!chat) throw notFound("The chat");
    return chat;
  }

  #sendable(c: Context<Vars>): Chat {
    const token = c.get("token");
    if (token.oid === null)
      throw new Refusal(
        401,
        "Unauthorized",
        "Message POST is allowed in application-only context only for import purposes.",
      );
    if (!token.scp.some((one) => one === "ChatMessage.Send" || one === "Chat.ReadWrite"))
      throw forbidden("Missing scope permissions on the request. API requires 'ChatMessage.Send'.");
    const chat = this.all.get(c.req.param("chat") ?? "");
    if (!chat) throw notFound("The chat");
    if (!chat.members.some(({ userId }) => userId === token.oid)) throw forbidden("Forbidden");
    return chat;
  }

  #message(c: Context<Vars>, chat: Chat): ChatMessage {
    const found = chat.messages.get(c.req.param("message") ?? "");
    if (!found) throw notFound("The message");
    return found;
  }

  /**
   * In a chat, `$filter` is ignored without `$orderby` on the same property; getAllMessages accepts it alone.
   */
  #list(c: Context<Vars>, messages: readonly ChatMessage[]): ChatMessage[] {
    const filter = c.req.query("$filter") ?? "";
    const whole = c.req.path.endsWith("/getAllMessages");
    const ordered = c.req.query("$orderby") === "lastModifiedDateTime desc";
    const at = (one: ChatMessage) => Date.parse(one.lastModifiedDateTime);
    let found = [...messages].sort((a, b) => at(b) - at(a));
    if (whole || ordered) {
      for (const [, operator, time = ""] of filter.matchAll(/lastModifiedDateTime (gt|lt) (\S+)/g)) {
        const limit = Date.parse(time);
        if (Number.isNaN(limit)) throw badRequest("The filter is not valid.");
        found = found.filter((one) => (operator === "gt" ? at(one) > limit : at(one) < limit));
      }
    }
    const top = Number(c.req.query("$top") ?? 20);
    if (!(top >= 1 && top <= 50)) throw badRequest("The limit of '50' for Top query has been exceeded.");
    return whole ? found : found.slice(0, top);
  }

  #page(c: Context<Vars>, all: readonly ChatMessage[]) {
    const top = Number(c.req.query("$top") ?? 20);
    const from = Number(c.req.query("$skiptoken") ?? 0);
    const url = new URL(c.req.url);
    const search = new URLSearchParams(url.search);
    search.set("$skiptoken", String(from + top));
    const next = `${this.#url()}${url.pathname}?${search}`;
    return {
      value: all.slice(from, from + top),
      ...(all.length > from + top && { "@odata.nextLink": next }),
    };
  }

  async #send(by: string, chat: Chat, json: Json, quoted: readonly string[]): Promise<ChatMessage> {
    const known = ["body", "subject", "importance", "mentions", "attachments", "hostedContents"];
    const unknown = Object.keys(json).find((name) => !known.includes(name));
    if (unknown) throw badRequest(`The property '${unknown}' does not exist on type 'chatMessage'.`);
    const body = json.body as { contentType?: string; content?: string } | undefined;
    const content = body?.content ?? "";
    if (content.trim() === "") throw badRequest("Missing body content");
    if (2 * content.length > 56_000) throw new Refusal(413, "RequestEntityTooLarge", "Message too large.");
    const attachments = (json.attachments ?? []) as { id: string; contentUrl?: string; name?: string }[];
    for (const { id, contentUrl = "", name = "" } of attachments) {
      if (!content.includes(`<attachment id="${id}"`))
        throw badRequest(`Body does not contain marker for attachment with Id '${id}'.`);
      const extension = (text: string) => /\.(\w+)$/.exec(text.split(/[?#]/)[0] ?? "")?.[1]?.toLowerCase();
      if (extension(contentUrl) !== extension(name))
        throw badRequest("contentUrl extension and name extension do not match.");
    }
    for (const { id } of (json.mentions ?? []) as { id: number }[])
      if (!content.includes(`<at id="${id}">`)) throw badRequest("Mention is not referenced in the body.");
    const message = this.put(chat, by, {
      body: { contentType: body?.contentType ?? "text", content },
      attachments,
      mentions: (json.mentions ?? []) as unknown[],
      importance: String(json.importance ?? "normal"),
    });
    this.sent.push({ chatId: chat.id, by, quoted, message });
    void this.#subscriptions.notify(this.change(message, "created"));
    return message;
  }
}

async function jsonOf(c: Context): Promise<Json> {
  const json: unknown = await c.req.json().catch(() => null);
  if (typeof json !== "object" || json === null) throw badRequest("The body is not JSON.");
  return json as Json;
}
