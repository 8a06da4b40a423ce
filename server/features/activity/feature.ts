/** Activity notifications in Teams. */

import type { Services } from "../../people/services.ts";
import type { Feature } from "../../platform/feature.ts";
import { activitySettings, teamsAppSettings } from "../../platform/settings/index.ts";
import { createNotifications, type Notifications, notificationRoutes } from "./index.ts";

export interface ActivityFeature extends Feature {
  readonly notifications: Notifications;
}

export function activityFeature(services: Services): ActivityFeature {
  const { api, cluster, config, graph, kv, links, log, metrics, tokens } = services;
  const notifications = createNotifications({ api, cluster, config, graph, kv, links, log, metrics, tokens });
  // Stops together with the runtime's jobs, not after them, because both may wait for Microsoft.
  services.signal.addEventListener("abort", () => void notifications.stop());
  return {
    name: "activity",
    notifications,
    permissions: [
      {
        kind: "application",
        name: "TeamsActivity.Send",
        // With resource-specific consent, each installation grants it.
        isNeeded: (section) =>
          !section(activitySettings).disable_user_activity_notifications &&
          !section(teamsAppSettings).app_resource_specific_consent,
      },
    ],
    system: async () => (await import("./system.ts")).tabSystem(notifications.state),
    routes: notificationRoutes({ notifications, config: services.config }),
    hooks: { ...notifications.hooks, messageHasBeenPosted: notifications.about },
    commands: [notifications.command],
    storedKeys: [
      {
        prefix: "queue_activity_",
        holds:
          "IDs of posts and channels that wait, of accounts that have their activity or that the server decided to push to. No text, no names",
        until: "delivered, or an hour after Give up after (two hours)",
      },
      { prefix: "choosers_", holds: "IDs of members who ever chose own settings", until: "stays" },
      { prefix: "catalog_app", holds: "the app's ID in the catalog", until: "replaced daily" },
      { prefix: "outbox_", holds: "waiting posts of data version 1", until: "moved at the upgrade" },
    ],
    start: () => notifications.resume(),
    stop: () => notifications.stop(),
  };
}
