/** The whole product in one screen: lists the features and their services. It contains no logic of its own. */

import { explainForAdmins } from "./admin/explain.ts";
import { adminFeature } from "./admin/feature.ts";
import { activityFeature } from "./features/activity/feature.ts";
import { calendarFeature } from "./features/calendar/feature.ts";
import { channelsFeature } from "./features/channels/feature.ts";
import { chatsFeature } from "./features/chats/feature.ts";
import { signInFeature } from "./features/sign-in/feature.ts";
import { teamsAppFeature } from "./features/teams-app/feature.ts";
import { webAppFeature } from "./features/web-app/feature.ts";
import { takeProxyEnvironment } from "./microsoft/network/index.ts";
import { connectionsFeature } from "./people/connections/feature.ts";
import { createServices, type Services } from "./people/services.ts";
import { interactionsFeature } from "./platform/bot/interaction-routes.ts";
import { createCommand } from "./platform/commands/index.ts";
import { compose } from "./platform/compose.ts";
import type { Feature } from "./platform/feature.ts";
import { createRouter } from "./platform/http/index.ts";
import { metricsResponse } from "./platform/metrics/metrics.ts";
import { product } from "./platform/product.ts";
import { platformKeys } from "./platform/store/key-families.ts";
import { DATA_VERSION, openStoredData } from "./platform/store/stored-data.ts";
import { unreachableHost } from "./platform/unreachable-host.ts";
import { definePlugin, type KeyValueStore, servePlugin } from "./runtime/mattermost/index.ts";

/** Upgrades stored data from the named version to the next. */
const steps = {
  1: async (kv: KeyValueStore) =>
    (await import("./features/activity/delivery/old-outbox.ts")).moveOldOutbox(kv),
};

export function productFeatures(services: Services) {
  const signIn = signInFeature(services);
  const connected = connectionsFeature(services);
  const activity = activityFeature(services);
  const teamsApp = teamsAppFeature(services);
  const channels = channelsFeature(services);
  const chats = chatsFeature(services);
  const calendar = calendarFeature(services, product);
  const interactions = interactionsFeature(services);
  // Without a feature that listens for changes, it adds nothing.
  const changes = services.subscriptions.feature();
  const shown: readonly Feature[] = [
    signIn,
    activity,
    connected,
    interactions,
    teamsApp,
    chats,
    channels,
    calendar,
    webAppFeature(services),
    changes,
  ];
  const admin = adminFeature(services, product.version, { signIn, activity, teamsApp }, shown);
  const features = [...shown, admin];
  services.permissions.declare(features);
  services.kv.declare([...platformKeys, ...features.flatMap(({ storedKeys = [] }) => storedKeys)]);
  return { features, admin };
}

const environment = takeProxyEnvironment(process.env);

const plugin = definePlugin((host) => {
  const services = createServices(host, product, environment);
  const { api, cluster, config, isSystemAdmin, kv, log, metrics, signal } = services;
  const { features, admin } = productFeatures(services);
  const subcommands = features.flatMap(({ commands = [] }) => commands);
  return {
    ...compose({
      features,
      router: createRouter({ isSystemAdmin, log, explain: explainForAdmins, ending: signal }),
      command: createCommand({
        ...{ api, log, isSystemAdmin, subcommands },
        hasEarlierName: services.connections.isOn,
      }),
      open: () => openStoredData(kv, cluster, { version: DATA_VERSION, steps }),
      reload: config.reload,
    }),
    serveMetrics: () => metricsResponse(metrics),
    generateSupportData: () => admin.supportData(),
  };
});

/** The permissions that the features declare, read without a server. */
function permissions() {
  const services = createServices(unreachableHost(), product, environment);
  productFeatures(services);
  return services.permissions;
}

// `plugin-linux-amd64 setup …` sets up the registration from a shell. Mattermost starts the plugin without arguments.
if (import.meta.main) {
  const [, , ...argv] = Bun.argv;
  if (argv.length === 0) void servePlugin(plugin);
  else
    void import("./admin/command-line.ts")
      .then(({ runCommandLine }) => runCommandLine(argv, { environment, permissions }))
      .then((code) => process.exit(code));
}
