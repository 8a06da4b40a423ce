/** What this room needs from the others; main.ts connects. */

import type { Api, Cluster, KeyValueStore, Logger } from "../mattermost/index.ts";

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

export type NotificationsStore = Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet" | "list">;
export type NotificationsCluster = Pick<Cluster, "lock" | "publish" | "on">;
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Where counts go; the admin room shows them. Labels are few and of a closed set. */
export interface Metrics {
  counter(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  /** `seconds` in seconds, as Prometheus wants them. */
  histogram(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
}

export const noMetrics: Metrics = { counter() {}, gauge() {}, histogram() {} };
