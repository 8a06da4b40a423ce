/** Chooses the recipients of a post by the rules, and checks them again just before the request is sent. */

import type { OwnChoices } from "../members/own-choices.ts";
import { nothingChosen, type OwnDefaults, withDefaults } from "../members/own-settings.ts";
import type { PersonStatus, PostFacts, ServerRules } from "./facts.ts";
import { OFFLINE, statusOf } from "./from-mattermost.ts";
import { type Audience, type PostContextPorts, PostContexts } from "./post-context.ts";
import type { Member, PostContext } from "./rule-input.ts";
import { judge, judgePushed, type Reason, type Refusal, type Verdict } from "./rules.ts";

export type { Audience } from "./post-context.ts";

export interface PostRecipient {
  readonly userId: string;
  readonly objectId: string;
  readonly reason: Reason;
  readonly nameFormat: string | null;
  /** The facts behind the decision, for the check just before the request is sent. */
  readonly member: Member;
}

/** `covered`: our rules notify them anyway. `unwanted`: the person switched it off in this plugin. */
export type Expectation = "covered" | "unwanted" | "missed";

/** For at most this many people, unread preferences (how names are to be displayed) are worth a call each. */
const FEW = 5;

export interface AudiencePorts extends PostContextPorts {
  readonly ownChoices: Pick<OwnChoices, "has">;
  readonly defaults: () => OwnDefaults;
  /** The people for whom the server decided to push a post, as far as this node knows. */
  readonly pushedTo?: (postId: string) => ReadonlySet<string>;
}

export class Audiences {
  readonly #ports: AudiencePorts;
  readonly #contexts: PostContexts;

  constructor(ports: AudiencePorts) {
    this.#ports = ports;
    this.#contexts = new PostContexts(ports);
  }

  /** Called when the server's configuration has changed. */
  forgetServer(): void {
    this.#contexts.forgetServer();
  }

  server(): Promise<ServerRules> {
    return this.#contexts.server();
  }

  /** Answers at once from memory; `null` when memory does not have enough facts. */
  guess(post: PostFacts): Audience | null {
    return this.#contexts.guess(post);
  }

  /** Resolves with `null` when the channel no longer exists. */
  of(post: PostFacts): Promise<Audience | null> {
    return this.#contexts.of(post);
  }

  /** Whether there may be a recipient; stops at the first. */
  concernsAnybody({ context, possible }: Audience): boolean {
    const roster = this.#ports.channels.known(context.channel.id);
    return possible.some((userId) => this.#canBeRecipient(context, userId, roster?.members.get(userId)));
  }

  /** Applies our rules, with the facts in memory, to a person for whom the server decided to push. */
  expects({ context }: Audience, userId: string): Expectation {
    const roster = this.#ports.channels.known(context.channel.id);
    const member = this.#member(userId, roster?.members.get(userId) ?? {}, undefined);
    if (!member) return "missed";
    const verdict = judge({ ...context, now: this.#ports.now() }, member);
    if (verdict.reason !== null) return verdict.assumed ? "missed" : "covered";
    const unwanted = verdict.because === "switched_off" || verdict.because === "reason_off";
    return unwanted && this.#ports.members.choices(userId) !== null ? "unwanted" : "missed";
  }

  /**
   * Makes the final decision about some of the possible recipients, with fresh data: two calls, and one for each
   * person whose preferences matter and were never read. `pushedTo`: the server decided to push to all of them.
   */
  async decide(
    audience: Audience,
    possible: readonly string[],
    count: (because: Refusal) => void,
    pushedTo: ReadonlySet<string> | null = null,
  ): Promise<PostRecipient[]> {
    const { api, members, channels, ownChoices } = this.#ports;
    const context = { ...audience.context, now: this.#ports.now() };
    const roster = channels.known(context.channel.id);
    const candidates = possible.filter(
      (id) =>
        members.has(id) && (pushedTo?.has(id) || this.#canBeRecipient(context, id, roster?.members.get(id))),
    );
    if (candidates.length === 0) return [];
    const few = candidates.length <= FEW;
    const [rows, statuses] = await Promise.all([
      api.getChannelMembersByIds(context.channel.id, candidates),
      api.getUserStatusesByIds(candidates),
      members.loadChoices(candidates.filter((id) => few || ownChoices.has(id) || threadsAreChosen(context))),
    ]);
    const status = new Map<string, PersonStatus>(statuses.map((one) => [one.UserId, statusOf(one)]));
    const fresh = new Map(rows.map((row) => [row.UserId, row.NotifyProps]));
    const recipients: PostRecipient[] = [];
    for (const userId of candidates) {
      const notify = fresh.get(userId) ?? null;
      if (notify === null) channels.set(context.channel.id, userId, null);
      const objectId = members.objectId(userId);
      const member = notify && this.#member(userId, notify, status.get(userId) ?? OFFLINE);
      if (!member || objectId === null) {
        count("not_concerned");
        continue;
      }
      const verdict = this.#verdict(context, member, pushedTo);
      if (verdict.reason === null) count(verdict.because);
      // When the server reports its decisions, it decides about followers: without such a decision they get no
      // activity.
      else if (!verdict.assumed) {
        recipients.push({
          userId,
          objectId,
          reason: verdict.reason,
          nameFormat: member.choices.nameFormat,
          member,
        });
      }
    }
    return recipients;
  }

  /**
   * The last check before a request is sent, which may be long after the decision: the recipients' profiles, links and
   * own choices as they are now. Those in `keep` get the activity as decided, those in `otherwise` get one for another
   * reason.
   */
  async confirm(
    audience: Audience,
    batch: readonly PostRecipient[],
    count: (because: Refusal) => void,
    pushedTo: ReadonlySet<string> | null = null,
  ): Promise<{ keep: readonly PostRecipient[]; otherwise: readonly PostRecipient[] }> {
    const now = await this.#readAgain(batch);
    if (batch.every((one) => Bun.deepEquals(now.get(one.userId), one))) return { keep: batch, otherwise: [] };
    const { context } = (await this.of(audience.context.post)) ?? audience;
    const keep: PostRecipient[] = [];
    const otherwise: PostRecipient[] = [];
    for (const one of batch) {
      const again = now.get(one.userId);
      if (!again) {
        count("not_concerned");
        continue;
      }
      if (Bun.deepEquals(again, one)) {
        keep.push(one);
        continue;
      }
      const verdict = this.#verdict({ ...context, now: this.#ports.now() }, again.member, pushedTo);
      if (verdict.reason === null) count(verdict.because);
      else if (verdict.assumed) continue;
      else if (verdict.reason === one.reason) keep.push(again);
      else otherwise.push({ ...again, reason: verdict.reason });
    }
    return { keep, otherwise };
  }

  /** Reads these people again. Returns those who get no summary: they are gone, or switched notifications off. */
  async unwanted(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { ownChoices, defaults, members } = this.#ports;
    const [unwanted] = await Promise.all([
      members.unwanted(userIds),
      members.loadChoices(userIds.filter((userId) => ownChoices.has(userId))),
    ]);
    const isOff = (userId: string) =>
      !withDefaults(members.choices(userId)?.own ?? nothingChosen, defaults()).enabled;
    return new Set(userIds.filter((userId) => unwanted.has(userId) || isOff(userId)));
  }

  /** Reads their profiles again, in one call, and own choices that changed. People who no longer exist are absent. */
  async #readAgain(batch: readonly PostRecipient[]): Promise<ReadonlyMap<string, PostRecipient>> {
    const { ownChoices, members } = this.#ports;
    const userIds = batch.map((one) => one.userId);
    await Promise.all([
      members.reread(userIds),
      members.loadChoices(userIds.filter((userId) => ownChoices.has(userId))),
    ]);
    const now = new Map<string, PostRecipient>();
    for (const one of batch) {
      const { channelNotify, status } = one.member;
      const member = this.#member(one.userId, channelNotify, status);
      const objectId = members.objectId(one.userId);
      if (member && objectId !== null) now.set(one.userId, { ...one, objectId, member });
    }
    return now;
  }

  #verdict(context: PostContext, member: Member, pushedTo: ReadonlySet<string> | null): Verdict {
    const { id } = member.person;
    const pushed = pushedTo?.has(id) || (this.#ports.pushedTo?.(context.post.id).has(id) ?? false);
    if (pushed) return judgePushed(context, member);
    const verdict = judge(context, member);
    if (verdict.reason === null || context.server.pushes) return verdict;
    return { reason: verdict.reason };
  }

  /**
   * Whether a person can be a recipient. The cached roster may be slightly outdated and contain people who left.
   * Preferences that were never read may say either way whether threads are collapsed.
   */
  #canBeRecipient(
    context: PostContext,
    userId: string,
    notify: Readonly<Record<string, string>> = {},
  ): boolean {
    const member = this.#member(userId, notify, undefined);
    if (!member) return false;
    const tells = (one: Member) => this.#verdict(context, one, null);
    const counts = (verdict: Verdict) => verdict.reason !== null && !verdict.assumed;
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
}

/** Only in this case do preferences outside this plugin matter: the person's own choice of collapsed threads. */
const threadsAreChosen = ({ post, server }: PostContext) =>
  post.rootId !== "" && server.collapsedThreads.startsWith("default_");
