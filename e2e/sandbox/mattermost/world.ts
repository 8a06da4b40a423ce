/**
 * A Mattermost server's state in memory, and the few rules by which it changes. It knows no plugin protocol and no
 * HTTP: unit tests use it alone (`new World()`, then `pluginApi(world)`), and the sandbox puts a server around it. It
 * stays in one file, because the tables refer to each other, as in the server's database.
 */

import { createHash } from "node:crypto";
import type {
  Bot,
  Channel,
  ChannelMember,
  Command,
  FileInfo,
  Group,
  Post,
  Preference,
  Reaction,
  Session,
  Status,
  Team,
  TeamMember,
  User,
} from "../../../server/runtime/mattermost/index.ts";
import { defaultConfig, type ServerConfig, withLocked } from "./config.ts";
import { newId } from "./ids.ts";
import { KvStore } from "./kv.ts";
import { roleNames, rolesGrant } from "./permissions.ts";
import * as zero from "./zero.ts";

/** A running plugin process as the world sees it: a receiver of hooks. */
export interface HookSink {
  /** Cluster node the process runs on. */
  readonly node: string;
  has(hook: string): boolean;
  call(hook: string, ...args: unknown[]): Promise<unknown>;
}

/** The events that web clients get over their WebSocket. */
export interface ClientEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly to: {
    userId?: string;
    channelId?: string;
    teamId?: string;
    connectionId?: string;
    omitUserIds?: string[];
  };
}

export interface AuditEntry {
  readonly at: number;
  readonly node: string;
  readonly record: unknown;
}

export interface LogEntry {
  readonly at: number;
  readonly node: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Record<string, string>;
}

export const FIRST_NODE = "node-1";

export class World {
  readonly now: () => number;
  config: ServerConfig;
  /** `Section.Key` of settings held by environment variables. */
  readonly lockedSettings = new Set<string>();
  readonly serverVersion: string;
  readonly installedAt: number;
  readonly telemetryId = newId();

  readonly users = new Map<string, User>();
  readonly teams = new Map<string, Team>();
  readonly channels = new Map<string, Channel>();
  readonly posts = new Map<string, Post>();
  readonly files = new Map<string, { info: FileInfo; data: Uint8Array }>();
  readonly sessions = new Map<string, Session>();
  readonly statuses = new Map<string, Status>();
  readonly groups = new Map<string, Group>();
  readonly bots = new Map<string, Bot>();
  readonly commands = new Map<string, Command>();
  readonly reactions = new Map<string, Reaction[]>();
  /** Trigger IDs of presses and commands, for dialogs. */
  readonly triggers = new Map<string, { readonly userId: string; readonly at: number }>();
  readonly profileImages = new Map<string, Uint8Array>();
  /** Thread root → person → whether the person follows; `false` for a person who unfollowed by hand. */
  readonly #threads = new Map<string, Map<string, boolean>>();
  readonly audit: AuditEntry[] = [];
  readonly logs: LogEntry[] = [];
  readonly mail: { to: string; subject: string; body: string }[] = [];
  readonly pushes: { userId: string; message: string; type: string }[] = [];
  readonly hookSinks = new Set<HookSink>();

  readonly #teamMembers = new Table<TeamMember>();
  readonly #channelMembers = new Table<ChannelMember>();
  readonly #groupMembers = new Table<true>();
  readonly #preferences = new Map<string, Map<string, Preference>>();
  readonly #channelPosts = new Map<string, string[]>();
  readonly #kv = new Map<string, KvStore>();
  readonly #usernames = new Map<string, string>();
  readonly #emails = new Map<string, string>();
  readonly #watchers = new Set<(event: ClientEvent) => void>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(options: { now?: () => number; siteUrl?: string; serverVersion?: string } = {}) {
    this.now = options.now ?? Date.now;
    this.serverVersion = options.serverVersion ?? "11.6.0";
    this.installedAt = this.now();
    this.config = defaultConfig(options.siteUrl ?? "https://chat.example.com");
  }

  // ── people ───────────────────────────────────────────────────────────────────────────────────────────

  /** `email` and `username` are lower case in the database, whatever was typed. */
  addUser(part: Partial<User> & { Username: string }): User {
    const at = this.now();
    const user = zero.user({
      Id: newId(),
      Roles: "system_user",
      EmailVerified: true,
      ...part,
      CreateAt: part.CreateAt || at,
      UpdateAt: at,
      Username: part.Username.toLowerCase(),
      Email: (part.Email ?? `${part.Username}@example.com`).toLowerCase(),
      NotifyProps: { ...zero.defaultNotifyProps(), ...part.NotifyProps },
    });
    this.putUser(user);
    return user;
  }

  putUser(user: User): void {
    const before = this.users.get(user.Id);
    if (before) {
      this.#usernames.delete(before.Username);
      this.#emails.delete(before.Email);
    }
    this.users.set(user.Id, user);
    this.#usernames.set(user.Username, user.Id);
    this.#emails.set(user.Email, user.Id);
  }

  userByUsername(username: string): User | undefined {
    return this.users.get(this.#usernames.get(username.toLowerCase()) ?? "");
  }

  userByEmail(email: string): User | undefined {
    return this.users.get(this.#emails.get(email.toLowerCase()) ?? "");
  }

  /** Deactivation ends the person's sessions, as on the server. */
  setActive(userId: string, active: boolean): void {
    const user = this.users.get(userId);
    if (!user) return;
    this.putUser({ ...user, DeleteAt: active ? 0 : this.now(), UpdateAt: this.now() });
    if (!active) {
      for (const session of this.sessions.values()) {
        if (session.UserId === userId) this.sessions.delete(session.Id);
      }
      this.fire("userHasBeenDeactivated", this.users.get(userId));
    }
  }

  setStatus(userId: string, status: string, more: Partial<Status> = {}): Status {
    const before = this.statuses.get(userId);
    const next: Status = {
      UserId: userId,
      Status: status,
      Manual: false,
      LastActivityAt: this.now(),
      ActiveChannel: "",
      DNDEndTime: 0,
      PrevStatus: before?.Status ?? "",
      ...more,
    };
    this.statuses.set(userId, next);
    this.tell({ event: "status_change", data: { user_id: userId, status }, to: {} });
    return next;
  }

  /**
   * The server's job of every full minute: ends an expired do-not-disturb and restores an automatic status.
   */
  endTimedDnd(): void {
    for (const { DNDEndTime, PrevStatus, Status: status, UserId } of [...this.statuses.values()])
      if (status === "dnd" && DNDEndTime > 0 && DNDEndTime * 1_000 <= this.now())
        this.setStatus(UserId, PrevStatus || "online", { Manual: false, PrevStatus: "" });
  }

  preferences(userId: string): Map<string, Preference> {
    return emplace(this.#preferences, userId, () => new Map());
  }

  setPreference(userId: string, category: string, name: string, value: string): void {
    this.preferences(userId).set(`${category}\0${name}`, {
      UserId: userId,
      Category: category,
      Name: name,
      Value: value,
    });
  }

  /** Session.PreSave and the store: a new id and token, whatever the caller filled in. */
  addSession(part: Partial<Session> & { UserId: string }): Session {
    const at = this.now();
    const session = zero.session({ ...part, Id: newId(), Token: newId(), CreateAt: at, LastActivityAt: at });
    session.Props = { ...part.Props };
    this.sessions.set(session.Id, session);
    return session;
  }

  /** A live session; undefined for an expired one. */
  sessionByToken(token: string): Session | undefined {
    for (const session of this.sessions.values()) {
      if (session.Token === token)
        return session.ExpiresAt > 0 && this.now() > session.ExpiresAt ? undefined : session;
    }
    return undefined;
  }

  // ── places ───────────────────────────────────────────────────────────────────────────────────────────

  addTeam(part: Partial<Team> & { Name: string }): Team {
    const at = this.now();
    const team = zero.team({
      Id: newId(),
      ...part,
      CreateAt: at,
      UpdateAt: at,
      DisplayName: part.DisplayName || part.Name,
      InviteId: newId(),
    });
    this.teams.set(team.Id, team);
    for (const [Name, DisplayName] of [
      ["town-square", "Town Square"],
      ["off-topic", "Off-Topic"],
    ] as const) {
      this.addChannel({ TeamId: team.Id, Name, DisplayName });
    }
    return team;
  }

  addChannel(part: Partial<Channel> & { Name: string }): Channel {
    const at = this.now();
    const channel = zero.channel({
      Id: newId(),
      ...part,
      CreateAt: at,
      UpdateAt: at,
      // A direct channel has no name: clients show the other person's.
      DisplayName: part.DisplayName ?? part.Name,
    });
    this.channels.set(channel.Id, channel);
    return channel;
  }

  channelByName(teamId: string, name: string): Channel | undefined {
    for (const channel of this.channels.values()) {
      if (channel.TeamId === teamId && channel.Name === name) return channel;
    }
    return undefined;
  }

  /** Joining a team joins its default channels. */
  joinTeam(userId: string, teamId: string, part: Partial<TeamMember> = {}): TeamMember {
    const known = this.#teamMembers.get(teamId, userId);
    if (known && known.DeleteAt === 0) return known;
    const member = zero.teamMember({ TeamId: teamId, UserId: userId, CreateAt: this.now(), ...part });
    this.#teamMembers.set(teamId, userId, member);
    this.fire("userHasJoinedTeam", member, null);
    for (const name of ["town-square", "off-topic"]) {
      const channel = this.channelByName(teamId, name);
      if (channel) this.join(userId, channel.Id);
    }
    return member;
  }

  leaveTeam(userId: string, teamId: string): void {
    const member = this.#teamMembers.get(teamId, userId);
    if (!member) return;
    for (const channel of this.channelsOf(userId)) {
      if (channel.TeamId === teamId) this.leave(userId, channel.Id);
    }
    const left = { ...member, DeleteAt: this.now() };
    this.#teamMembers.set(teamId, userId, left);
    this.fire("userHasLeftTeam", left, null);
  }

  join(
    userId: string,
    channelId: string,
    part: Partial<ChannelMember> = {},
    actor: User | null = null,
  ): ChannelMember {
    const known = this.#channelMembers.get(channelId, userId);
    if (known) return known;
    const member = zero.channelMember({
      ChannelId: channelId,
      UserId: userId,
      LastUpdateAt: this.now(),
      ...part,
    });
    member.NotifyProps = { ...zero.defaultChannelNotifyProps(), ...part.NotifyProps };
    this.#channelMembers.set(channelId, userId, member);
    this.fire("userHasJoinedChannel", member, actor);
    this.tell({ event: "user_added", data: { user_id: userId, channel_id: channelId }, to: { channelId } });
    return member;
  }

  leave(userId: string, channelId: string, actor: User | null = null): void {
    const member = this.#channelMembers.get(channelId, userId);
    if (!member) return;
    this.#channelMembers.delete(channelId, userId);
    this.fire("userHasLeftChannel", member, actor);
  }

  putChannelMember(member: ChannelMember): void {
    this.#channelMembers.set(member.ChannelId, member.UserId, { ...member, LastUpdateAt: this.now() });
  }

  putTeamMember(member: TeamMember): void {
    this.#teamMembers.set(member.TeamId, member.UserId, member);
  }

  channelMember(channelId: string, userId: string): ChannelMember | undefined {
    return this.#channelMembers.get(channelId, userId);
  }

  /** In a stable order, so that pages neither repeat nor skip. */
  channelMembers(channelId: string): ChannelMember[] {
    return this.#channelMembers.inRow(channelId);
  }

  channelMembersOfUser(userId: string): ChannelMember[] {
    return this.#channelMembers.inColumn(userId);
  }

  channelsOf(userId: string): Channel[] {
    return this.channelMembersOfUser(userId).flatMap((member) => this.channels.get(member.ChannelId) ?? []);
  }

  teamMember(teamId: string, userId: string): TeamMember | undefined {
    return this.#teamMembers.get(teamId, userId);
  }

  teamMembers(teamId: string): TeamMember[] {
    return this.#teamMembers.inRow(teamId).filter((member) => member.DeleteAt === 0);
  }

  teamMembersOfUser(userId: string): TeamMember[] {
    return this.#teamMembers.inColumn(userId).filter((member) => member.DeleteAt === 0);
  }

  /**
   * App.HasPermissionToChannel: by the roles of the membership, of the team and of the system. Members of the team
   * may read its open channels without being channel members.
   */
  mayInChannel(userId: string, channelId: string, permission: string): boolean {
    const channel = this.channels.get(channelId);
    const user = this.users.get(userId);
    if (!channel || !user) return false;
    const member = this.channelMember(channelId, userId);
    const inTeam = this.teamMember(channel.TeamId, userId);
    const teamRoles = inTeam?.DeleteAt === 0 ? roleNames(inTeam.Roles) : [];
    if (
      channel.Type === "O" &&
      permission === "read_channel_content" &&
      rolesGrant(teamRoles, "read_public_channel")
    )
      return true;
    const roles = [...roleNames(member?.Roles ?? ""), ...teamRoles, ...roleNames(user.Roles)];
    return rolesGrant(roles, permission);
  }

  /** Created on first use, as on the server; its name is the two ids in order. */
  directChannel(userId: string, otherId: string): Channel {
    const name = [userId, otherId].sort().join("__");
    const known = this.channelByName("", name);
    if (known) return known;
    const channel = this.addChannel({ Name: name, Type: "D", DisplayName: "" });
    for (const id of new Set([userId, otherId])) this.join(id, channel.Id);
    return channel;
  }

  groupChannel(userIds: string[]): Channel {
    const ids = [...new Set(userIds)].sort();
    const name = createHash("sha1").update(ids.join("")).digest("hex");
    const known = this.channelByName("", name);
    if (known) return known;
    const DisplayName = ids.map((id) => this.users.get(id)?.Username ?? id).join(", ");
    const channel = this.addChannel({ Name: name, Type: "G", DisplayName });
    for (const id of ids) this.join(id, channel.Id);
    return channel;
  }

  addGroup(part: Partial<Group> & { Name: string }, userIds: string[] = []): Group {
    const group = zero.group({
      Id: newId(),
      DisplayName: part.Name,
      CreateAt: this.now(),
      UpdateAt: this.now(),
      ...part,
    });
    this.groups.set(group.Id, group);
    for (const id of userIds) this.#groupMembers.set(group.Id, id, true);
    return group;
  }

  setGroupMember(groupId: string, userId: string, member: boolean): void {
    if (member) this.#groupMembers.set(groupId, userId, true);
    else this.#groupMembers.delete(groupId, userId);
  }

  groupMemberIds(groupId: string): string[] {
    return this.#groupMembers.rowKeys(groupId);
  }

  groupsOf(userId: string): Group[] {
    return this.#groupMembers.columnKeys(userId).flatMap((id) => this.groups.get(id) ?? []);
  }

  // ── posts ────────────────────────────────────────────────────────────────────────────────────────────

  /** Stores an accepted post, updates thread and channel, and notifies clients. The caller calls the hooks. */
  putPost(part: Partial<Post> & { UserId: string; ChannelId: string }): Post {
    const at = part.CreateAt || this.now();
    const post = zero.post({ ...part, Id: part.Id || newId(), CreateAt: at, UpdateAt: at });
    post.Hashtags = (post.Message.match(/(?<=^|\s)#[\p{L}][\p{L}\d_.-]+/gu) ?? []).join(" ");
    this.posts.set(post.Id, post);
    emplace(this.#channelPosts, post.ChannelId, () => []).push(post.Id);
    const channel = this.channels.get(post.ChannelId);
    if (channel) {
      channel.LastPostAt = at;
      channel.TotalMsgCount++;
      if (post.RootId === "") {
        channel.LastRootPostAt = at;
        channel.TotalMsgCountRoot++;
      }
    }
    const root = this.posts.get(post.RootId);
    if (root) {
      root.ReplyCount++;
      root.LastReplyAt = at;
    }
    this.tell({ event: "posted", data: { post }, to: { channelId: post.ChannelId } });
    return post;
  }

  updatePost(post: Post): void {
    this.posts.set(post.Id, post);
    const event = post.DeleteAt > 0 ? "post_deleted" : "post_edited";
    this.tell({ event, data: { post }, to: { channelId: post.ChannelId } });
  }

  /** Names of custom emoji. */
  readonly customEmojis = new Set<string>();

  /** Deletes a post with its replies, for which no hook is called (SqlPostStore.Delete). */
  deletePost({ Id }: Pick<Post, "Id">): Post {
    const at = this.now();
    for (const post of [...this.posts.values()])
      if (post.DeleteAt === 0 && (post.Id === Id || post.RootId === Id))
        this.updatePost({ ...post, DeleteAt: at, UpdateAt: at });
    return structuredClone(this.posts.get(Id) as Post);
  }

  addReaction(reaction: Reaction): void {
    const before = this.reactions.get(reaction.PostId) ?? [];
    const same = (each: Reaction) => each.UserId === reaction.UserId && each.EmojiName === reaction.EmojiName;
    if (!before.some(same)) this.reactions.set(reaction.PostId, [...before, reaction]);
    this.#showReactions("reaction_added", reaction);
  }

  removeReaction({ EmojiName, PostId, UserId, ...rest }: Reaction): void {
    const left = (this.reactions.get(PostId) ?? []).filter(
      (each) => each.UserId !== UserId || each.EmojiName !== EmojiName,
    );
    this.reactions.set(PostId, left);
    this.#showReactions("reaction_removed", { ...rest, EmojiName, PostId, UserId });
  }

  #showReactions(event: string, reaction: Reaction): void {
    const post = this.posts.get(reaction.PostId);
    if (!post) return;
    post.HasReactions = (this.reactions.get(post.Id) ?? []).length > 0;
    // SqlReactionStore writes it with the reaction, so that a list of posts since a time includes this one.
    post.UpdateAt = this.now();
    const json = { user_id: reaction.UserId, post_id: post.Id, emoji_name: reaction.EmojiName };
    this.tell({ event, data: { reaction: JSON.stringify(json) }, to: { channelId: post.ChannelId } });
  }

  /** `undefined`: the person never had to do with the thread. */
  follows(rootId: string, userId: string): boolean | undefined {
    return this.#threads.get(rootId)?.get(userId);
  }

  /** By hand, or because of a reply: push.ts has the rules. */
  setFollows(rootId: string, userId: string, following: boolean): void {
    emplace(this.#threads, rootId, () => new Map()).set(userId, following);
  }

  followers(rootId: string): string[] {
    return [...(this.#threads.get(rootId) ?? [])].flatMap(([userId, following]) =>
      following ? [userId] : [],
    );
  }

  /** Oldest first, without deleted ones. */
  postsIn(channelId: string): Post[] {
    return (this.#channelPosts.get(channelId) ?? []).flatMap((id) => {
      const post = this.posts.get(id);
      return post && post.DeleteAt === 0 ? [post] : [];
    });
  }

  // ── everything else ─────────────────────────────────────────────────────────────────────────────────────────

  kv(pluginId: string): KvStore {
    return emplace(this.#kv, pluginId, () => new KvStore(this.now));
  }

  /** Saves and notifies every node's plugin. Settings held by environment variables stay. */
  saveConfig(next: ServerConfig): void {
    this.config = withLocked(next, this.config, this.lockedSettings);
    this.fireOnEveryNode("onConfigurationChange");
    this.tell({ event: "config_changed", data: {}, to: {} });
  }

  log(node: string, level: LogEntry["level"], message: string, fields: Record<string, string> = {}): void {
    this.logs.push({ at: this.now(), node, level, message, fields });
    if (this.logs.length > 5000) this.logs.splice(0, 1000);
  }

  watch(watcher: (event: ClientEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell(event: ClientEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  /** Calls a hook without a result on one node; like the server, does not wait for it. */
  fire(hook: string, ...args: unknown[]): void {
    this.fireOn(undefined, hook, ...args);
  }

  /**
   * Without `node`, uses the first running plugin. Hooks other than lifecycle hooks get a Context first.
   */
  fireOn(node: string | undefined, hook: string, ...args: unknown[]): void {
    const sink = this.sinkOn(node);
    if (sink?.has(hook)) this.track(sink.call(hook, hookContext(), ...args));
  }

  /** The plugin on a node; without a node, or if it is down there, the first running one. */
  sinkOn(node: string | undefined): HookSink | undefined {
    const sinks = [...this.hookSinks];
    return sinks.find((each) => each.node === node) ?? sinks[0];
  }

  fireOnEveryNode(hook: string, ...args: unknown[]): void {
    for (const sink of this.hookSinks) if (sink.has(hook)) this.track(sink.call(hook, ...args));
  }

  /** For tests: resolves when every fired hook has answered. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  /** `settled` waits for the server's background work. */
  track(work: Promise<unknown>): void {
    const done = work.catch(() => {}).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}

/** plugin.Context as the server fills it. */
export function hookContext(part: Partial<Record<string, string>> = {}) {
  return {
    SessionId: "",
    ConnectionId: "",
    RequestId: newId(),
    IPAddress: "127.0.0.1",
    AcceptLanguage: "en",
    UserAgent: "",
    ...part,
  };
}

/** Rows × columns with an index for each direction: members of a channel, channels of a member. */
class Table<T> {
  readonly #rows = new Map<string, Map<string, T>>();
  readonly #columns = new Map<string, Set<string>>();

  get(row: string, column: string): T | undefined {
    return this.#rows.get(row)?.get(column);
  }

  set(row: string, column: string, value: T): void {
    emplace(this.#rows, row, () => new Map()).set(column, value);
    emplace(this.#columns, column, () => new Set()).add(row);
  }

  delete(row: string, column: string): void {
    this.#rows.get(row)?.delete(column);
    this.#columns.get(column)?.delete(row);
  }

  inRow(row: string): T[] {
    return [...(this.#rows.get(row)?.values() ?? [])];
  }

  rowKeys(row: string): string[] {
    return [...(this.#rows.get(row)?.keys() ?? [])];
  }

  columnKeys(column: string): string[] {
    return [...(this.#columns.get(column) ?? [])];
  }

  inColumn(column: string): T[] {
    return this.columnKeys(column).flatMap((row) => this.get(row, column) ?? []);
  }
}

function emplace<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
