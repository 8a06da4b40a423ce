/**
 * From a post to the people to tell: collects the facts the rules need, from memory where it can, and from the
 * server in few calls with many ids where it must.
 */

import type { Channels, Roster } from "./channels.ts";
import type { Choosers } from "./choosers.ts";
import type { PersonStatus, PostFacts, ServerRules, ThreadFacts } from "./facts.ts";
import { OFFLINE, serverRulesOf, statusOf } from "./from-mattermost.ts";
import { Groups, place } from "./groups.ts";
import type { Members } from "./members.ts";
import { findMentions, type Keywords } from "./mentions.ts";
import { nothingChosen, type OwnDefaults, withDefaults } from "./own-settings.ts";
import type { NotificationsApi } from "./ports.ts";
import { Remembered } from "./remembered.ts";
import {
  judge,
  judgeHeard,
  type Member,
  type PostContext,
  type Reason,
  type Refusal,
  type Verdict,
  wholeChannelAllowed,
} from "./rules.ts";
import { factsOf, type Threads } from "./threads.ts";

export interface Told {
  readonly userId: string;
  readonly objectId: string;
  readonly reason: Reason;
  readonly nameFormat: string | null;
  /** What the decision was made from, for the last look before the request leaves. */
  readonly member: Member;
}

export interface Audience {
  readonly context: PostContext;
  /** Whom the post can concern at all, in no order. Everybody else needs no look. */
  readonly possible: readonly string[];
}

/** `covered`: our rules tell them anyway. `unwanted`: the person switched it off in this plugin. */
export type Expectation = "covered" | "unwanted" | "missed";

/** What memory could not answer. */
type Missing =
  | { readonly kind: "members" }
  | { readonly kind: "server" }
  | { readonly kind: "roster" }
  | { readonly kind: "thread" }
  | { readonly kind: "whole_channel" }
  | { readonly kind: "groups"; readonly names: readonly string[] }
  | { readonly kind: "groups_allowed"; readonly names: readonly string[] };

/** For so few people preferences that were never read are worth a call each: how they want names to be shown. */
const FEW = 5;

export interface AudiencePorts {
  readonly api: NotificationsApi;
  readonly members: Members;
  readonly channels: Channels;
  readonly threads: Threads;
  readonly choosers: Pick<Choosers, "has">;
  readonly defaults: () => OwnDefaults;
  readonly now: () => number;
  /** Whom the server decided to push to about a post, as far as this node heard. */
  readonly heard?: (postId: string) => ReadonlySet<string>;
}

export class Audiences {
  readonly #ports: AudiencePorts;
  #server: Promise<ServerRules> | null = null;
  #serverKnown: ServerRules | null = null;
  /** `author channel` → may the author address everybody there, and groups. */
  readonly #wholeChannel: Remembered<boolean>;
  readonly #groups: Groups;

  constructor(ports: AudiencePorts) {
    this.#ports = ports;
    this.#wholeChannel = new Remembered(ports.now);
    this.#groups = new Groups(ports);
  }

  /** The server's configuration changed. */
  forgetServer(): void {
    this.#server = null;
    this.#serverKnown = null;
    this.#wholeChannel.clear();
    this.#groups.forget();
  }

  server(): Promise<ServerRules> {
    const { api } = this.#ports;
    this.#server ??= Promise.all([api.getConfig(), api.getLicense()])
      .then(([config, license]) => {
        if (!config) throw new Error("the server did not give its configuration");
        this.#groups.licence(license);
        this.#serverKnown = serverRulesOf(config, license);
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

  /** What memory expects of a person whom the server decided to push to. */
  expects({ context }: Audience, userId: string): Expectation {
    const roster = this.#ports.channels.known(context.channel.id);
    const member = this.#member(userId, roster?.members.get(userId) ?? {}, undefined);
    if (!member) return "missed";
    const verdict = judge({ ...context, now: this.#ports.now() }, member);
    if (verdict.tell !== null) return verdict.assumed ? "missed" : "covered";
    const unwanted = verdict.because === "switched_off" || verdict.because === "reason_off";
    return unwanted && this.#ports.members.choices(userId) !== null ? "unwanted" : "missed";
  }

  /**
   * Decides about some of the possible for good, with fresh rows: two calls, and one for each person whose
   * preferences matter and were never read. `heard`: the server decided to push to all of these.
   */
  async decide(
    audience: Audience,
    possible: readonly string[],
    count: (because: Refusal) => void,
    heard: ReadonlySet<string> | null = null,
  ): Promise<Told[]> {
    const { api, members, channels, choosers } = this.#ports;
    const context = { ...audience.context, now: this.#ports.now() };
    const roster = channels.known(context.channel.id);
    const candidates = possible.filter(
      (id) => members.has(id) && (heard?.has(id) || this.#couldBeTold(context, id, roster?.members.get(id))),
    );
    if (candidates.length === 0) return [];
    const few = candidates.length <= FEW;
    const [rows, statuses] = await Promise.all([
      api.getChannelMembersByIds(context.channel.id, candidates),
      api.getUserStatusesByIds(candidates),
      members.loadChoices(candidates.filter((id) => few || choosers.has(id) || threadsAreChosen(context))),
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
      const verdict = this.#verdict(context, member, heard);
      if (verdict.tell === null) count(verdict.because);
      // The server decides about followers, where it can be heard: without its word they are not told.
      else if (!verdict.assumed) {
        told.push({ userId, objectId, reason: verdict.tell, nameFormat: member.choices.nameFormat, member });
      }
    }
    return told;
  }

  /**
   * The last look before a request leaves: the recipients' profiles are read again, in one call. Answers who is
   * still to be told as it was decided, and who is to be told for another reason now.
   */
  async confirm(
    audience: Audience,
    batch: readonly Told[],
    count: (because: Refusal) => void,
    heard: ReadonlySet<string> | null = null,
  ): Promise<{ keep: readonly Told[]; otherwise: readonly Told[] }> {
    const changed = await this.#ports.members.reread(batch.map((one) => one.userId));
    if (changed.size === 0) return { keep: batch, otherwise: [] };
    const { context } = (await this.of(audience.context.post)) ?? audience;
    const keep: Told[] = [];
    const otherwise: Told[] = [];
    for (const one of batch) {
      if (!changed.has(one.userId)) {
        keep.push(one);
        continue;
      }
      const { channelNotify, status } = one.member;
      const member = this.#member(one.userId, channelNotify, status);
      if (!member) {
        count("not_concerned");
        continue;
      }
      const verdict = this.#verdict({ ...context, now: this.#ports.now() }, member, heard);
      if (verdict.tell === null) count(verdict.because);
      else if (verdict.assumed) continue;
      else if (verdict.tell === one.reason) keep.push({ ...one, member });
      else otherwise.push({ ...one, reason: verdict.tell, member });
    }
    return { keep, otherwise };
  }

  #verdict(context: PostContext, member: Member, heard: ReadonlySet<string> | null): Verdict {
    const { id } = member.person;
    const pushed = heard?.has(id) || (this.#ports.heard?.(context.post.id).has(id) ?? false);
    if (pushed) return judgeHeard(context, member);
    const verdict = judge(context, member);
    if (verdict.tell === null || context.server.pushes) return verdict;
    return { tell: verdict.tell };
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
    const unknownGroups = [...names].filter((name) => this.#groups.known(name) === undefined);
    if (unknownGroups.length > 0) missing.push({ kind: "groups", names: unknownGroups });
    const groups = this.#groups.allowed(post, roster, mentions);
    if (groups === null) missing.push({ kind: "groups_allowed", names: [...mentions.groups] });
    const thread = post.rootId === "" ? null : threads.known(post.rootId);
    if (post.rootId !== "" && !thread) missing.push({ kind: "thread" });
    const threadFacts = thread ? this.#threadFacts(post, roster, thread) : null;
    const whole = mentions.everyone || mentions.here || (threadFacts?.channelNamed ?? false);
    const wholeChannel = whole ? this.#wholeChannel.get(place(post)) : false;
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
    const tells = (one: Member) => this.#verdict(context, one, null);
    const counts = (verdict: Verdict) => verdict.tell !== null && !verdict.assumed;
    if (counts(tells(member))) return true;
    if (this.#ports.members.choices(userId) !== null) return false;
    const open = { ...member.choices, own: { ...member.choices.own, enabled: true } };
    return [true, false].some((collapsedThreads) =>
      counts(tells({ ...member, choices: { ...open, collapsedThreads } })),
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
        if (!this.#groups.licensed || roster.channel.type === "D") return null;
        if (!/^[a-z0-9._-]{1,64}$/.test(name) || people.people(word).length > 0) return null;
        if (name === "here" || name === "all" || name === "channel") return null;
        names.add(name);
        return this.#groups.known(name) ? name : null;
      },
    };
  }

  #threadFacts(post: PostFacts, roster: Roster, thread: Parameters<typeof factsOf>[0]): ThreadFacts {
    return factsOf(thread, post, (earlier) => {
      const found = findMentions(textsOf(earlier), this.#keywords(roster, new Set()));
      return { people: [...found.people.keys()], channel: found.everyone || found.here };
    });
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
        this.#wholeChannel.set(place(post), allowed);
        return true;
      }
      case "groups":
        await this.#groups.read(missing.names);
        return true;
      case "groups_allowed":
        await this.#groups.readAllowed(missing.names, post);
        return true;
    }
  }
}

/** Only then do preferences other than ours decide: the person's own choice of collapsed threads. */
const threadsAreChosen = ({ post, server }: PostContext) =>
  post.rootId !== "" && server.collapsedThreads.startsWith("default_");

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
