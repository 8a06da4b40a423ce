/** The services that linked channels need, in the smallest possible pieces. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { Credential, GraphClient } from "../../microsoft/graph/index.ts";
import type { Subscriptions } from "../../microsoft/subscriptions/index.ts";
import type { Links } from "../../people/links.ts";
import type { Services } from "../../people/services.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Clock } from "../../platform/work/clock.ts";
import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";

export type ChannelsApi = Pick<
  Api,
  | "addReaction"
  | "createPost"
  | "createUploadSession"
  | "deletePost"
  | "getChannel"
  | "getChannelByName"
  | "getChannelMember"
  | "getConfig"
  | "getEmojiByName"
  | "getFileInfo"
  | "getPost"
  | "getPostsAfter"
  | "getPostsBefore"
  | "getPostsForChannel"
  | "getPostsSince"
  | "getReactions"
  | "getTeam"
  | "getUser"
  | "getUsersByIds"
  | "getUsersByUsernames"
  | "getUsersInChannel"
  | "hasPermissionToChannel"
  | "publishWebSocketEvent"
  | "removeReaction"
  | "updatePost"
  | "uploadData"
  | "uploadFile"
>;

export interface TeamsBotAccount {
  readonly credential: Credential;
  /** Entra object ID. */
  readonly objectId: string;
  /** Its address, for display. */
  readonly account: string;
}

export interface ChannelsPorts {
  readonly api: ChannelsApi;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly config: ConfigSource;
  readonly graph: Pick<GraphClient, "request" | "items" | "download" | "upload">;
  readonly links: Pick<Links, "byMattermostUser" | "onLinkChange"> & {
    readonly store: Pick<Links["store"], "read">;
  };
  readonly connections: {
    credential(userId: string): Credential;
    isConnected(userId: string): Promise<boolean>;
  };
  /** The Teams account that posts for people without a connection; null when none is connected. */
  readonly botAccount: () => Promise<TeamsBotAccount | null>;
  readonly openFile: Services["openFile"];
  readonly bot: Bot;
  readonly cards: Pick<Cards, "handle" | "props">;
  readonly subscriptions: Pick<Subscriptions, "older" | "retry" | "status" | "wishesChanged">;
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly metrics: Pick<Metrics, "counter" | "histogram" | "watch">;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly clock: Clock;
  readonly pluginId: string;
  /** How long a node that died blocks the others. */
  readonly leaseMs?: number;
}
