/** A small Mattermost in memory with enough of the plugin API for the facts of a decision. It counts its calls. */

import type {
  Channel,
  ChannelMember,
  FileInfo,
  Group,
  License,
  Post,
  Preference,
  Status,
  User,
} from "../../../runtime/mattermost/index.ts";
import { travelled } from "../../../runtime/mattermost/testing/travelled.ts";
import { Config } from "../../../runtime/mattermost/wire/config.gen.ts";
import type { LinkedAccount, LinkSource, NotificationsApi } from "../ports.ts";

export const TENANT = "11111111-2222-4333-8444-555555555555";

/** The defaults of `model.User.SetDefaultNotifications`. */
export const defaultNotify: Readonly<Record<string, string>> = {
  email: "true",
  push: "mention",
  desktop: "mention",
  mention_keys: "",
  channel: "true",
  push_status: "online",
  comments: "never",
  first_name: "false",
  desktop_threads: "all",
  push_threads: "all",
};

/** `model.GetDefaultChannelNotifyProps`. */
export const defaultChannelNotify: Readonly<Record<string, string>> = {
  desktop: "default",
  mark_unread: "all",
  push: "default",
  email: "default",
  ignore_channel_mentions: "default",
  channel_auto_follow_threads: "off",
};

export interface PersonSpec {
  readonly username?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly nickname?: string;
  readonly locale?: string;
  readonly notify?: Readonly<Record<string, string>>;
  /** The person's settings for the channel; `null`: not a member. */
  readonly channel?: Readonly<Record<string, string>> | null;
  readonly status?: Partial<Status> | string;
  /** `category/name` → value. */
  readonly preferences?: Readonly<Record<string, string>>;
  readonly timezone?: string;
  readonly deactivated?: boolean;
  readonly bot?: boolean;
  readonly remote?: boolean;
  readonly linked?: boolean;
}

export const idOf = (name: string) => `${name}_id`.padEnd(26, "0");
export const objectIdOf = (userId: string) => {
  const hex = new Bun.CryptoHasher("md5").update(userId).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export class World {
  readonly users = new Map<string, User>();
  readonly links = new Map<string, LinkedAccount>();
  readonly statuses = new Map<string, Status>();
  readonly preferences = new Map<string, Preference[]>();
  readonly channels = new Map<string, Channel>();
  readonly rows = new Map<string, Map<string, ChannelMember>>();
  readonly posts = new Map<string, Post>();
  readonly groups: { group: Group; members: string[]; channels: string[] }[] = [];
  readonly files = new Map<string, FileInfo>();
  readonly config = {
    ServiceSettings: {
      CollapsedThreads: "disabled",
      ThreadAutoFollow: true,
      EnablePostUsernameOverride: true,
    },
    TeamSettings: { MaxNotificationsPerChannel: 1000, TeammateNameDisplay: "username" },
    PrivacySettings: { ShowFullName: true },
    EmailSettings: { PushNotificationContents: "full", SendPushNotifications: false },
  };
  license: Partial<License> | null = { SkuShortName: "professional" };
  /** Permissions that nobody has. */
  readonly denied = new Set<string>();
  /** Overrides the number of active members that follows from the channel's rows. */
  activeMembers: number | null = null;
  readonly calls = new Map<string, number>();
  readonly linkListeners = new Set<(userId: string) => void>();

  person(name: string, spec: PersonSpec = {}, channelId = idOf("town")): string {
    const id = idOf(name);
    this.users.set(id, {
      Id: id,
      Username: spec.username ?? name,
      FirstName: spec.firstName ?? "",
      LastName: spec.lastName ?? "",
      Nickname: spec.nickname ?? "",
      Locale: spec.locale ?? "en",
      NotifyProps: { ...defaultNotify, ...spec.notify },
      Timezone: { useAutomaticTimezone: "true", automaticTimezone: spec.timezone ?? "", manualTimezone: "" },
      DeleteAt: spec.deactivated ? 1 : 0,
      IsBot: spec.bot ?? false,
      RemoteId: spec.remote ? "remote" : null,
    } as unknown as User);
    if (spec.linked !== false) {
      this.links.set(id, { userId: id, tenantId: TENANT, objectId: objectIdOf(id) });
    }
    const status = typeof spec.status === "string" ? { Status: spec.status } : spec.status;
    this.statuses.set(id, {
      UserId: id,
      Status: "offline",
      LastActivityAt: 0,
      ActiveChannel: "",
      ...status,
    } as Status);
    this.preferences.set(
      id,
      Object.entries(spec.preferences ?? {}).map(([path, Value]) => {
        const [Category = "", Name = ""] = path.split("/");
        return { UserId: id, Category, Name, Value };
      }),
    );
    if (spec.channel !== null) this.join(channelId, id, spec.channel);
    return id;
  }

  channel(spec: Partial<Channel> & { Id: string }): void {
    this.channels.set(spec.Id, {
      Type: "O",
      Name: spec.Id,
      DisplayName: "Town Square",
      TeamId: "team",
      DeleteAt: 0,
      GroupConstrained: null,
      ...spec,
    } as Channel);
  }

  join(channelId: string, userId: string, notify: Readonly<Record<string, string>> = {}): void {
    const rows = this.rows.get(channelId) ?? new Map<string, ChannelMember>();
    rows.set(userId, {
      ChannelId: channelId,
      UserId: userId,
      NotifyProps: { ...defaultChannelNotify, ...notify },
    } as ChannelMember);
    this.rows.set(channelId, rows);
  }

  group(name: string, members: string[], spec: Partial<Group> & { channels?: string[] } = {}): void {
    const { channels = [], ...group } = spec;
    this.groups.push({
      group: {
        Id: `group_${name}`,
        Name: name,
        Source: "custom",
        AllowReference: true,
        DeleteAt: 0,
        ...group,
      } as Group,
      members,
      channels,
    });
  }

  post(spec: Partial<Post>): Post {
    const post = {
      Id: idOf(`post${this.posts.size}`),
      CreateAt: 1_700_000_000_000 + this.posts.size,
      EditAt: 0,
      DeleteAt: 0,
      UserId: idOf("alice"),
      ChannelId: idOf("town"),
      RootId: "",
      Message: "",
      Type: "",
      Props: {},
      FileIds: [],
      Metadata: null,
      ...spec,
    } as Post;
    this.posts.set(post.Id, post);
    return post;
  }

  get linkSource(): LinkSource {
    const { links, linkListeners } = this;
    return {
      async *all() {
        yield* links.values();
      },
      async byMattermostUser(userIds) {
        return new Map(
          userIds.flatMap((id) => (links.has(id) ? [[id, links.get(id) as LinkedAccount]] : [])),
        );
      },
      onLinkChange(listener) {
        linkListeners.add(listener);
        return () => linkListeners.delete(listener);
      },
    };
  }

  get callCount(): number {
    return [...this.calls.values()].reduce((sum, count) => sum + count, 0);
  }

  get api(): NotificationsApi {
    const world = this;
    const pick = <T>(map: ReadonlyMap<string, T>, ids: readonly string[]) =>
      ids.flatMap((id) => (map.has(id) ? [map.get(id) as T] : []));
    const page = <T>(list: T[], number: number, size: number) =>
      list.slice(number * size, (number + 1) * size);
    const methods: NotificationsApi = {
      getChannel: async (id) => world.channels.get(id) ?? null,
      getChannelMembers: async (id, number, size) =>
        page([...(world.rows.get(id)?.values() ?? [])], number, size),
      getChannelMembersByIds: async (id, ids) => pick(world.rows.get(id) ?? new Map(), ids),
      getChannelStats: async (id) =>
        ({
          MemberCount:
            world.activeMembers ??
            [...(world.rows.get(id)?.keys() ?? [])].filter((one) => world.users.get(one)?.DeleteAt === 0)
              .length,
        }) as never,
      getConfig: async () => travelled(Config, world.config),
      getFileInfo: async (id) => world.files.get(id) ?? null,
      getGroupByName: async (name) => world.groups.find((one) => one.group.Name === name)?.group ?? null,
      getGroupMemberUsers: async (id, number, size) =>
        page(pick(world.users, world.groups.find((one) => one.group.Id === id)?.members ?? []), number, size),
      getGroupSyncable: async (id, channelId) =>
        world.groups.find((one) => one.group.Id === id)?.channels.includes(channelId)
          ? ({ DeleteAt: 0 } as never)
          : null,
      getLicense: async () => world.license as License | null,
      getPost: async (id) => world.posts.get(id) ?? null,
      getPostThread: async (rootId) => {
        const posts = [...world.posts.values()].filter((one) => one.Id === rootId || one.RootId === rootId);
        return {
          Order: posts.map((one) => one.Id),
          Posts: Object.fromEntries(posts.map((one) => [one.Id, one])),
        } as never;
      },
      getPreferencesForUser: async (id) => world.preferences.get(id) ?? [],
      updatePreferencesForUser: async (id, rows) => {
        const names = new Set(rows.map((row) => `${row.Category}/${row.Name}`));
        const kept = (world.preferences.get(id) ?? []).filter(
          (row) => !names.has(`${row.Category}/${row.Name}`),
        );
        world.preferences.set(id, [...kept, ...(rows as Preference[])]);
      },
      getUsersByIds: async (ids) => pick(world.users, ids),
      getUserStatusesByIds: async (ids) => pick(world.statuses, ids),
      hasPermissionToChannel: async (_user, _channel, permission) => !world.denied.has(permission?.Id ?? ""),
    };
    return new Proxy(methods, {
      get(target, name: keyof NotificationsApi) {
        return (...args: unknown[]) => {
          world.calls.set(name, (world.calls.get(name) ?? 0) + 1);
          return (target[name] as (...all: unknown[]) => unknown)(...args);
        };
      },
    });
  }
}
