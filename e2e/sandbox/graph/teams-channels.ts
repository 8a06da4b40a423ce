/**
 * Teams and their channels for the Graph stand-in: the actions of people in Teams, and the levers of tests. Each
 * change is reported to `onChange`. Graph's answers are in team-routes.ts and channel-message-routes.ts.
 */

import { randomUUID } from "node:crypto";
import type { Person, Tenant } from "../tenant.ts";
import type { SentChange } from "./changes.ts";
import { type ChannelDrives, newDrives, type StoredItem } from "./channel-drives.ts";
import { badRequest, notFound, Refusal } from "./refusal.ts";
import type {
  MembershipType,
  Said,
  TeamsChannel,
  TeamsChannelMessage,
  TeamsReaction,
  TeamsTeam,
} from "./teams.ts";

export const ownerIdentity = (person: Person) => ({
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
  readonly tenant: Tenant;
  readonly #graphUrl: () => string;
  readonly #recent = new Map<string, number[]>();
  #lastId = 0;
  #lastAt = 0;

  constructor(tenant: Tenant, graphUrl: () => string) {
    this.tenant = tenant;
    this.#graphUrl = graphUrl;
    this.drives = newDrives();
  }

  // ── levers: actions of people in Teams ──────────────────────────────────────────────────────────────────

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
    return this.keep(channel, {
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
    const message = this.live(channel, id);
    if (change.html !== undefined) message.body = { contentType: "html", content: change.html };
    if (change.attachments) message.attachments = change.attachments;
    message.lastEditedDateTime = this.touch(message);
    this.tell(channel, message, "updated");
  }

  remove(channel: TeamsChannel, id: string): void {
    const message = this.live(channel, id);
    message.deletedDateTime = this.touch(message);
    Object.assign(message, { body: { contentType: "html", content: "" }, attachments: [], mentions: [] });
    this.tell(channel, message, "deleted");
  }

  /** *Undo* in Teams. */
  restore(channel: TeamsChannel, id: string, html: string): void {
    const message = channel.messages.get(id);
    if (!message) throw notFound("The message");
    message.deletedDateTime = null;
    message.body = { contentType: "html", content: html };
    this.touch(message);
    this.tell(channel, message, "updated");
  }

  react(channel: TeamsChannel, id: string, person: Person | null, reactionType: string): void {
    const message = this.live(channel, id);
    this.setReaction(message, person?.objectId ?? null, reactionType, true);
    this.tell(channel, message, "updated");
  }

  unreact(channel: TeamsChannel, id: string, person: Person | null, reactionType: string): void {
    const message = this.live(channel, id);
    this.setReaction(message, person?.objectId ?? null, reactionType, false);
    this.tell(channel, message, "updated");
  }

  /** Messages that are not deleted, in the order of writing. */
  visible(channel: TeamsChannel): TeamsChannelMessage[] {
    return [...channel.messages.values()].filter(({ deletedDateTime }) => deletedDateTime === null);
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

  // ── for the routes ──

  keep(
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
    this.tell(channel, message, "created");
    return message;
  }

  tell(channel: TeamsChannel, message: TeamsChannelMessage, changeType: SentChange["changeType"]): void {
    const root = `teams('${channel.teamId}')/channels('${channel.id}')/messages('${message.replyToId ?? message.id}')`;
    const resource = message.replyToId === null ? root : `${root}/replies('${message.id}')`;
    const data = { ...structuredClone(message), replies: [], hostedContents: [] };
    this.onChange({ resource, changeType, data: data as unknown as Record<string, unknown> });
  }

  touch(message: TeamsChannelMessage): string {
    this.#lastAt = Math.max(this.#lastAt + 1, this.now(), Date.parse(message.lastModifiedDateTime) + 1);
    message.etag = String(this.#lastAt);
    message.lastModifiedDateTime = new Date(this.#lastAt).toISOString();
    return message.lastModifiedDateTime;
  }

  setReaction(
    message: TeamsChannelMessage,
    userId: string | null,
    reactionType: string,
    on: boolean,
  ): boolean {
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
    this.touch(message);
    return true;
  }

  live(channel: TeamsChannel, id: string): TeamsChannelMessage {
    const message = channel.messages.get(id);
    if (!message || message.deletedDateTime !== null) throw notFound("The message");
    return message;
  }

  membersOf(channel: TeamsChannel): ReadonlySet<string> {
    return channel.membershipType === "standard"
      ? (this.teams.get(channel.teamId)?.members ?? new Set())
      : channel.members;
  }

  limit(what: string, limit: number, windowMs: number): void {
    if (limit === 0) return;
    const now = this.now();
    const recent = (this.#recent.get(what) ?? []).filter((at) => at > now - windowMs);
    recent.push(now);
    this.#recent.set(what, recent);
    if (recent.length > limit)
      throw new Refusal(429, "TooManyRequests", "Too many requests.", { headers: { "Retry-After": "2" } });
  }

  /** At most 50 per page, like Graph; the rest by the next link. */
  page<T>(address: string, all: readonly T[]): { value: T[]; "@odata.nextLink"?: string } {
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
