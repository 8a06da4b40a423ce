/**
 * From a post to the people to tell: collects the facts the rules need, from memory where it can, and from the
 * server in few calls with many ids where it must.
 */

import type { Members } from "../../people/members.ts";
import type { Choosers } from "../../platform/preferences/choosers.ts";
import { nothingChosen, type OwnDefaults, withDefaults } from "../../platform/preferences/own-settings.ts";
import { AppError } from "../../runtime/mattermost/index.ts";
import type { Channels, Roster } from "./channels.ts";
import type { PersonStatus, PostFacts, ServerRules, ThreadFacts } from "./facts.ts";
import { OFFLINE, serverRulesOf, statusOf } from "./from-mattermost.ts";
import { findMentions, type Keywords, type Mentions } from "./mentions.ts";
import type { NotificationsApi } from "./ports.ts";
import {
  judge,
  type Member,
  type PostContext,
  type Reason,
  type Refusal,
  wholeChannelAllowed,
} from "./rules.ts";
import { factsOf, type Threads } from "./threads.ts";

export interface Told {
  readonly userId: string;
  readonly objectId: string;
  readonly reason: Reason;
  readonly nameFormat: string | null;
}

export interface Audience {
  readonly context: PostContext;
  /** Whom the post can concern at all, in no order. Everybody else needs no look. */
  readonly possible: readonly string[];
}

/** What memory could not answer. */
type Missing =
  | { readonly kind: "members" }
  | { readonly kind: "server" }
  | { readonly kind: "roster" }
  | { readonly kind: "thread" }
  | { readonly kind: "whole_channel" }
  | { readonly kind: "groups"; readonly names: readonly string[] }
  | { readonly kind: "groups_allowed"; readonly names: readonly string[] };

interface GroupFacts {
  readonly id: string;
  /** Made by people in Mattermost, not synchronised from a directory. */
  readonly custom: boolean;
  /** Linked members. */
  readonly members: ReadonlySet<string>;
}

interface Remembered<T> {
  readonly value: T;
  readonly readAt: number;
}

/** Permissions, group memberships and member counts change rarely; none of them has a hook. */
const REMEMBER_MS = 60_000;
const REMEMBERED = 5_000;
const GROUP_PAGE = 200;
/** `model.LicenseToLicenseTier`: those that allow group mentions. */
const GROUP_LICENSES = new Set(["professional", "enterprise", "advanced", "entry"]);

export interface AudiencePorts {
  readonly api: NotificationsApi;
  readonly members: Members;
  readonly channels: Channels;
  readonly threads: Threads;
  readonly choosers: Pick<Choosers, "has">;
  readonly defaults: () => OwnDefaults;
  readonly now: () => number;
}

export class Audiences {
  readonly #ports: AudiencePorts;
  #server: Promise<ServerRules> | null = null;
  #serverKnown: ServerRules | null = null;
  /** `author channel` → may the author address everybody there, and groups. */
  readonly #wholeChannel = new Map<string, Remembered<boolean>>();
  /** `author channel` → may the author address groups there; `group channel` → is the group one of that channel. */
  readonly #groupsAllowed = new Map<string, Remembered<boolean>>();
  readonly #groupOfChannel = new Map<string, Remembered<boolean>>();
  /** By name; null: no group, or one that may not be mentioned. */
  readonly #groups = new Map<string, Remembered<GroupFacts | null>>();
  #groupsLicensed = false;

  constructor(ports: AudiencePorts) {
    this.#ports = ports;
  }

  /** The server's configuration changed. */
  forgetServer(): void {
    this.#server = null;
    this.#serverKnown = null;
    this.#wholeChannel.clear();
    this.#groupsAllowed.clear();
    this.#groups.clear();
  }

  server(): Promise<ServerRules> {
    const { api } = this.#ports;
    this.#server ??= Promise.all([api.getConfig(), api.getLicense()])
      .then(([config, license]) => {
        this.#groupsLicensed = GROUP_LICENSES.has(license?.SkuShortName ?? "");
        this.#serverKnown = serverRulesOf(config);
        return this.#serverKnown;
      })
      .catch((error: unknown) => {
        this.#server = null;
        throw error;
      });
    return this.#server;
  }

  /** From memory alone, at once. `null`: memory does not know enough. */
  guess(post: PostFacts): Audience | null {
    const result = this.#attempt(post);
    return "missing" in result ? null : result;
  }

  /** `null`: the channel is gone. */
  async of(post: PostFacts): Promise<Audience | null> {
    for (let round = 0; round < 8; round += 1) {
      const result = this.#attempt(post);
      if (!("missing" in result)) return result;
      const found = await Promise.all(result.missing.map((one) => this.#load(one, post)));
      if (found.includes(false)) return null;
    }
    throw new Error("notifications: the facts about a post did not settle");
  }

  /** Whether anybody might be told; stops at the first. */
  concernsAnybody({ context, possible }: Audience): boolean {
    const roster = this.#ports.channels.known(context.channel.id);
    return possible.some((userId) => this.#couldBeTold(context, userId, roster?.members.get(userId)));
  }

  /**
   * Decides about some of the possible for good, with fresh rows: two calls, and one for each person whose
   * preferences matter and were never read.
   */
  async decide(
    audience: Audience,
    possible: readonly string[],
    count: (because: Refusal) => void,
  ): Promise<Told[]> {
    const { api, members, channels, choosers } = this.#ports;
    const context = { ...audience.context, now: this.#ports.now() };
    const roster = channels.known(context.channel.id);
    const candidates = possible.filter((id) => this.#couldBeTold(context, id, roster?.members.get(id)));
    if (candidates.length === 0) return [];
    const [rows, statuses] = await Promise.all([
      api.getChannelMembersByIds(context.channel.id, candidates),
      api.getUserStatusesByIds(candidates),
      members.loadChoices(candidates.filter((id) => choosers.has(id) || threadsAreChosen(context))),
    ]);
    const status = new Map<string, PersonStatus>(statuses.map((one) => [one.UserId, statusOf(one)]));
    const fresh = new Map(rows.map((row) => [row.UserId, row.NotifyProps]));
    const told: Told[] = [];
    for (const userId of candidates) {
      const notify = fresh.get(userId) ?? null;
      if (notify === null) channels.set(context.channel.id, userId, null);
      const objectId = members.objectId(userId);
      const member = notify && this.#member(userId, notify, status.get(userId) ?? OFFLINE);
      if (!member || objectId === null) {
        count("not_concerned");
        continue;
      }
      const verdict = judge(context, member);
      if (verdict.tell === null) count(verdict.because);
      else told.push({ userId, objectId, reason: verdict.tell, nameFormat: member.choices.nameFormat });
    }
    return told;
  }

  #attempt(post: PostFacts): Audience | { missing: Missing[] } {
    const { members, channels, threads } = this.#ports;
    if (!members.complete) return { missing: [{ kind: "members" }] };
    const missing: Missing[] = [];
    const server = this.#serverKnown;
    if (!server) missing.push({ kind: "server" });
    const roster = channels.known(post.channelId);
    if (!roster) missing.push({ kind: "roster" });
    if (!roster || !server) return { missing };
    if (roster.members.size === 0) return { context: emptyContext(post, roster, server), possible: [] };

    const names = new Set<string>();
    const keywords = this.#keywords(roster, names);
    const mentions = findMentions(textsOf(post), keywords);
    const unknownGroups = [...names].filter((name) => this.#known(this.#groups, name) === undefined);
    if (unknownGroups.length > 0) missing.push({ kind: "groups", names: unknownGroups });
    const groups = this.#allowedGroups(post, roster, mentions);
    if (groups === null) missing.push({ kind: "groups_allowed", names: [...mentions.groups] });
    const thread = post.rootId === "" ? null : threads.known(post.rootId);
    if (post.rootId !== "" && !thread) missing.push({ kind: "thread" });
    const threadFacts = thread ? this.#threadFacts(post, roster, thread) : null;
    const whole = mentions.everyone || mentions.here || (threadFacts?.channelNamed ?? false);
    const wholeChannel = whole ? this.#known(this.#wholeChannel, place(post)) : false;
    if (wholeChannel === undefined) missing.push({ kind: "whole_channel" });
    if (missing.length > 0) return { missing };

    const context: PostContext = {
      post,
      channel: roster.channel,
      mentions,
      groupMembers: new Set(groups?.flatMap((group) => [...group.members])),
      wholeChannel: wholeChannel ?? false,
      thread: threadFacts,
      server,
      now: this.#ports.now(),
    };
    return { context, possible: possibleIn(context, roster, members) };
  }

  /**
   * What memory has of the channel may be a moment old: who is not in it any more is asked about all the same.
   * Preferences that were never read may say either way whether threads are collapsed.
   */
  #couldBeTold(context: PostContext, userId: string, notify: Readonly<Record<string, string>> = {}): boolean {
    const member = this.#member(userId, notify, undefined);
    if (!member) return false;
    if (judge(context, member).tell !== null) return true;
    if (this.#ports.members.choices(userId) !== null) return false;
    const open = { ...member.choices, own: { ...member.choices.own, enabled: true } };
    return [true, false].some(
      (collapsedThreads) =>
        judge(context, { ...member, choices: { ...open, collapsedThreads } }).tell !== null,
    );
  }

  #member(
    userId: string,
    channelNotify: Readonly<Record<string, string>>,
    status: PersonStatus | undefined,
  ): Member | null {
    const person = this.#ports.members.person(userId);
    if (!person) return null;
    const stored = this.#ports.members.choices(userId);
    const own = withDefaults(stored?.own ?? nothingChosen, this.#ports.defaults());
    return {
      person,
      channelNotify,
      status,
      choices: {
        collapsedThreads: stored?.collapsedThreads ?? null,
        nameFormat: stored?.nameFormat ?? null,
        own,
      },
    };
  }

  /** `names` collects the words that may be groups. */
  #keywords(roster: Roster, names: Set<string>): Keywords {
    const people = this.#ports.members.keywordsAmong((userId) => roster.members.has(userId));
    return {
      ...people,
      group: (word) => {
        const name = word.slice(1);
        if (!this.#groupsLicensed || roster.channel.type === "D") return null;
        if (!/^[a-z0-9._-]{1,64}$/.test(name) || people.people(word).length > 0) return null;
        if (name === "here" || name === "all" || name === "channel") return null;
        names.add(name);
        return this.#known(this.#groups, name) ? name : null;
      },
    };
  }

  #threadFacts(post: PostFacts, roster: Roster, thread: Parameters<typeof factsOf>[0]): ThreadFacts {
    return factsOf(thread, post, (earlier) => {
      const found = findMentions(textsOf(earlier), this.#keywords(roster, new Set()));
      return { people: [...found.people.keys()], channel: found.everyone || found.here };
    });
  }

  /** `null`: not known yet whether they may be named here. */
  #allowedGroups(post: PostFacts, roster: Roster, mentions: Mentions): GroupFacts[] | null {
    if (mentions.groups.size === 0) return [];
    const allowed = this.#known(this.#groupsAllowed, place(post));
    if (allowed === undefined) return null;
    if (!allowed) return [];
    const groups: GroupFacts[] = [];
    for (const name of mentions.groups) {
      const group = this.#known(this.#groups, name);
      if (!group) continue;
      // Where membership follows groups, only those groups and custom ones can be named.
      const ofChannel =
        !roster.channel.groupConstrained || group.custom
          ? true
          : this.#known(this.#groupOfChannel, `${group.id} ${post.channelId}`);
      if (ofChannel === undefined) return null;
      if (ofChannel) groups.push(group);
    }
    return groups;
  }

  #known<T>(map: Map<string, Remembered<T>>, key: string): T | undefined {
    const known = map.get(key);
    return known && this.#ports.now() - known.readAt < REMEMBER_MS ? known.value : undefined;
  }

  #remember<T>(map: Map<string, Remembered<T>>, key: string, value: T): void {
    if (map.size > REMEMBERED) map.clear();
    map.set(key, { value, readAt: this.#ports.now() });
  }

  /** `false`: the channel does not exist. */
  async #load(missing: Missing, post: PostFacts): Promise<boolean> {
    const { api, members, channels, threads } = this.#ports;
    switch (missing.kind) {
      case "members":
        await members.ready();
        return true;
      case "server":
        await this.server();
        return true;
      case "roster":
        return (await channels.read(post.channelId)) !== null;
      case "thread":
        await threads.read(post.rootId);
        return true;
      case "whole_channel": {
        const [authorMay, stats, server] = await Promise.all([
          api.hasPermissionToChannel(post.authorId, post.channelId, { Id: "use_channel_mentions" }),
          api.getChannelStats(post.channelId),
          this.server(),
        ]);
        const allowed = wholeChannelAllowed({
          authorMay,
          activeMembers: stats?.MemberCount ?? Number.POSITIVE_INFINITY,
          limit: server.maxNotificationsPerChannel,
        });
        this.#remember(this.#wholeChannel, place(post), allowed);
        return true;
      }
      case "groups":
        for (const name of missing.names) {
          this.#remember(this.#groups, name, await this.#readGroup(name));
        }
        return true;
      case "groups_allowed":
        await this.#readGroupsAllowed(missing.names, post);
        return true;
    }
  }

  async #readGroup(name: string): Promise<GroupFacts | null> {
    const { api } = this.#ports;
    const group = await orNull(api.getGroupByName(name));
    if (!group || group.DeleteAt > 0 || !group.AllowReference) return null;
    const members = new Set<string>();
    for (let page = 0; ; page += 1) {
      const users = await api.getGroupMemberUsers(group.Id, page, GROUP_PAGE);
      for (const user of users) if (this.#ports.members.has(user.Id)) members.add(user.Id);
      if (users.length < GROUP_PAGE) break;
    }
    return { id: group.Id, custom: group.Source === "custom", members };
  }

  async #readGroupsAllowed(names: readonly string[], post: PostFacts): Promise<void> {
    const { api } = this.#ports;
    const permission = { Id: "use_group_mentions" };
    const allowed = await api.hasPermissionToChannel(post.authorId, post.channelId, permission);
    this.#remember(this.#groupsAllowed, place(post), allowed);
    if (!this.#ports.channels.known(post.channelId)?.channel.groupConstrained) return;
    for (const name of names) {
      const group = this.#known(this.#groups, name);
      if (!group || group.custom) continue;
      const tie = await orNull(api.getGroupSyncable(group.id, post.channelId, "Channel"));
      const ofChannel = tie !== null && tie.DeleteAt === 0;
      this.#remember(this.#groupOfChannel, `${group.id} ${post.channelId}`, ofChannel);
    }
  }
}

/** Only then do preferences other than ours decide: the person's own choice of collapsed threads. */
const threadsAreChosen = ({ post, server }: PostContext) =>
  post.rootId !== "" && server.collapsedThreads.startsWith("default_");

const place = (post: PostFacts) => `${post.authorId} ${post.channelId}`;

/** Cost follows those whom the post can concern, not the channel. */
function possibleIn(context: PostContext, roster: Roster, members: Members): string[] {
  const { channel, mentions, groupMembers, thread } = context;
  if (channel.type === "D" || channel.type === "G" || context.wholeChannel) return [...roster.members.keys()];
  const possible = new Set([...mentions.people.keys(), ...groupMembers, ...roster.attentive]);
  if (thread) for (const id of [thread.rootAuthorId, ...thread.writers, ...thread.named]) possible.add(id);
  for (const id of members.attentive) possible.add(id);
  return [...possible].filter((id) => roster.members.has(id));
}

function textsOf(post: PostFacts) {
  return {
    message: post.message,
    attachments: post.attachments.flatMap((one) => [one.pretext, one.text, ...one.fields]),
  };
}

function emptyContext(post: PostFacts, roster: Roster, server: ServerRules): PostContext {
  return {
    post,
    channel: roster.channel,
    mentions: { people: new Map(), groups: new Set(), here: false, everyone: false },
    groupMembers: new Set(),
    wholeChannel: false,
    thread: null,
    server,
    now: 0,
  };
}

/** "Not found" is an answer like any other. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AppError && error.statusCode === 404) return null;
    throw error;
  }
}
