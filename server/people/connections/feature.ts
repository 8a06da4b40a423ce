/**
 * Connected accounts as a feature: everything they add to the product, active only while another feature needs them.
 */

import type { ConfigSource, WatchedConfig } from "../../microsoft/config/index.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Feature } from "../../platform/feature.ts";
import { routesOnDemand } from "../../platform/http/index.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import { accountsSettings } from "../../platform/settings/index.ts";
import type { Secret } from "../../platform/settings/secret.ts";
import type { Api, Logger } from "../../runtime/mattermost/index.ts";
import { cardPresses } from "./card-presses.ts";
import { CARD } from "./cards.ts";
import { connectionTables } from "./check-words.ts";
import { connectionCommands } from "./command.ts";
import { ensureEncryptionKey } from "./encryption-key.ts";
import type { Connections, ConnectionsPorts } from "./index.ts";
import { createConnectionMetrics } from "./metrics.ts";
import { connectionRoutes } from "./routes.ts";

export interface ConnectionsFeaturePorts {
  readonly api: ConnectionsPorts["api"] & Pick<Api, "savePluginConfig">;
  readonly clock: () => number;
  readonly cluster: ConnectionsPorts["cluster"];
  readonly config: WatchedConfig & ConfigSource;
  readonly connections: Connections;
  readonly kv: ConnectionsPorts["kv"];
  readonly bot: Pick<Bot, "update">;
  readonly cards: Pick<Cards, "handle">;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "watch">;
  readonly pluginId: string;
  /** Loads the stored settings, with secrets in clear text. */
  readonly loadSettings: () => Promise<unknown>;
}

/** The routes of admin-routes.ts. */
const adminRoutes = [
  ["GET", "/api/v1/admin/connections", "admin"],
  ["GET", "/api/v1/admin/connections.csv", "admin"],
  ["GET", "/api/v1/admin/connections/bot", "admin"],
  ["DELETE", "/api/v1/admin/connections/bot", "admin"],
  ["GET", "/api/v1/admin/connections/allowed.csv", "admin"],
  ["PUT", "/api/v1/admin/connections/allowed.csv", "admin"],
  ["GET", "/api/v1/admin/connections/stats", "admin"],
  ["DELETE", "/api/v1/admin/connections/:userId", "admin"],
] as const;

export function connectionsFeature(ports: ConnectionsFeaturePorts): Feature {
  const { api, clock, cluster, config, connections, log, pluginId } = ports;
  ports.cards.handle(CARD, cardPresses({ api, bot: ports.bot, connections }));
  const metrics = createConnectionMetrics({
    ...{ clock, connections, metrics: ports.metrics },
    settings: () => config.current.section(accountsSettings),
  });
  connections.onChange(() => void metrics.refresh());
  let keyBefore: Secret | null = null;
  config.onChange((_, { encryption }) => {
    keyBefore = encryption?.current ?? keyBefore;
  });

  /** Starts and stops with the features that need it. */
  function settingsChanged(): void {
    if (!connections.isOn()) return void connections.stop();
    connections.start();
    const save = (settings: Record<string, unknown>) => api.savePluginConfig(settings as never);
    ensureEncryptionKey({ before: keyBefore, cluster, load: ports.loadSettings, save, log })
      // The server reports a change only to active plugins, and this one may still be activating.
      .then(() => (config.current.encryption ? undefined : config.reload()))
      .catch((error: unknown) => log.error("The settings could not be read", { error: String(error) }));
  }

  return {
    name: "connections",
    redirects: ["/oauth2/complete"],
    checks: [
      {
        ...{ id: "connections", words: connectionTables },
        look: async () => (await import("./checks.ts")).lookAtConnections(ports),
      },
    ],
    system: async () => (await import("./system.ts")).connectionsSystem({ connections, clock }),
    diagnostics: async () => (await import("./checks.ts")).connectionDiagnostics(ports),
    routes: connectionRoutes({ connections, config, pluginId, api }).include(
      routesOnDemand(adminRoutes, async () => {
        const { connectionAdminRoutes } = await import("./admin-routes.ts");
        return connectionAdminRoutes({ connections, api, clock });
      }),
    ),
    hooks: { userHasBeenDeactivated: (_context, user) => connections.deactivated(user.Id) },
    commands: connectionCommands(connections),
    storedKeys: [
      {
        prefix: "connection.",
        holds: "a person's connection, or the bot account's, its refresh token sealed",
        until: "until disconnect",
      },
      {
        prefix: "connections.",
        holds: "who is connected, who was once, who may, who was invited",
        until: "until disconnect; once: stays",
      },
      {
        prefix: "flow.",
        holds: "a flow between its two halves, by the hash of its state",
        until: "ten minutes",
      },
    ],
    start: settingsChanged,
    settingsChanged,
    stop: () => connections.stop(),
  };
}
