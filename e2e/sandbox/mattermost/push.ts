/**
 * Determines the recipients of a push and the followers of a thread (channels/app/notification.go and
 * notification_push.go of server 11). Mentions are found with simple expressions; everything else follows the
 * server's order.
 */

import type {
  Channel,
  ChannelMember,
  Post,
  PushNotification,
  User,
} from "../../../server/runtime/mattermost/index.ts";
import * as model from "../../../server/runtime/mattermost/wire/model.gen.ts";
import type { World } from "./world.ts";
import { complete } from "./zero.ts";

/** Ordered as on the server: if a post mentions a person in several ways, the highest wins. */
const rank = {
  group_message: 1,
  thread: 2,
  comment: 3,
  channel: 4,
  direct: 5,
  keyword: 6,
  group: 7,
} as const;
type Kind = keyof typeof rank;

interface Reader {
  readonly user: User;
  readonly member: ChannelMember;
}

/** A post, with the people who can read it. */
interface Posted {
  readonly post: Post;
  readonly channel: Channel;
  readonly readers: readonly Reader[];
  /** The post that it answers. */
  readonly root: Post | undefined;
}

/**
 * Updates thread memberships, then calls NotificationWillBePushed once for each person who would get a push.
 */
export async function pushPost(world: World, post: Post, node: string | undefined): Promise<void> {
  const channel = world.channels.get(post.ChannelId);
  if (!channel || channel.DeleteAt > 0) return;
  const readers = world.channelMembers(channel.Id).flatMap((member): Reader[] => {
    const user = world.users.get(member.UserId);
    return user && user.DeleteAt === 0 && !user.IsBot ? [{ user, member }] : [];
  });
  const root = post.RootId === "" ? undefined : world.posts.get(post.RootId);
  const posted: Posted = { post, channel, readers, root };
  const mentions = mentionsOf(world, posted);
  if (root && world.config.ServiceSettings.ThreadAutoFollow === true)
    follow(world, { ...posted, root }, mentions);
  if (world.config.EmailSettings.SendPushNotifications !== true || post.Type.startsWith("system_")) return;
  for (const reader of readers) {
    if (!isPushed(world, posted, reader, mentions.get(reader.user.Id))) continue;
    await push(world, node, reader.user.Id, messageOf(world, post, channel, reader.user));
  }
}

/**
 * Every push passes through the hook, including those of plugins and the silent ones that clear a badge.
 */
export async function push(
  world: World,
  node: string | undefined,
  userId: string,
  notification: PushNotification,
): Promise<void> {
  const sink = world.sinkOn(node);
  let sent = notification;
  if (sink?.has("notificationWillBePushed")) {
    const answer = await sink.call("notificationWillBePushed", notification, userId).catch(() => null);
    const [replacement, rejection] = (answer ?? [null, ""]) as [PushNotification | null, string];
    if (rejection !== "") return;
    sent = replacement ?? notification;
  }
  world.pushes.push({ userId, message: sent.Message, type: sent.Type });
}

function mentionsOf(world: World, posted: Posted): Map<string, Kind> {
  const { post, channel, readers, root } = posted;
  const found = new Map<string, Kind>();
  const add = (userId: string, kind: Kind) => {
    const before = found.get(userId);
    if (!before || rank[before] < rank[kind]) found.set(userId, kind);
  };
  if (channel.Type === "D") {
    for (const { user } of readers) if (user.Id !== post.UserId) add(user.Id, "direct");
    return found;
  }
  for (const [userId, kind] of namedIn(world, posted)) add(userId, kind);
  for (const { user } of readers) {
    if (channel.Type === "G") add(user.Id, "group_message");
    if (!root || collapsed(world, user.Id)) continue;
    const comments = user.NotifyProps.comments;
    const wrote = world.postsIn(channel.Id).some((one) => one.RootId === root.Id && one.UserId === user.Id);
    if (root.UserId === user.Id && (comments === "any" || comments === "root")) add(user.Id, "comment");
    else if (comments === "any" && wrote) add(user.Id, "thread");
  }
  if (post.Props.from_webhook !== "true") found.delete(post.UserId);
  return found;
}

/** Names, keywords, groups and whole-channel words. `@here` reaches those who are online now. */
function namedIn(
  world: World,
  { post, channel, readers }: Omit<Posted, "root">,
): Map<string, "channel" | "keyword" | "group"> {
  const text = post.Message.replace(/```[\s\S]*?```|`[^`]*`/g, " ");
  const names = new Set(
    [...text.matchAll(/@([a-z0-9._-]*[a-z0-9_])/gi)].map((match) => match[1]?.toLowerCase()),
  );
  const words = new Set(text.split(/[^\p{L}\p{N}@._-]+/u));
  const lower = new Set([...words].map((word) => word.toLowerCase()));
  const limit = Number(world.config.TeamSettings.MaxNotificationsPerChannel);
  const whole = readers.length < limit && world.mayInChannel(post.UserId, channel.Id, "use_channel_mentions");
  const grouped = new Set(
    [...world.groups.values()]
      .filter((group) => group.AllowReference && names.has(group.Name ?? ""))
      .flatMap((group) => world.groupMemberIds(group.Id)),
  );
  const found = new Map<string, "channel" | "keyword" | "group">();
  for (const { user, member } of readers) {
    const keys = (user.NotifyProps.mention_keys ?? "").split(",").map((key) => key.trim().toLowerCase());
    const firstName = user.NotifyProps.first_name === "true" && user.FirstName !== "";
    const online = world.statuses.get(user.Id)?.Status === "online";
    if (names.has("all") || names.has("channel") || (names.has("here") && online)) {
      if (whole && hearsWholeChannel(user, member)) found.set(user.Id, "channel");
    }
    if (names.has(user.Username)) found.set(user.Id, "keyword");
    if (keys.some((key) => key !== "" && lower.has(key))) found.set(user.Id, "keyword");
    if (firstName && words.has(user.FirstName)) found.set(user.Id, "keyword");
    if (grouped.has(user.Id) && user.Id !== post.UserId) found.set(user.Id, "group");
  }
  return found;
}

function hearsWholeChannel(user: User, member: ChannelMember): boolean {
  const ignore = member.NotifyProps.ignore_channel_mentions;
  const muted = member.NotifyProps.mark_unread === "mention";
  return user.NotifyProps.channel === "true" && ignore !== "on" && !(muted && ignore === "default");
}

/**
 * A reply makes people follow: its author, the root's author, and those mentioned in either. Mentions in the root are
 * evaluated again at each reply, with the present statuses. A person who unfollowed by hand follows again only after
 * a mention.
 */
function follow(
  world: World,
  { post, root, channel, readers }: Posted & { readonly root: Post },
  mentions: ReadonlyMap<string, Kind>,
): void {
  const inChannel = new Set(readers.map(({ user }) => user.Id));
  const taking = new Set([post.UserId, ...mentions.keys()]);
  if (root.Props.from_webhook !== "true" && inChannel.has(root.UserId)) taking.add(root.UserId);
  if (channel.Type !== "D") {
    for (const userId of namedIn(world, { post: root, channel, readers }).keys()) taking.add(userId);
    for (const { user, member } of readers)
      if (member.NotifyProps.channel_auto_follow_threads === "on") taking.add(user.Id);
  }
  for (const userId of taking) {
    const kind = mentions.get(userId);
    const before = world.follows(root.Id, userId);
    const stays = kind === undefined || kind === "thread" || kind === "comment";
    if (before === undefined || !stays) world.setFollows(root.Id, userId, true);
  }
}

function isPushed(
  world: World,
  { post, channel }: Posted,
  { user, member }: Reader,
  kind: Kind | undefined,
): boolean {
  if (user.Id === post.UserId && post.Props.from_webhook !== "true") return false;
  const inThread = post.RootId !== "" && collapsed(world, user.Id);
  const level = member.NotifyProps.push || "default";
  const own = user.NotifyProps;
  if (inThread && world.follows(post.RootId, user.Id)) {
    const wants = level === "default" ? own : member.NotifyProps;
    const named = kind !== undefined;
    if (wants.push !== "none" && (named || wants.push_threads === "all" || wants.push === "all"))
      return statusAllows(world, user, post, true);
  }
  const everything = own.push === "all" || level === "all";
  if (kind === undefined && (channel.Type === "D" || !everything || inThread)) return false;
  if (member.NotifyProps.mark_unread === "mention") return false;
  let wanted = level === "default" ? own.push : level;
  if (level === "default" && channel.Type === "G" && wanted === "mention") wanted = "all";
  const mentioned = kind !== undefined && rank[kind] > rank.group_message;
  if (wanted === "none" || (wanted === "mention" && !mentioned)) return false;
  return statusAllows(world, user, post, false);
}

function statusAllows(world: World, user: User, post: Post, threadView: boolean): boolean {
  const status = world.statuses.get(user.Id);
  const shown = status?.Status ?? "offline";
  if (shown === "dnd" || shown === "ooo") return false;
  const wants = user.NotifyProps.push_status || "online";
  if (wants === "online") {
    const idle = world.now() - (status?.LastActivityAt ?? 0) > 20_000;
    return threadView || idle || status?.ActiveChannel !== post.ChannelId;
  }
  if (wants === "away") return shown === "away" || shown === "offline";
  return wants === "offline" && shown === "offline";
}

function collapsed(world: World, userId: string): boolean {
  const setting = world.config.ServiceSettings.CollapsedThreads;
  if (setting === "disabled" || setting === "always_on") return setting === "always_on";
  const chosen = world.preferences(userId).get("display_settings\0collapsed_reply_threads")?.Value;
  return chosen === undefined ? setting === "default_on" : chosen === "on";
}

function messageOf(world: World, post: Post, channel: Channel, to: User): PushNotification {
  const author = world.users.get(post.UserId);
  const idLoaded = world.config.EmailSettings.PushNotificationContents === "id_loaded";
  const sender = `@${author?.Username ?? ""}`;
  return complete(model.PushNotification, {
    Type: "message",
    Version: "v2",
    Category: "CAN_REPLY",
    PostId: post.Id,
    RootId: post.RootId,
    ChannelId: channel.Id,
    TeamId: channel.TeamId,
    SenderId: post.UserId,
    IsIdLoaded: idLoaded,
    IsCRTEnabled: collapsed(world, to.Id),
    ...(idLoaded
      ? {}
      : { SenderName: sender, ChannelName: channel.DisplayName, Message: `${sender}: ${post.Message}` }),
  });
}
