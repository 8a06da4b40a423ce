/** The ports of the calendar: what its parts need from the rest of the plugin. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { GraphClient } from "../../microsoft/graph/index.ts";
import type { Subscriptions } from "../../microsoft/subscriptions/index.ts";
import type { Connections } from "../../people/connections/index.ts";
import type { Links } from "../../people/links.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Clock } from "../../platform/work/clock.ts";
import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";

export type CalendarApi = Pick<
  Api,
  | "getUser"
  | "getUsersByIds"
  | "getUserByUsername"
  | "getUserStatusesByIds"
  | "updateUserStatus"
  | "setUserStatusTimedDND"
  | "updateUserCustomStatus"
  | "removeUserCustomStatus"
  | "getConfig"
  | "getPost"
  | "getPostsForChannel"
  | "getPostsSince"
  | "deletePost"
>;

export interface CalendarServices {
  readonly api: CalendarApi;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly config: ConfigSource;
  readonly clock: Clock;
  readonly graph: GraphClient;
  readonly subscriptions: Pick<Subscriptions, "status" | "wishesChanged">;
  readonly links: Pick<Links, "byMattermostUser">;
  readonly connections: Pick<
    Connections,
    | "connectLink"
    | "credential"
    | "disconnect"
    | "isConnected"
    | "list"
    | "onConnect"
    | "onDisconnect"
    | "state"
  >;
  readonly bot: Bot;
  readonly cards: Cards;
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
}
