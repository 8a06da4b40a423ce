/** Connected accounts as one object: everything they add to the product, and only while a feature needs them. */

import type { ConfigSource, WatchedConfig } from "../../microsoft/config/index.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Secret } from "../../platform/settings/secret.ts";
import type { Api, Logger } from "../../runtime/mattermost/index.ts";
import { connectionAdminRoutes } from "./admin-routes.ts";
import { cardPresses } from "./card-presses.ts";
import { CARD } from "./cards.ts";
import { connectionCommands } from "./command.ts";
import { ensureEncryptionKey } from "./encryption-key.ts";
import type { Connections, ConnectionsPorts } from "./index.ts";
import { expectedPermissions } from "./needed-permissions.ts";
import { connectionRoutes } from "./routes.ts";

export interface ConnectionsFeaturePorts {
  readonly api: ConnectionsPorts["api"] & Pick<Api, "savePluginConfig">;
  readonly clock: () => number;
  readonly cluster: ConnectionsPorts["cluster"];
  readonly config: WatchedConfig & ConfigSource;
  readonly connections: Connections;
  readonly bot: Pick<Bot, "update">;
  readonly cards: Pick<Cards, "handle">;
  readonly log: Logger;
  readonly pluginId: string;
  /** The plugin's settings as stored, secrets in clear. */
  readonly loadSettings: () => Promise<unknown>;
}

export function connectionsFeature(ports: ConnectionsFeaturePorts): Feature {
  const { api, clock, cluster, config, connections, log, pluginId } = ports;
  ports.cards.handle(CARD, cardPresses({ api, bot: ports.bot, connections }));
  let keyBefore: Secret | null = null;
  config.onChange((_, { encryption }) => {
    keyBefore = encryption?.current ?? keyBefore;
  });

  /** Comes and goes with the features that need it. */
  function settingsChanged(): void {
    if (!connections.isOn()) return void connections.stop();
    connections.start();
    const save = (settings: Record<string, unknown>) => api.savePluginConfig(settings as never);
    ensureEncryptionKey({ before: keyBefore, cluster, load: ports.loadSettings, save, log })
      // The server tells active plugins alone of a change, and this one may still be activating.
      .then(() => (config.current.encryption ? undefined : config.reload()))
      .catch((error: unknown) => log.error("The settings could not be read", { error: String(error) }));
  }

  return {
    name: "connections",
    permissions: expectedPermissions,
    redirects: ["/oauth2/complete"],
    routes: connectionRoutes({ connections, config, pluginId, api }).include(
      connectionAdminRoutes({ connections, api, clock }),
    ),
    hooks: { userHasBeenDeactivated: (_context, user) => connections.deactivated(user.Id) },
    commands: connectionCommands(connections),
    storedKeys: [
      {
        prefix: "connection.",
        holds: "a person's connection, its refresh token sealed",
        until: "until disconnect",
      },
      {
        prefix: "connections.",
        holds: "who is connected, who was once, who may",
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
