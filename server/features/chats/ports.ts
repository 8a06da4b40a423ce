/** The services that the chats need from the rest of the product. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { GraphClient } from "../../microsoft/graph/index.ts";
import type { Connections } from "../../people/connections/index.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Clock } from "../../platform/work/clock.ts";
import type { Api, Cluster, KeyValueStore, Logger, OpenFile } from "../../runtime/mattermost/index.ts";

export type ChatsApi = Pick<
  Api,
  | "addReaction"
  | "copyFileInfos"
  | "createPost"
  | "createUploadSession"
  | "deletePost"
  | "getConfig"
  | "getFileInfo"
  | "getPost"
  | "getPostThread"
  | "getPostsForChannel"
  | "getPostsSince"
  | "getUserStatusesByIds"
  | "getUsersByIds"
  | "publishWebSocketEvent"
  | "updatePost"
  | "uploadData"
  | "uploadFile"
>;

export interface ChatsPorts {
  readonly api: ChatsApi;
  readonly bot: Bot;
  readonly cards: Cards;
  readonly cluster: Pick<Cluster, "lock" | "on" | "publish">;
  readonly config: ConfigSource;
  readonly connections: Pick<
    Connections,
    "connectLink" | "credential" | "list" | "onConnect" | "onDisconnect" | "state" | "used"
  >;
  readonly graph: GraphClient;
  readonly kv: Pick<KeyValueStore, "compareAndSet" | "delete" | "get" | "set">;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly pluginId: string;
  readonly openFile: (fileId: string) => Promise<OpenFile>;
}
