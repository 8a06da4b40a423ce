/** Converts Mattermost's types to the facts that the rules read (facts.ts). */

import type {
  Channel,
  Config,
  License,
  Post,
  Preference,
  Status,
  User,
} from "../../../runtime/mattermost/index.ts";
import { nothingChosen, type OwnChoices, readOwnChoices } from "../members/own-settings.ts";
import type { Author } from "../wording/wording.ts";
import type {
  AttachmentFacts,
  ChannelFacts,
  Choices,
  Person,
  PersonStatus,
  PostFacts,
  ServerRules,
} from "./facts.ts";

export function personOf(user: User): Person {
  const zone = user.Timezone;
  return {
    id: user.Id,
    username: user.Username,
    firstName: user.FirstName,
    notify: notifyOf(user.NotifyProps),
    locale: user.Locale,
    timezone: (zone.useAutomaticTimezone === "false" ? zone.manualTimezone : zone.automaticTimezone) ?? "",
  };
}

export function authorOf(user: User): Author {
  return {
    username: user.Username,
    nickname: user.Nickname,
    fullName: `${user.FirstName} ${user.LastName}`.trim(),
  };
}

/** The fields of `model.User.NotifyProps` that the rules read. */
const NOTIFY_KEYS = [
  "push",
  "push_status",
  "push_threads",
  "comments",
  "channel",
  "first_name",
  "mention_keys",
] as const;
const MAX_KEPT = 10_000;
const kept = new Map<string, Readonly<Record<string, string>>>();

/** Most members have the same settings, so each combination is in memory once. */
function notifyOf(props: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const needed = NOTIFY_KEYS.filter((key) => props[key] !== undefined).map((key) => [key, props[key] ?? ""]);
  const text = JSON.stringify(needed);
  const known = kept.get(text);
  if (known) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const notify = Object.fromEntries(needed);
  kept.set(text, notify);
  return notify;
}

/** False for deactivated accounts, bots, and people of another server in a shared channel: they get no activities. */
export function canReceiveActivities(user: User): boolean {
  return user.DeleteAt === 0 && !user.IsBot && (user.RemoteId ?? "") === "";
}

export function statusOf(status: Status): PersonStatus {
  return {
    status: status.Status,
    activeChannel: status.ActiveChannel,
    lastActivityAt: status.LastActivityAt,
  };
}

/** The server itself treats an unknown status like this. */
export const OFFLINE: PersonStatus = { status: "offline", activeChannel: "", lastActivityAt: 0 };

export function channelOf(channel: Channel): ChannelFacts {
  return {
    id: channel.Id,
    type: channel.Type,
    name: channel.Name,
    displayName: channel.DisplayName,
    teamId: channel.TeamId,
    archived: channel.DeleteAt > 0,
    groupConstrained: channel.GroupConstrained === true,
  };
}

/** Preferences as they are stored; `own` still lacks the admin's defaults. */
export interface StoredChoices extends Omit<Choices, "own"> {
  readonly own: OwnChoices;
}

export function choicesOf(preferences: readonly Preference[]): StoredChoices {
  const display = new Map(
    preferences.filter((one) => one.Category === "display_settings").map((one) => [one.Name, one.Value]),
  );
  const collapsed = display.get("collapsed_reply_threads");
  const own = readOwnChoices(preferences);
  if (collapsed === undefined && !display.has("name_format") && own === nothingChosen) return noChoices;
  return {
    collapsedThreads: collapsed === undefined ? null : collapsed === "on",
    nameFormat: display.get("name_format") ?? null,
    own,
  };
}

const noChoices: StoredChoices = { collapsedThreads: null, nameFormat: null, own: nothingChosen };

/** Mattermost's hosted push services: without a licence for them the server pushes nothing (`model.MHPNS`). */
const HOSTED_PUSH = /^https:\/\/(?:(?:[a-z]+\.)?push|hpns-[a-z]+)\.mattermost\.com\/*$/;

/** Every setting has a value: what the server does not send is false, 0 or "". */
export function serverRulesOf(config: Config, license: License | null): ServerRules {
  const { EmailSettings: email, ServiceSettings: service, TeamSettings: team } = config;
  const hosted = HOSTED_PUSH.test(email.PushNotificationServer);
  return {
    maxNotificationsPerChannel: team.MaxNotificationsPerChannel,
    collapsedThreads: service.CollapsedThreads,
    threadAutoFollow: service.ThreadAutoFollow,
    enablePostUsernameOverride: service.EnablePostUsernameOverride,
    teammateNameDisplay: team.TeammateNameDisplay,
    lockTeammateNameDisplay: team.LockTeammateNameDisplay,
    showFullName: config.PrivacySettings.ShowFullName,
    pushContents: email.PushNotificationContents,
    pushes: email.SendPushNotifications && (!hosted || license?.Features?.MHPNS === true),
  };
}

/** Props of posts that contain a Teams message, or an Outlook meeting: its reminder, its card, the daily summary. */
const fromMicrosoft = ["teams_message_id", "calendar_event_id", "calendar_step"];

export function postOf(post: Post): PostFacts {
  return {
    id: post.Id,
    channelId: post.ChannelId,
    authorId: post.UserId,
    rootId: post.RootId,
    type: post.Type,
    message: post.Message,
    createdAt: post.CreateAt,
    edited: post.EditAt > 0,
    deleted: post.DeleteAt > 0,
    fromWebhook: post.Props.from_webhook === "true",
    fromMicrosoft: fromMicrosoft.some((name) => text(post.Props[name]) !== ""),
    overrideUsername: text(post.Props.override_username),
    attachments: attachmentsOf(post.Props.attachments),
    fileIds: post.FileIds,
    urgent: post.Metadata?.Priority?.Priority === "urgent",
  };
}

/** Props are JSON, or a tagged Go slice of structs when a plugin on the server made them. */
function attachmentsOf(value: unknown): AttachmentFacts[] {
  return listOf(value).flatMap((one) => {
    const attachment = plain(one);
    if (!attachment) return [];
    const read = (name: string) =>
      text(attachment[name] ?? attachment[name[0]?.toUpperCase() + name.slice(1)]);
    return [
      {
        pretext: read("pretext"),
        text: read("text"),
        fallback: read("fallback"),
        fields: listOf(attachment.fields ?? attachment.Fields)
          .map((field) => text(plain(field)?.value ?? plain(field)?.Value))
          .filter((field) => field !== ""),
      },
    ];
  });
}

function listOf(value: unknown): unknown[] {
  const inner = tagged(value);
  return Array.isArray(inner) ? inner : [];
}

function plain(value: unknown): Record<string, unknown> | null {
  const inner = tagged(value);
  return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : null;
}

function tagged(value: unknown): unknown {
  return typeof value === "object" && value !== null && "$type" in value && "value" in value
    ? value.value
    : value;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
