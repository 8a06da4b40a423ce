/**
 * HTTP routes for Teams chats of the sandbox (`/sandbox/api/chats…`): its page and the specs write, edit and delete
 * here.
 */

import { type Context, Hono } from "hono";
import type { Chat, ChatMessage } from "./graph/chats.ts";
import type { Graph } from "./graph/server.ts";
import type { Tenant } from "./tenant.ts";

interface Stage {
  readonly graph: Graph;
  readonly tenant: Tenant;
}

/** 8 MB of base64: the largest file that a page sends. */
const MAX_FILE = 8 * 1024 * 1024;

export function chatRoutes({ graph, tenant }: Stage): Hono {
  const app = new Hono();
  const { chats, drives, presence } = graph;
  const personOf = (id: unknown): string => {
    const person = tenant.people.get(String(id));
    if (!person) throw new Error("there is nobody with that id");
    return person.objectId;
  };
  const chatOf = (id: unknown): Chat => {
    const chat = chats.all.get(String(id));
    if (!chat) throw new Error("there is no such chat");
    return chat;
  };
  const messageOf = (body: Record<string, unknown>): ChatMessage => {
    const message = chatOf(body.chat).messages.get(String(body.message));
    if (!message) throw new Error("there is no such message");
    return message;
  };
  const json = async (c: Context) => (await c.req.json().catch(() => ({}))) as Record<string, unknown>;
  const done = (c: Context) => c.json({ ok: true });

  app.get("/", (c) =>
    c.json({
      people: [...tenant.people.values()].map(({ displayName, objectId }) => ({
        id: objectId,
        name: displayName,
        presence: presence.all.get(objectId)?.availability ?? "Offline",
      })),
      chats: [...chats.all.values()].map(({ chatType, id, members, messages, topic }) => ({
        ...{ id, chatType, topic },
        members: members.map(({ displayName, userId }) => ({ id: userId, name: displayName })),
        messages: [...messages.values()],
      })),
    }),
  );
  app.post("/", async (c) => {
    const { kind, people, topic } = await json(c);
    const ids = (Array.isArray(people) ? people : []).map(personOf);
    const [one = "", other = ""] = ids;
    if (ids.length < 2) throw new Error("a chat has two people at least");
    const name = typeof topic === "string" && topic !== "" ? topic : null;
    if (kind === "meeting") return c.json({ id: chats.meeting(ids, name ?? "Meeting").id });
    return c.json({ id: (ids.length === 2 ? chats.direct(one, other) : chats.group(ids, name)).id });
  });
  app.post("/messages", async (c) => {
    const body = await json(c);
    const chat = chatOf(body.chat);
    const by = personOf(body.by);
    const file = body.file as { name?: string; base64?: string } | undefined;
    const attachments: unknown[] = [];
    let html = String(body.html ?? "");
    if (file?.base64 && file.name) {
      const bytes = new Uint8Array(Buffer.from(file.base64, "base64"));
      if (bytes.length > MAX_FILE) throw new Error("the file is too large for this page");
      const item = drives.put(by, file.name, bytes);
      const id = crypto.randomUUID();
      attachments.push({ id, contentType: "reference", contentUrl: item.webUrl, name: item.name });
      html += `<attachment id="${id}"></attachment>`;
    }
    const importance = body.urgent === true ? "urgent" : "normal";
    const message = await chats.write(chat, by, html, { importance, attachments });
    return c.json({ id: message.id });
  });
  app.post("/edit", async (c) => {
    const body = await json(c);
    await chats.edit(messageOf(body), String(body.html ?? ""));
    return done(c);
  });
  app.post("/delete", async (c) => {
    await chats.remove(messageOf(await json(c)));
    return done(c);
  });
  app.post("/block", async (c) => {
    await chats.block(messageOf(await json(c)));
    return done(c);
  });
  app.post("/presence", async (c) => {
    const { availability, person } = await json(c);
    presence.set(personOf(person), String(availability));
    return done(c);
  });
  return app;
}
