/** Decides whom activity in a thread concerns: with collapsed threads, replies go to followers. */

import type { MentionKind } from "./mentions.ts";
import type { Member, PostContext } from "./rule-input.ts";

/** Whether @channel notifies the member: a muted channel ignores it unless its settings say otherwise. */
export function acceptsChannelMentions(member: Member): boolean {
  const ignore = member.channelNotify.ignore_channel_mentions;
  const muted = member.channelNotify.mark_unread === "mention";
  if (ignore === "on" || (muted && ignore === "default")) return false;
  return member.person.notify.channel === "true";
}

export function collapsed(context: PostContext, member: Member): boolean {
  switch (context.server.collapsedThreads) {
    case "disabled":
      return false;
    case "always_on":
      return true;
    default:
      return member.choices.collapsedThreads ?? context.server.collapsedThreads === "default_on";
  }
}

/**
 * With collapsed threads, replies go to followers. The plugin API does not report who follows a thread, so we deduce
 * it from what makes the server add followers: replying in it, being mentioned in it, starting it, or the channel's
 * "follow all threads". The plugin does not see when somebody follows or unfollows by hand.
 */
export function followsThread(context: PostContext, member: Member, kind: MentionKind | null): boolean {
  const { post, thread, server } = context;
  if (post.rootId === "" || !server.threadAutoFollow || !collapsed(context, member)) return false;
  if (kind !== null) return true;
  const id = member.person.id;
  if (context.channel.type !== "D" && member.channelNotify.channel_auto_follow_threads === "on") return true;
  if (!thread) return false;
  if (thread.rootAuthorId === id && !thread.rootFromWebhook) return true;
  if (thread.writers.has(id) || thread.named.has(id)) return true;
  return thread.channelNamed && context.wholeChannel && acceptsChannelMentions(member);
}

/** The level for followed threads: the channel's own if it has one, else the person's. */
export function threadPushes(
  notify: Readonly<Record<string, string>>,
  channelNotify: Readonly<Record<string, string>>,
  mentioned: boolean,
): boolean {
  const level = channelNotify.push || "default";
  if (level !== "default") {
    return level !== "none" && (mentioned || channelNotify.push_threads === "all" || level === "all");
  }
  return notify.push !== "none" && (mentioned || notify.push_threads === "all" || notify.push === "all");
}
