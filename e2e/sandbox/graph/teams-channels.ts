/**
 * Teams and their channels for the fake Graph: messages, replies, reactions, edits, deletions and files, as strict as
 * Graph (docs/facts/microsoft-chat.md 5 and 6). Every action calls `onChange`.
 */

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Person, Tenant } from "../tenant.ts";
import { type ChannelDrives, driveRoutes, newDrives, type StoredItem } from "./channel-drives.ts";
import { checkReaction, type MessageBody, readEdit, readMessage } from "./channel-message-rules.ts";
import { badRequest, forbidden, notFound, Refusal } from "./refusal.ts";
import type { SentChange } from "./subscriptions.ts";

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

type App = Hono<{ Variables: { token: GraphToken } }>;

const ownerIdentity = (person: Person) => ({
  user: { id: person.objectId, displayName: person.displayName, userIdentityType: "aadUser" },
});

export class TeamsChannels {
  readonly teams = new Map<string, TeamsTeam>();
  readonly drives: ChannelDrives;
  now: () => number = Date.now;
  /** Called for every change, in order. */
  onChange: (change: SentChange) => void = () => {};
  /** Lever: false as in the clouds without PATCH. */
  edits = true;
  /** Lever: false as in GCC High and DoD. */
  softDeletes = true;
  /** Lever: false as in China. */
  getAllMessages = true;
  /** Lever: how Graph changes a body before it stores it. */
  sanitize: (html: string) => string = (html) => html;
  /**
   * Requests per second for one team, and messages per ten seconds for one channel; 0 is no limit.
   */
  teamLimit = 0;
  messageLimit = 0;
  readonly #tenant: Tenant;
  readonly #graphUrl: () => string;
  readonly #recent = new Map<string, number[]>();
  #lastId = 0;
  #lastAt = 0;

  constructor(tenant: Tenant, graphUrl: () => string) {
    this.#tenant = tenant;
    this.#graphUrl = graphUrl;
    this.drives = newDrives();
  }

  // ── levers: what people do in Teams ──────────────────────────────────────────────────────────────────

  addTeam(displayName: string, members: readonly Person[] = []): TeamsTeam {
    const team: TeamsTeam = {
      id: randomUUID(),
      displayName,
      isArchived: false,
      members: new Set(members.map(({ objectId }) => objectId)),
      channels: new Map(),
    };
    this.teams.set(team.id, team);
    return team;
  }

  addChannel(
    team: TeamsTeam,
    displayName: string,
    more: { membershipType?: MembershipType; members?: readonly Person[] } = {},
  ): TeamsChannel {
    const channel: TeamsChannel = {
      id: `19:${randomUUID().replaceAll("-", "")}@thread.tacv2`,
      teamId: team.id,
      displayName,
      isArchived: false,
      membershipType: more.membershipType ?? "standard",
      members: new Set((more.members ?? []).map(({ objectId }) => objectId)),
      messages: new Map(),
      hosted: new Map(),
    };
    team.channels.set(channel.id, channel);
    return channel;
  }

  /** Deletes the channel with all of its messages. */
  deleteChannel(channel: TeamsChannel): void {
    this.teams.get(channel.teamId)?.channels.delete(channel.id);
  }

  say(channel: TeamsChannel, person: Person | null, said: Said): TeamsChannelMessage {
    const html = said.html ?? said.text ?? "";
    return this.#keep(channel, {
      replyToId: said.replyTo ?? null,
      from: said.from ?? (person ? ownerIdentity(person) : null),
      body: { contentType: said.html === undefined ? "text" : "html", content: html },
      subject: said.subject ?? null,
      importance: said.importance ?? "normal",
      attachments: [...(said.attachments ?? [])],
      mentions: [...(said.mentions ?? [])],
      eventDetail: said.eventDetail ?? null,
    });
  }

  edit(channel: TeamsChannel, id: string, change: { html?: string; attachments?: unknown[] }): void {
    const message = this.#live(channel, id);
    if (change.html !== undefined) message.body = { contentType: "html", content: change.html };
    if (change.attachments) message.attachments = change.attachments;
    message.lastEditedDateTime = this.#touch(message);
    this.#tell(channel, message, "updated");
  }

  remove(channel: TeamsChannel, id: string): void {
    const message = this.#live(channel, id);
    message.deletedDateTime = this.#touch(message);
    Object.assign(message, { body: { contentType: "html", content: "" }, attachments: [], mentions: [] });
    this.#removed.set(message, { from: message.from });
    this.#tell(channel, message, "deleted");
  }

  /** *Undo* in Teams. */
  restore(channel: TeamsChannel, id: string, html: string): void {
    const message = channel.messages.get(id);
    if (!message) throw notFound("The message");
    message.deletedDateTime = null;
    message.body = { contentType: "html", content: html };
    this.#touch(message);
    this.#tell(channel, message, "updated");
  }

  react(channel: TeamsChannel, id: string, person: Person | null, reactionType: string): void {
    const message = this.#live(channel, id);
    this.#react(message, person?.objectId ?? null, reactionType, true);
    this.#tell(channel, message, "updated");
  }

  unreact(channel: TeamsChannel, id: string, person: Person | null, reactionType: string): void {
    const message = this.#live(channel, id);
    this.#react(message, person?.objectId ?? null, reactionType, false);
    this.#tell(channel, message, "updated");
  }

  /** Messages that are not deleted, in the order of writing. */
  visible(channel: TeamsChannel): TeamsChannelMessage[] {
    return [...channel.messages.values()].filter(({ deletedDateTime }) => deletedDateTime === null);
  }

  // ── Graph ────────────────────────────────────────────────────────────────────────────────────────────

  routes(): App {
    const app: App = new Hono();
    const json = async (c: { req: { json(): Promise<unknown> } }) => c.req.json().catch(() => null);
    app.use("/teams/:team/*", async (c, next) => {
      this.#limit(`team ${c.req.param("team")}`, this.teamLimit, 1_000);
      return next();
    });
    app.get("/me/joinedTeams", (c) => {
      const token = c.get("token");
      person(token);
      need(token, ["Team.ReadBasic.All"], []);
      const own = [...this.teams.values()].filter(({ members }) => members.has(token.oid ?? ""));
      return c.json({ value: own.map(teamJson) });
    });
    app.get("/teams/:team", (c) => {
      need(c.get("token"), ["Team.ReadBasic.All"], ["Team.ReadBasic.All"]);
      return c.json(teamJson(this.#team(c.req.param("team"), c.get("token"))));
    });
    app.get("/teams/:team/channels", (c) => {
      const token = c.get("token");
      need(token, ["Channel.ReadBasic.All"], ["Channel.ReadBasic.All"]);
      const team = this.#team(c.req.param("team"), token);
      const seen = [...team.channels.values()].filter(
        (one) => token.oid === null || mayRead(team, one, token.oid),
      );
      return c.json({ value: seen.map((one) => this.#channelJson(one)) });
    });
    app.get("/teams/:team/channels/getAllMessages", (c) => {
      const token = c.get("token");
      if (token.oid !== null) throw forbidden("Delegated permissions are not supported for this request.");
      need(token, [], ["ChannelMessage.Read.All"]);
      if (!this.getAllMessages)
        throw new Refusal(404, "UnknownError", "The resource is not available in this cloud.");
      const team = this.#team(c.req.param("team"), token);
      const wanted = windowOf(c.req.query("$filter") ?? "");
      const all = [...team.channels.values()]
        .flatMap(({ messages }) => [...messages.values()])
        .filter(({ lastModifiedDateTime }) => wanted(Date.parse(lastModifiedDateTime)));
      return c.json(this.#page(c.req.url, all));
    });
    app.get("/teams/:team/channels/:channel", (c) => {
      need(c.get("token"), ["Channel.ReadBasic.All"], ["Channel.ReadBasic.All"]);
      return c.json(this.#channelJson(this.#channel(c)));
    });
    app.get("/teams/:team/channels/:channel/members", (c) => {
      need(c.get("token"), ["ChannelMember.Read.All"], ["ChannelMember.Read.All"]);
      const channel = this.#channel(c);
      return c.json({ value: [...this.#membersOf(channel)].map((id) => this.#memberJson(id)) });
    });
    app.get("/teams/:team/channels/:channel/filesFolder", (c) => {
      need(
        c.get("token"),
        ["Files.Read.All", "Files.ReadWrite.All"],
        ["Files.Read.All", "Sites.ReadWrite.All"],
      );
      const folder = this.drives.folders.get(this.#channel(c).id);
      if (!folder && !this.drives.makesFolders) throw notFound("The files folder");
      return c.json(this.drives.folder(this.#channel(c).id));
    });

    const base = "/teams/:team/channels/:channel/messages";
    const reads = ["ChannelMessage.Read.All", "ChannelMessage.ReadWrite"];
    const read = (token: GraphToken) => need(token, reads, ["ChannelMessage.Read.All"]);
    app.get(`${base}/delta`, (c) => {
      read(c.get("token"));
      const wanted = windowOf(c.req.query("$filter") ?? "");
      const roots = [...this.#channel(c).messages.values()].filter(
        (one) => one.replyToId === null && wanted(Date.parse(one.lastModifiedDateTime)),
      );
      return c.json({ ...this.#page(c.req.url, roots), "@odata.deltaLink": `${c.req.url}&$deltatoken=x` });
    });
    app.get(base, (c) => {
      read(c.get("token"));
      const channel = this.#channel(c);
      const expand = c.req.query("$expand") === "replies";
      const roots = [...channel.messages.values()].filter(({ replyToId }) => replyToId === null).reverse();
      const page = this.#page(c.req.url, roots);
      const value = page.value.map((root) =>
        expand ? { ...root, replies: repliesTo(channel, root.id).reverse() } : root,
      );
      return c.json({ ...page, value });
    });
    app.get(`${base}/:message/replies`, (c) => {
      read(c.get("token"));
      const channel = this.#channel(c);
      this.#message(channel, c.req.param("message"), null);
      return c.json(this.#page(c.req.url, repliesTo(channel, c.req.param("message")).reverse()));
    });
    app.post(base, async (c) => c.json(this.#post(c, null, await json(c)), 201));
    app.post(`${base}/:message/replies`, async (c) =>
      c.json(this.#post(c, c.req.param("message"), await json(c)), 201),
    );
    for (const [path, isReply] of [
      [`${base}/:message`, false],
      [`${base}/:message/replies/:reply`, true],
    ] as const) {
      const find = (c: Ctx, channel = this.#channel(c)) => {
        const root = c.req.param("message") ?? "";
        const message = isReply
          ? this.#message(channel, c.req.param("reply") ?? "", root)
          : this.#message(channel, root, null);
        return { channel, message };
      };
      app.get(path, (c) => {
        read(c.get("token"));
        return c.json(find(c).message);
      });
      app.patch(path, async (c) => {
        this.#write(c.get("token"), "ChannelMessage.ReadWrite");
        const { channel, message } = find(c, this.#openChannel(c));
        const body = await json(c);
        if (!this.edits) throw new Refusal(405, "MethodNotAllowed", "PATCH is not supported in this cloud.");
        mustBeOwn(message, c.get("token"));
        if (message.deletedDateTime !== null) throw notFound("The message");
        const match = c.req.header("if-match");
        if (match !== undefined && match !== message.etag)
          throw new Refusal(412, "PreconditionFailed", "The message has changed.");
        const edit = readEdit(body, message);
        message.body = { contentType: edit.contentType, content: this.sanitize(edit.content) };
        Object.assign(message, { attachments: edit.attachments, mentions: edit.mentions });
        if (edit.importance) message.importance = edit.importance;
        message.lastEditedDateTime = this.#touch(message);
        this.#tell(channel, message, "updated");
        return c.body(null, 204);
      });
      app.post(`${path}/softDelete`, (c) => {
        this.#write(c.get("token"), "ChannelMessage.ReadWrite");
        if (!this.softDeletes)
          throw new Refusal(405, "MethodNotAllowed", "softDelete is not supported in this cloud.");
        const { channel, message } = find(c, this.#openChannel(c));
        mustBeOwn(message, c.get("token"));
        if (message.deletedDateTime === null) this.remove(channel, message.id);
        return c.body(null, 204);
      });
      app.post(`${path}/undoSoftDelete`, (c) => {
        this.#write(c.get("token"), "ChannelMessage.ReadWrite");
        const { channel, message } = find(c, this.#openChannel(c));
        mustBeOwn(message, c.get("token"));
        message.deletedDateTime = null;
        this.#touch(message);
        this.#tell(channel, message, "updated");
        return c.body(null, 204);
      });
      for (const [name, on] of [
        ["setReaction", true],
        ["unsetReaction", false],
      ] as const) {
        app.post(`${path}/${name}`, async (c) => {
          this.#write(c.get("token"), "ChannelMessage.Send");
          const { channel, message } = find(c, this.#openChannel(c));
          const type = checkReaction(await json(c));
          if (message.deletedDateTime !== null) throw notFound("The message");
          if (this.#react(message, c.get("token").oid, type, on)) this.#tell(channel, message, "updated");
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
    app.route("/", driveRoutes(this.drives));
    return app;
  }

  /** Shares a file like in Teams: answers the attachment of the message. */
  share(
    channel: TeamsChannel,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): { item: StoredItem; attachment: object; marker: string } {
    const item = this.drives.put(this.drives.folder(channel.id).id, name, bytes);
    const id = item.guid;
    const attachment = {
      id,
      contentType: "reference",
      contentUrl: item.webUrl,
      content: null,
      name: item.name,
    };
    return { item, attachment, marker: `<attachment id="${id}"></attachment>` };
  }

  /** Pastes a picture: answers the address for its `src`. */
  paste(
    channel: TeamsChannel,
    { id: messageId, replyToId: root }: Pick<TeamsChannelMessage, "id" | "replyToId">,
    picture: { readonly bytes: Uint8Array<ArrayBuffer>; readonly contentType: string },
  ): string {
    const id = Buffer.from(randomUUID()).toString("base64url");
    channel.hosted.set(`${messageId}/${id}`, picture);
    const path = root === null ? messageId : `${root}/replies/${messageId}`;
    return `${this.#graphUrl()}/v1.0/teams/${channel.teamId}/channels/${channel.id}/messages/${path}/hostedContents/${id}/$value`;
  }

  // ── inside ───────────────────────────────────────────────────────────────────────────────────────────

  readonly #removed = new Map<TeamsChannelMessage, unknown>();

  #post(c: Ctx, root: string | null, json: unknown): TeamsChannelMessage {
    const token = c.get("token");
    if (token.oid === null)
      throw forbidden("Message POST is allowed in application-only context only for import purposes.");
    need(token, ["ChannelMessage.Send"], []);
    const channel = this.#openChannel(c);
    this.#limit(`messages ${channel.id}`, this.messageLimit, 10_000);
    if (root !== null && this.#message(channel, root, null).deletedDateTime !== null)
      throw notFound("The message");
    const body: MessageBody = readMessage(json, root !== null, (bound) => this.drives.byGuid(bound) !== null);
    const writer = this.#tenant.people.get(token.oid);
    if (!writer) throw forbidden("The person is unknown.");
    return this.#keep(channel, {
      replyToId: root,
      from: ownerIdentity(writer),
      body: { contentType: body.contentType, content: this.sanitize(body.content) },
      subject: body.subject,
      importance: body.importance,
      attachments: body.attachments,
      mentions: body.mentions,
      eventDetail: null,
    });
  }

  #keep(
    channel: TeamsChannel,
    part: Pick<
      TeamsChannelMessage,
      "replyToId" | "from" | "body" | "subject" | "importance" | "attachments" | "mentions" | "eventDetail"
    >,
  ): TeamsChannelMessage {
    this.#lastId = Math.max(this.#lastId + 1, this.now());
    const id = String(this.#lastId);
    const at = new Date(this.#lastId).toISOString();
    const message: TeamsChannelMessage = {
      id,
      etag: id,
      messageType: part.eventDetail === null ? "message" : "unknownFutureValue",
      createdDateTime: at,
      lastModifiedDateTime: at,
      lastEditedDateTime: null,
      deletedDateTime: null,
      summary: null,
      chatId: null,
      locale: "en-us",
      webUrl: `https://teams.microsoft.com/l/message/${encodeURIComponent(channel.id)}/${id}`,
      channelIdentity: { teamId: channel.teamId, channelId: channel.id },
      reactions: [],
      policyViolation: null,
      ...part,
    };
    channel.messages.set(id, message);
    this.#tell(channel, message, "created");
    return message;
  }

  #tell(channel: TeamsChannel, message: TeamsChannelMessage, changeType: SentChange["changeType"]): void {
    const root = `teams('${channel.teamId}')/channels('${channel.id}')/messages('${message.replyToId ?? message.id}')`;
    const resource = message.replyToId === null ? root : `${root}/replies('${message.id}')`;
    const data = { ...structuredClone(message), replies: [], hostedContents: [] };
    this.onChange({ resource, changeType, data: data as unknown as Record<string, unknown> });
  }

  #touch(message: TeamsChannelMessage): string {
    this.#lastAt = Math.max(this.#lastAt + 1, this.now(), Date.parse(message.lastModifiedDateTime) + 1);
    message.etag = String(this.#lastAt);
    message.lastModifiedDateTime = new Date(this.#lastAt).toISOString();
    return message.lastModifiedDateTime;
  }

  #react(message: TeamsChannelMessage, userId: string | null, reactionType: string, on: boolean): boolean {
    const isIt = (one: TeamsReaction) =>
      one.reactionType === reactionType && (one.user?.user.id ?? null) === userId;
    if (message.reactions.some(isIt) === on) return false;
    const others = message.reactions.filter((one) => !isIt(one));
    const made = {
      reactionType,
      displayName: null,
      createdDateTime: new Date(this.now()).toISOString(),
      user: userId === null ? null : { user: { id: userId } },
    };
    message.reactions = on ? [...others, made] : others;
    this.#touch(message);
    return true;
  }

  #live(channel: TeamsChannel, id: string): TeamsChannelMessage {
    const message = channel.messages.get(id);
    if (!message || message.deletedDateTime !== null) throw notFound("The message");
    return message;
  }

  #message(channel: TeamsChannel, id: string, root: string | null): TeamsChannelMessage {
    const message = channel.messages.get(id);
    if (!message || message.replyToId !== root) throw notFound("The message");
    return message;
  }

  #team(id: string, token: GraphToken): TeamsTeam {
    const team = this.teams.get(id);
    if (!team) throw notFound("The team");
    const shared = [...team.channels.values()].some((one) => one.members.has(token.oid ?? ""));
    if (token.oid !== null && !team.members.has(token.oid) && !shared)
      throw forbidden("The caller is not a member of the team.");
    return team;
  }

  #channel(c: Ctx): TeamsChannel {
    const token = c.get("token");
    const team = this.#team(c.req.param("team") ?? "", token);
    const channel = team.channels.get(c.req.param("channel") ?? "");
    if (!channel) throw notFound("The channel");
    if (token.oid !== null && !mayRead(team, channel, token.oid)) throw notFound("The channel");
    return channel;
  }

  /** An archived channel is read-only. */
  #openChannel(c: Ctx): TeamsChannel {
    const channel = this.#channel(c);
    const team = this.teams.get(channel.teamId);
    if (team?.isArchived || channel.isArchived) throw forbidden("The team or channel is archived.");
    return channel;
  }

  #membersOf(channel: TeamsChannel): ReadonlySet<string> {
    return channel.membershipType === "standard"
      ? (this.teams.get(channel.teamId)?.members ?? new Set())
      : channel.members;
  }

  #memberJson(id: string) {
    const person = this.#tenant.people.get(id);
    return {
      "@odata.type": "#microsoft.graph.aadUserConversationMember",
      id: Buffer.from(id).toString("base64"),
      roles: person?.guest ? ["guest"] : [],
      displayName: person?.displayName ?? null,
      userId: id,
      email: person?.mail ?? null,
      tenantId: this.#tenant.id,
    };
  }

  #channelJson({ id, displayName, isArchived, membershipType }: TeamsChannel) {
    const webUrl = `https://teams.microsoft.com/l/channel/${encodeURIComponent(id)}`;
    return {
      id,
      displayName,
      isArchived,
      membershipType,
      description: null,
      email: "",
      webUrl,
      createdDateTime: null,
    };
  }

  #write(token: GraphToken, scope: string): void {
    if (token.oid === null) throw forbidden("Application permissions are not supported for this request.");
    need(token, [scope], []);
  }

  #limit(what: string, limit: number, windowMs: number): void {
    if (limit === 0) return;
    const now = this.now();
    const recent = (this.#recent.get(what) ?? []).filter((at) => at > now - windowMs);
    recent.push(now);
    this.#recent.set(what, recent);
    if (recent.length > limit)
      throw new Refusal(429, "TooManyRequests", "Too many requests.", { headers: { "Retry-After": "2" } });
  }

  /** At most 50 per page, like Graph; the rest by the next link. */
  #page<T>(address: string, all: readonly T[]): { value: T[]; "@odata.nextLink"?: string } {
    const url = new URL(address);
    const top = Number(url.searchParams.get("$top") ?? 20);
    if (!(top >= 1 && top <= 50)) throw badRequest("The limit of '50' for Top query has been exceeded.");
    const from = Number(url.searchParams.get("$skiptoken") ?? 0);
    url.searchParams.set("$skiptoken", String(from + top));
    const next = `${this.#graphUrl()}${url.pathname}${url.search}`;
    return {
      value: all.slice(from, from + top),
      ...(all.length > from + top && { "@odata.nextLink": next }),
    };
  }
}

interface Ctx {
  readonly req: { param(name: string): string | undefined };
  get(name: "token"): GraphToken;
}

const teamJson = ({ id, displayName, isArchived }: TeamsTeam) => ({
  id,
  displayName,
  description: null,
  isArchived,
  visibility: "private",
});

const mayRead = (team: TeamsTeam, channel: TeamsChannel, id: string) =>
  channel.membershipType === "standard" ? team.members.has(id) : channel.members.has(id);

const repliesTo = (channel: TeamsChannel, root: string) =>
  [...channel.messages.values()].filter(({ replyToId }) => replyToId === root);

function person(token: GraphToken): void {
  if (token.oid === null) throw badRequest("/me request is only valid with delegated authentication flow.");
}

function need(token: GraphToken, scopes: readonly string[], roles: readonly string[]): void {
  const granted =
    token.oid === null
      ? token.roles.some((one) => roles.includes(one))
      : token.scp.some((one) => scopes.includes(one));
  if (!granted)
    throw forbidden(`Missing scope permissions on the request. API requires one of '${scopes.join(", ")}'.`);
}

function mustBeOwn(message: TeamsChannelMessage, token: GraphToken): void {
  const from = message.from as { user?: { id?: string } } | null;
  if (from?.user?.id !== token.oid) throw forbidden("The message is somebody else's.");
}

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
