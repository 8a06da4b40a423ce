/**
 * Collects the facts about a post that the rules need, and the people it can concern: from memory if possible,
 * otherwise from the server in few calls with many ids.
 */

import type { Channels, Roster } from "../members/channels.ts";
import type { Members } from "../members/members.ts";
import type { NotificationsApi } from "../ports.ts";
import { Remembered } from "../remembered.ts";
import type { PostFacts, ServerRules, ThreadFacts } from "./facts.ts";
import { serverRulesOf } from "./from-mattermost.ts";
import { Groups, place } from "./groups.ts";
import { findMentions, type Keywords } from "./mentions.ts";
import type { PostContext } from "./rule-input.ts";
import { wholeChannelAllowed } from "./rules.ts";
import { factsOf, type Threads } from "./threads.ts";

export interface Audience {
  readonly context: PostContext;
  /** The people whom the post can concern, in no particular order. */
  readonly possible: readonly string[];
}

/** A fact that is not in memory. */
type Missing =
  | { readonly kind: "members" }
  | { readonly kind: "server" }
  | { readonly kind: "roster" }
  | { readonly kind: "thread" }
  | { readonly kind: "whole_channel" }
  | { readonly kind: "groups"; readonly names: readonly string[] }
  | { readonly kind: "groups_allowed"; readonly names: readonly string[] };

export interface PostContextPorts {
  readonly api: NotificationsApi;
  readonly members: Members;
  readonly channels: Channels;
  readonly threads: Threads;
  readonly now: () => number;
}

export class PostContexts {
  readonly #ports: PostContextPorts;
  #server: Promise<ServerRules> | null = null;
  #serverKnown: ServerRules | null = null;
  /** `author channel` → whether the author may mention everybody there, and groups. */
  readonly #wholeChannel: Remembered<boolean>;
  readonly #groups: Groups;

  constructor(ports: PostContextPorts) {
    this.#ports = ports;
    this.#wholeChannel = new Remembered(ports.now);
    this.#groups = new Groups(ports);
  }

  /** Called when the server's configuration has changed. */
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

  /** Answers at once from memory; `null` when memory does not have enough facts. */
  guess(post: PostFacts): Audience | null {
    const result = this.#attempt(post);
    return "missing" in result ? null : result;
  }

  /** Resolves with `null` when the channel no longer exists. */
  async of(post: PostFacts): Promise<Audience | null> {
    for (let round = 0; round < 8; round += 1) {
      const result = this.#attempt(post);
      if (!("missing" in result)) return result;
      const found = await Promise.all(result.missing.map((one) => this.#load(one, post)));
      if (found.includes(false)) return null;
    }
    throw new Error("notifications: the facts about a post did not settle");
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

  /** Returns `false` when the channel does not exist. */
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

/** The cost follows the people whom the post can concern, not the size of the channel. */
function possibleIn(context: PostContext, roster: Roster, members: Members): string[] {
  const { channel, mentions, groupMembers, thread } = context;
  if (channel.type === "D" || channel.type === "G" || context.wholeChannel) return [...roster.members.keys()];
  const possible = new Set([...mentions.people.keys(), ...groupMembers, ...roster.allActivity]);
  if (thread) for (const id of [thread.rootAuthorId, ...thread.writers, ...thread.named]) possible.add(id);
  for (const id of members.allActivity) possible.add(id);
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
