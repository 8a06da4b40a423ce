/** The services that this feature needs; main.ts passes them in. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { AppTokens } from "../../microsoft/entra/app-token.ts";
import type { Graph } from "../../microsoft/graph/index.ts";
import type { Clock } from "../../platform/work/pace.ts";
import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import type { MetricsRegistry } from "./metrics.ts";

/** The Microsoft person to whom an account is linked. */
export interface LinkedAccount {
  readonly userId: string;
  readonly tenantId: string;
  /** Entra object id. */
  readonly objectId: string;
}

export interface LinkSource {
  all(): AsyncIterable<LinkedAccount>;
  byMattermostUser(userIds: readonly string[]): Promise<ReadonlyMap<string, LinkedAccount>>;
  /** Calls the listener for every account whose link was created or removed, on any node. */
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

export interface NotificationsPorts {
  readonly config: ConfigSource;
  readonly graph: Graph;
  readonly tokens: AppTokens;
  readonly links: LinkSource;
  readonly api: NotificationsApi;
  readonly kv: NotificationsStore;
  readonly cluster: NotificationsCluster;
  readonly log: Log;
  readonly metrics?: MetricsRegistry;
  readonly clock?: Clock;
  /** Time between two requests of the tenant; benchmarks remove it. */
  readonly intervalMs?: number;
  /** How long a dead node blocks delivery. */
  readonly leaseMs?: number;
  /** With more waiting posts than this, the oldest are dropped and counted. */
  readonly maxWaitingPosts?: number;
}
