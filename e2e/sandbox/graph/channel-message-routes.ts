/** Messages of channels as Graph answers: pages, deltas, replies, edits, deletions, reactions (docs/facts/microsoft-chat.md 6). */

import { Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import {
  type Ctx,
  channelOf,
  mayWrite,
  messageOf,
  mustBeOwn,
  need,
  openChannel,
  teamOf,
} from "./channel-access.ts";
import { checkReaction, type MessageBody, readEdit, readMessage } from "./channel-message-rules.ts";
import { badRequest, forbidden, notFound, Refusal } from "./refusal.ts";
import type { TeamsChannel, TeamsChannelMessage } from "./teams.ts";
import { ownerIdentity, type TeamsChannels } from "./teams-channels.ts";

type App = Hono<{ Variables: { token: GraphToken } }>;

/** Before the routes of one channel: its name would be taken for a channel's id. */
export function channelMessageRoutes(world: TeamsChannels): App {
  const app: App = new Hono();
  const json = async (c: { req: { json(): Promise<unknown> } }) => c.req.json().catch(() => null);
  app.get("/teams/:team/channels/getAllMessages", (c) => {
    const token = c.get("token");
    if (token.oid !== null) throw forbidden("Delegated permissions are not supported for this request.");
    need(token, [], ["ChannelMessage.Read.All"]);
    if (!world.getAllMessages)
      throw new Refusal(404, "UnknownError", "The resource is not available in this cloud.");
    const team = teamOf(world, c.req.param("team"), token);
    const wanted = windowOf(c.req.query("$filter") ?? "");
    const all = [...team.channels.values()]
      .flatMap(({ messages }) => [...messages.values()])
      .filter(({ lastModifiedDateTime }) => wanted(Date.parse(lastModifiedDateTime)));
    return c.json(world.page(c.req.url, all));
  });
  const base = "/teams/:team/channels/:channel/messages";
  const reads = ["ChannelMessage.Read.All", "ChannelMessage.ReadWrite"];
  const read = (token: GraphToken) => need(token, reads, ["ChannelMessage.Read.All"]);
  app.get(`${base}/delta`, (c) => {
    read(c.get("token"));
    const wanted = windowOf(c.req.query("$filter") ?? "");
    const roots = [...channelOf(world, c).messages.values()].filter(
      (one) => one.replyToId === null && wanted(Date.parse(one.lastModifiedDateTime)),
    );
    return c.json({ ...world.page(c.req.url, roots), "@odata.deltaLink": `${c.req.url}&$deltatoken=x` });
  });
  app.get(base, (c) => {
    read(c.get("token"));
    const channel = channelOf(world, c);
    const expand = c.req.query("$expand") === "replies";
    const roots = [...channel.messages.values()].filter(({ replyToId }) => replyToId === null).reverse();
    const page = world.page(c.req.url, roots);
    const value = page.value.map((root) =>
      expand ? { ...root, replies: repliesTo(channel, root.id).reverse() } : root,
    );
    return c.json({ ...page, value });
  });
  app.get(`${base}/:message/replies`, (c) => {
    read(c.get("token"));
    const channel = channelOf(world, c);
    messageOf(channel, c.req.param("message"), null);
    return c.json(world.page(c.req.url, repliesTo(channel, c.req.param("message")).reverse()));
  });
  app.post(base, async (c) => c.json(post(world, c, null, await json(c)), 201));
  app.post(`${base}/:message/replies`, async (c) =>
    c.json(post(world, c, c.req.param("message"), await json(c)), 201),
  );
  for (const [path, isReply] of [
    [`${base}/:message`, false],
    [`${base}/:message/replies/:reply`, true],
  ] as const) {
    const find = (c: Ctx, channel = channelOf(world, c)) => {
      const root = c.req.param("message") ?? "";
      const message = isReply
        ? messageOf(channel, c.req.param("reply") ?? "", root)
        : messageOf(channel, root, null);
      return { channel, message };
    };
    app.get(path, (c) => {
      read(c.get("token"));
      return c.json(find(c).message);
    });
    app.patch(path, async (c) => {
      mayWrite(c.get("token"), "ChannelMessage.ReadWrite");
      const { channel, message } = find(c, openChannel(world, c));
      const body = await json(c);
      if (!world.edits) throw new Refusal(405, "MethodNotAllowed", "PATCH is not supported in this cloud.");
      mustBeOwn(message, c.get("token"));
      if (message.deletedDateTime !== null) throw notFound("The message");
      const match = c.req.header("if-match");
      if (match !== undefined && match !== message.etag)
        throw new Refusal(412, "PreconditionFailed", "The message has changed.");
      const edit = readEdit(body, message);
      message.body = { contentType: edit.contentType, content: world.sanitize(edit.content) };
      Object.assign(message, { attachments: edit.attachments, mentions: edit.mentions });
      if (edit.importance) message.importance = edit.importance;
      message.lastEditedDateTime = world.touch(message);
      world.tell(channel, message, "updated");
      return c.body(null, 204);
    });
    app.post(`${path}/softDelete`, (c) => {
      mayWrite(c.get("token"), "ChannelMessage.ReadWrite");
      if (!world.softDeletes)
        throw new Refusal(405, "MethodNotAllowed", "softDelete is not supported in this cloud.");
      const { channel, message } = find(c, openChannel(world, c));
      mustBeOwn(message, c.get("token"));
      if (message.deletedDateTime === null) world.remove(channel, message.id);
      return c.body(null, 204);
    });
    app.post(`${path}/undoSoftDelete`, (c) => {
      mayWrite(c.get("token"), "ChannelMessage.ReadWrite");
      const { channel, message } = find(c, openChannel(world, c));
      mustBeOwn(message, c.get("token"));
      message.deletedDateTime = null;
      world.touch(message);
      world.tell(channel, message, "updated");
      return c.body(null, 204);
    });
    for (const [name, on] of [
      ["setReaction", true],
      ["unsetReaction", false],
    ] as const) {
      app.post(`${path}/${name}`, async (c) => {
        mayWrite(c.get("token"), "ChannelMessage.Send");
        const { channel, message } = find(c, openChannel(world, c));
        const type = checkReaction(await json(c));
        if (message.deletedDateTime !== null) throw notFound("The message");
        if (world.setReaction(message, c.get("token").oid, type, on)) world.tell(channel, message, "updated");
        return c.body(null, 204);
      });
    }
    app.get(`${path}/hostedContents/:content/$value`, (c) => {
      read(c.get("token"));
      const { channel, message } = find(c);
      const found = channel.hosted.get(`${message.id}/${c.req.param("content")}`);
      if (!found) throw notFound("The hosted content");
      return c.body(found.bytes, 200, { "Content-Type": found.contentType });
    });
  }
  return app;
}

function post(world: TeamsChannels, c: Ctx, root: string | null, json: unknown): TeamsChannelMessage {
  const token = c.get("token");
  if (token.oid === null)
    throw forbidden("Message POST is allowed in application-only context only for import purposes.");
  need(token, ["ChannelMessage.Send"], []);
  const channel = openChannel(world, c);
  world.limit(`messages ${channel.id}`, world.messageLimit, 10_000);
  if (root !== null && messageOf(channel, root, null).deletedDateTime !== null) throw notFound("The message");
  const body: MessageBody = readMessage(json, root !== null, (bound) => world.drives.byGuid(bound) !== null);
  const writer = world.tenant.people.get(token.oid);
  if (!writer) throw forbidden("The person is unknown.");
  return world.keep(channel, {
    replyToId: root,
    from: ownerIdentity(writer),
    body: { contentType: body.contentType, content: world.sanitize(body.content) },
    subject: body.subject,
    importance: body.importance,
    attachments: body.attachments,
    mentions: body.mentions,
    eventDetail: null,
  });
}

const repliesTo = (channel: TeamsChannel, root: string) =>
  [...channel.messages.values()].filter(({ replyToId }) => replyToId === root);

/** `lastModifiedDateTime gt A and lastModifiedDateTime lt B`; everything without a filter. */
function windowOf(filter: string): (at: number) => boolean {
  if (filter === "") return () => true;
  const parts = filter.split(" and ").map((part) => /^lastModifiedDateTime (gt|lt) (\S+)$/.exec(part.trim()));
  if (parts.some((part) => !part || Number.isNaN(Date.parse(part[2] ?? ""))))
    throw badRequest("Invalid filter clause.");
  return (at) =>
    parts.every((part) =>
      part?.[1] === "gt" ? at > Date.parse(part[2] ?? "") : at < Date.parse(part?.[2] ?? ""),
    );
}
