/**
 * Routes of Teams chats in the fake Graph (docs/facts/microsoft-chat.md 4 to 6 and 9): reading, sending, reactions.
 * They refuse what Graph refuses.
 */

import { type Context, Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Chat, ChatMessage, Chats } from "./chats.ts";
import { badRequest, forbidden, notFound, Refusal } from "./refusal.ts";

type Vars = { Variables: { token: GraphToken } };
type Json = Record<string, unknown>;

export function chatRoutes(chats: Chats): Hono<Vars> {
  const app = new Hono<Vars>();
  app.get("/chats/:chat", (c) => {
    const { members: _, messages: __, ...chat } = readable(chats, c);
    return c.json({ ...chat, tenantId: chats.tenant.id, webUrl: null, lastUpdatedDateTime: null });
  });
  app.get("/chats/:chat/members", (c) => {
    const { members } = readable(chats, c);
    const from = Number(c.req.query("$skiptoken") ?? 0);
    const page = members.slice(from, from + chats.memberPage).map((one) => ({
      "@odata.type": "#microsoft.graph.aadUserConversationMember",
      roles: ["owner"],
      email: null,
      tenantId: chats.tenant.id,
      visibleHistoryStartDateTime: "0001-01-01T00:00:00Z",
      ...one,
    }));
    const next = from + chats.memberPage;
    const url = `${chats.url()}/v1.0${new URL(c.req.url).pathname.replace(/^\/v1\.0/, "")}?$skiptoken=${next}`;
    return c.json({ value: page, ...(members.length > next && { "@odata.nextLink": url }) });
  });
  app.get("/chats/:chat/messages", (c) => {
    const all = [...readable(chats, c).messages.values()];
    return c.json({ value: list(c, all) });
  });
  app.get("/chats/:chat/messages/:message", (c) => c.json(messageOf(c, readable(chats, c))));
  app.get("/chats/:chat/messages/:message/hostedContents/:content/$value", (c) => {
    const chat = readable(chats, c);
    const message = messageOf(c, chat);
    const found = chats.hosted.get(`${chat.id} ${message.id} ${c.req.param("content")}`);
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
    const own = [...chats.all.values()].filter(({ members }) => members.some((one) => one.userId === userId));
    return c.json(
      page(
        chats,
        c,
        list(
          c,
          own.flatMap(({ messages }) => [...messages.values()]),
        ),
      ),
    );
  });
  app.post("/chats/:chat/messages", async (c) => {
    const chat = sendable(chats, c);
    return c.json(
      await send(chats, { by: c.get("token").oid ?? "", chat, quoted: [] }, await jsonOf(c)),
      201,
    );
  });
  app.post("/chats/:chat/messages/replyWithQuote", async (c) => {
    const chat = sendable(chats, c);
    const { messageIds, replyMessage, ...other } = await jsonOf(c);
    const [unknown] = Object.keys(other);
    if (unknown) throw badRequest(`The property '${unknown}' does not exist.`);
    if (!Array.isArray(messageIds) || messageIds.length === 0 || messageIds.length > 10)
      throw badRequest("messageIds must have 1 to 10 values.");
    for (const id of messageIds) if (!chat.messages.has(String(id))) throw notFound("The quoted message");
    const body = (replyMessage ?? {}) as Json;
    return c.json(
      await send(chats, { by: c.get("token").oid ?? "", chat, quoted: messageIds.map(String) }, body),
      201,
    );
  });
  for (const name of ["setReaction", "unsetReaction"] as const)
    app.post(`/chats/:chat/messages/:message/${name}`, async (c) => {
      const chat = sendable(chats, c);
      const message = messageOf(c, chat);
      const { reactionType } = await jsonOf(c);
      if (typeof reactionType !== "string" || /^[\w:]*$/.test(reactionType))
        throw badRequest("The reaction is not valid.");
      const userId = c.get("token").oid ?? "";
      message.reactions = message.reactions.filter(
        (one) => one.user.user.id !== userId || one.reactionType !== reactionType,
      );
      if (name === "setReaction") message.reactions.push({ reactionType, user: { user: { id: userId } } });
      chats.touch(message);
      chats.tell(message, "updated");
      return c.body(null, 204);
    });
  return app;
}

function readable(chats: Chats, c: Context<Vars>): Chat {
  const token = c.get("token");
  const chat = chats.all.get(c.req.param("chat") ?? "");
  if (token.oid === null) {
    if (!token.roles.includes("Chat.Read.All")) throw forbidden("Missing role permissions on the request.");
    if (chat && chats.closedToApp.has(chat.id)) throw forbidden("Forbidden");
  } else {
    if (chats.refusedReaders.has(token.oid)) throw forbidden("Insufficient privileges.");
    if (!token.scp.some((one) => /^Chat\.Read(Write)?$/.test(one)))
      throw forbidden("Missing scope permissions on the request.");
    if (chat && !chat.members.some(({ userId }) => userId === token.oid)) throw forbidden("Forbidden");
  }
  if (!chat) throw notFound("The chat");
  return chat;
}

function sendable(chats: Chats, c: Context<Vars>): Chat {
  const token = c.get("token");
  if (token.oid === null)
    throw new Refusal(
      401,
      "Unauthorized",
      "Message POST is allowed in application-only context only for import purposes.",
    );
  if (!token.scp.some((one) => one === "ChatMessage.Send" || one === "Chat.ReadWrite"))
    throw forbidden("Missing scope permissions on the request. API requires 'ChatMessage.Send'.");
  const chat = chats.all.get(c.req.param("chat") ?? "");
  if (!chat) throw notFound("The chat");
  if (!chat.members.some(({ userId }) => userId === token.oid)) throw forbidden("Forbidden");
  return chat;
}

function messageOf(c: Context<Vars>, chat: Chat): ChatMessage {
  const found = chat.messages.get(c.req.param("message") ?? "");
  if (!found) throw notFound("The message");
  return found;
}

/**
 * In a chat, `$filter` is ignored without `$orderby` on the same property; getAllMessages accepts it alone.
 */
function list(c: Context<Vars>, messages: readonly ChatMessage[]): ChatMessage[] {
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

function page(chats: Chats, c: Context<Vars>, all: readonly ChatMessage[]) {
  const top = Number(c.req.query("$top") ?? 20);
  const from = Number(c.req.query("$skiptoken") ?? 0);
  const url = new URL(c.req.url);
  const search = new URLSearchParams(url.search);
  search.set("$skiptoken", String(from + top));
  const next = `${chats.url()}${url.pathname}?${search}`;
  return {
    value: all.slice(from, from + top),
    ...(all.length > from + top && { "@odata.nextLink": next }),
  };
}

interface Sending {
  /** Object id of the sender. */
  readonly by: string;
  readonly chat: Chat;
  /** Ids of the messages that it quotes. */
  readonly quoted: readonly string[];
}

async function send(chats: Chats, { by, chat, quoted }: Sending, json: Json): Promise<ChatMessage> {
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
  const message = chats.put(chat, by, {
    body: { contentType: body?.contentType ?? "text", content },
    attachments,
    mentions: (json.mentions ?? []) as unknown[],
    importance: String(json.importance ?? "normal"),
  });
  chats.sent.push({ chatId: chat.id, by, quoted, message });
  chats.tell(message, "created");
  return message;
}

async function jsonOf(c: Context): Promise<Json> {
  const json: unknown = await c.req.json().catch(() => null);
  if (typeof json !== "object" || json === null) throw badRequest("The body is not JSON.");
  return json as Json;
}
