/**
 * The recipients of a post, and the reason of each: the Mattermost server's own decision to push a message to a
 * phone, applied to the Teams activity feed. Pure. The rules are in the order of the server's, since
 * each assumes that the ones above it did not decide.
 *
 * Source: channels/app/notification.go and notification_push.go of server 11. Where older servers differ:
 * group messages are a "mention" for everybody in them since 9.9 (GM_MENTION), and activity in a
 * channel does not hold back replies in collapsed threads since 9.10. We do so on every version.
 */

import { isQuiet } from "../../../platform/preferences/index.ts";
import type { PersonStatus } from "./facts.ts";
import { type MentionKind, mentionRank } from "./mentions.ts";
import { type Reason, reasons } from "./reasons.ts";
import type { Member, PostContext } from "./rule-input.ts";
import { acceptsChannelMentions, collapsed, followsThread, threadPushes } from "./thread-rules.ts";

export { type Reason, reasons };

/** Why a possible recipient gets no activity. Counted, and shown to admins. */
export type Refusal =
  | "not_concerned"
  | "system_message"
  | "author"
  | "channel_archived"
  | "channel_muted"
  | "level_none"
  | "not_mentioned"
  | "status"
  | "active_in_channel"
  | "switched_off"
  | "reason_off"
  | "quiet_hours"
  | "not_away"
  | "post_changed"
  | "from_microsoft";

export type Verdict =
  /**
   * `assumed`: true only because we assume that the person follows the thread, which the plugin API does not report.
   */
  { readonly reason: Reason; readonly assumed?: true } | { readonly reason: null; readonly because: Refusal };

/** The server ignores @channel, @all and @here at this many active members or more. */
export function wholeChannelAllowed(facts: {
  authorMay: boolean;
  activeMembers: number;
  limit: number;
}): boolean {
  return facts.authorMay && facts.activeMembers < facts.limit;
}

/** Judges one member. With `status` undefined the result means "a recipient, unless the status says no". */
export function judge(context: PostContext, member: Member): Verdict {
  const { post, channel } = context;
  const { person, channelNotify } = member;
  if (post.type.startsWith("system_")) return no("system_message");
  if (post.edited || post.deleted) return no("post_changed");
  // The server pushes it to phones, but Teams has already notified about it.
  if (post.fromMicrosoft) return no("from_microsoft");
  if (channel.archived) return no("channel_archived");
  if (post.authorId === person.id && !post.fromWebhook) return no("author");

  const kind = mentionOf(context, member);
  if (followsThread(context, member, kind) && threadPushes(person.notify, channelNotify, kind !== null)) {
    if (kind !== null) return last(context, member, reasonOf(kind), true);
    const verdict = last(context, member, "thread_reply", true);
    return verdict.reason === null ? verdict : { ...verdict, assumed: true };
  }
  if (kind !== null) {
    const refusal = levelRefuses(context, member, mentionRank[kind] > mentionRank.group_message);
    return refusal ? no(refusal) : last(context, member, reasonOf(kind), false);
  }
  if (wantsEverything(context, member)) {
    const refusal = levelRefuses(context, member, false);
    return refusal ? no(refusal) : last(context, member, "keyword", false);
  }
  return no("not_concerned");
}

/** Refusals because of the person or the post itself; the server's push decision does not override them. */
const FINAL: ReadonlySet<Refusal> = new Set([
  "system_message",
  "post_changed",
  "from_microsoft",
  "channel_archived",
  "author",
  "channel_muted",
  "level_none",
  "switched_off",
  "reason_off",
  "quiet_hours",
  "not_away",
]);

/**
 * Judges a person for whom the server decided to push: the server knows what we cannot see, such as who follows a
 * thread. Only the person's choices in this plugin, and their changes since the decision, can still refuse.
 */
export function judgePushed(context: PostContext, member: Member): Verdict {
  const verdict = judge(context, member);
  if (verdict.reason !== null) return { reason: verdict.reason };
  if (FINAL.has(verdict.because)) return verdict;
  const level = member.channelNotify.push || "default";
  if ((level === "default" ? member.person.notify.push : level) === "none") return no("level_none");
  const status = member.status?.status;
  if (status === "dnd" || status === "ooo") return no("status");
  const reason = reasonOfPush(context, member);
  const refusal = ownRefusal(context, member, reason);
  if (refusal) return no(refusal);
  if (member.choices.own.onlyWhenAway && status === "online") return no("not_away");
  return { reason: reason };
}

/** The reason for an activity when the server decided to push, which it does without giving a reason. */
function reasonOfPush({ post, channel, mentions, groupMembers }: PostContext, { person }: Member): Reason {
  const named = mentions.people.get(person.id);
  if (named) return reasonOf(named);
  if (groupMembers.has(person.id)) return "mention";
  if (channel.type === "D") return "direct_message";
  if (channel.type === "G") return "group_message";
  if (mentions.here || mentions.everyone) return "channel_mention";
  return post.rootId === "" ? "keyword" : "thread_reply";
}

/** How the post concerns the person: the strongest way if there are several, null if none. */
function mentionOf(context: PostContext, member: Member): MentionKind | null {
  const { post, channel, mentions, thread } = context;
  const id = member.person.id;
  if (channel.type === "D") return channel.name.split("__").includes(id) ? "direct_message" : null;
  if (context.groupMembers.has(id) && post.authorId !== id) return "group";

  const kinds: MentionKind[] = [];
  const named = mentions.people.get(id);
  if (named) kinds.push(named);
  if (wholeChannelReaches(context, member)) kinds.push("channel");
  if (channel.type === "G") kinds.push("group_message");
  if (thread && !collapsed(context, member)) {
    const comments = member.person.notify.comments;
    const started = thread.rootAuthorId === id && !thread.rootByIntegration;
    if (started && (comments === "any" || comments === "root")) kinds.push("comment");
    else if (comments === "any" && thread.writers.has(id)) kinds.push("thread");
  }
  return kinds.reduce<MentionKind | null>(
    (best, kind) => (best === null || mentionRank[kind] > mentionRank[best] ? kind : best),
    null,
  );
}

function wholeChannelReaches(context: PostContext, member: Member): boolean {
  const { mentions } = context;
  if (!context.wholeChannel || !(mentions.everyone || mentions.here)) return false;
  if (!acceptsChannelMentions(member)) return false;
  if (mentions.everyone) return true;
  return member.status === undefined || member.status.status === "online";
}

function wantsEverything(context: PostContext, member: Member): boolean {
  if (context.post.rootId !== "" && collapsed(context, member)) return false;
  return member.person.notify.push === "all" || member.channelNotify.push === "all";
}

function levelRefuses(context: PostContext, member: Member, mentioned: boolean): Refusal | null {
  const { notify } = member.person;
  let level = member.channelNotify.push || "default";
  if (level === "default") {
    level = notify.push ?? "";
    if (context.channel.type === "G" && level === "mention") level = "all";
  }
  if (member.channelNotify.mark_unread === "mention") return "channel_muted";
  if (level === "none") return "level_none";
  if (level === "mention" && !mentioned) return "not_mentioned";
  return null;
}

/** The server treats a channel as open for this long after the last activity in it (model.StatusChannelTimeout). */
const CHANNEL_TIMEOUT_MS = 20_000;

function last(context: PostContext, member: Member, reason: Reason, threadView: boolean): Verdict {
  const own = ownRefusal(context, member, reason);
  if (own) return no(own);
  const { status } = member;
  if (status === undefined) return { reason: reason };
  const refusal = statusRefuses(context, member.person.notify, status, threadView);
  if (refusal) return no(refusal);
  if (member.choices.own.onlyWhenAway && status.status === "online") return no("not_away");
  return { reason: reason };
}

/** Refusals because of the person's choices in this plugin's own settings. */
function ownRefusal(context: PostContext, { choices, person }: Member, reason: Reason): Refusal | null {
  const { enabled, off, quiet } = choices.own;
  if (!enabled) return "switched_off";
  if (off.has(reason)) return "reason_off";
  return quiet && isQuiet(quiet, context.now, person.timezone) ? "quiet_hours" : null;
}

function statusRefuses(
  context: PostContext,
  notify: Readonly<Record<string, string>>,
  status: PersonStatus,
  threadView: boolean,
): Refusal | null {
  if (status.status === "dnd" || status.status === "ooo") return "status";
  const wants = notify.push_status;
  if (wants === undefined || wants === "online") {
    const elsewhere =
      status.activeChannel !== context.channel.id ||
      context.now - status.lastActivityAt > CHANNEL_TIMEOUT_MS ||
      threadView;
    return elsewhere ? null : "active_in_channel";
  }
  if (wants === "away" && (status.status === "away" || status.status === "offline")) return null;
  if (wants === "offline" && status.status === "offline") return null;
  return "status";
}

function reasonOf(kind: MentionKind): Reason {
  switch (kind) {
    case "direct_message":
    case "group_message":
    case "keyword":
      return kind;
    case "channel":
      return "channel_mention";
    case "comment":
    case "thread":
      return "thread_reply";
    case "name":
    case "group":
      return "mention";
  }
}

function no(because: Refusal): Verdict {
  return { reason: null, because };
}
