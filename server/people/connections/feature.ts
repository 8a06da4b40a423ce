/** Connected accounts as one object: everything they add to the product, and only while a feature needs them. */

import { type MessageApi, tellSystemAdmins } from "../../platform/bot/admin-messages.ts";
import type { BotApi } from "../../platform/bot/bot.ts";
import { type Bot, createBot } from "../../platform/bot/bot.ts";
import type { Feature } from "../../platform/feature.ts";
import type { Secret } from "../../platform/settings/secret.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { connectionAdminRoutes } from "./admin-routes.ts";
import { connectionCommands } from "./command.ts";
import { ensureEncryptionKey } from "./encryption-key.ts";
import { type Connections, type ConnectionsPorts, createConnections } from "./index.ts";
import { botPermissions, neededPermissions } from "./needed-permissions.ts";
import { connectionRoutes } from "./routes.ts";

export interface ConnectionsFeaturePorts
  extends Omit<ConnectionsPorts, "permissions" | "botPermissions" | "bot" | "tellAdmins"> {
  readonly api: ConnectionsPorts["api"] & BotApi & MessageApi & Pick<Api, "savePluginConfig">;
  readonly botName: string;
  /** The plugin's settings as stored, secrets in clear. */
  readonly loadSettings: () => Promise<unknown>;
  /** Reads the settings again. */
  readonly reload: () => Promise<void>;
}

export interface ConnectionsFeature extends Feature {
  readonly connections: Connections;
  readonly bot: Bot;
}

export function connectionsFeature(ports: ConnectionsFeaturePorts): ConnectionsFeature {
  const { api, botName, clock, cluster, config, log, pluginId } = ports;
  const bot = createBot(api, {
    username: pluginId,
    displayName: botName,
    description: "Microsoft 365 in Mattermost.",
  });
  const permissions = () => neededPermissions(config.current.settings);
  const connections = createConnections({
    ...{ ...ports, bot, permissions },
    botPermissions: () => botPermissions(config.current.settings),
    tellAdmins: (message) => tellSystemAdmins(api, pluginId, message),
  });
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
      .then(() => (config.current.encryption ? undefined : ports.reload()))
      .catch((error: unknown) => log.error("The settings could not be read", { error: String(error) }));
  }

  return {
    name: "connections",
    connections,
    bot,
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
