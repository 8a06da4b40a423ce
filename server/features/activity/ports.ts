/** What this room needs from the others; main.ts connects. */

import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";

/** Which Microsoft person an account is. */
export interface LinkedAccount {
  readonly userId: string;
  readonly tenantId: string;
  /** Entra object id. */
  readonly objectId: string;
}

export interface LinkSource {
  all(): AsyncIterable<LinkedAccount>;
  byMattermostUser(userIds: readonly string[]): Promise<ReadonlyMap<string, LinkedAccount>>;
  /** Told of every account whose link was made or removed, on any node. */
  onLinkChange(listener: (userId: string) => void): () => void;
}

export type NotificationsApi = Pick<
  Api,
  | "getChannel"
  | "getChannelMembers"
  | "getChannelMembersByIds"
  | "getChannelStats"
  | "getConfig"
  | "getFileInfo"
  | "getGroupByName"
  | "getGroupMemberUsers"
  | "getGroupSyncable"
  | "getLicense"
  | "getPost"
  | "getPostThread"
  | "getPreferencesForUser"
  | "getUsersByIds"
  | "getUserStatusesByIds"
  | "hasPermissionToChannel"
  | "updatePreferencesForUser"
>;

export type NotificationsStore = Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
export type NotificationsCluster = Pick<Cluster, "lock" | "publish" | "on">;
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;
