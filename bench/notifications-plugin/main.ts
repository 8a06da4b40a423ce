/** The notifications room alone, wired as server/main.ts wires it, with the tenant's rate lifted. */

import { watchConfig } from "../../server/config/index.ts";
import { createAppTokens } from "../../server/entra/app-token.ts";
import { createGraph } from "../../server/graph/index.ts";
import { createLinks } from "../../server/identity/links.ts";
import { definePlugin, servePlugin } from "../../server/mattermost/index.ts";
import { outgoingFetch } from "../../server/network/index.ts";
import { createNotifications } from "../../server/notifications/index.ts";

void servePlugin(
  definePlugin((host) => {
    const { api, kv, cluster, log } = host;
    const config = watchConfig({
      loadSettings: () => host.settings((settings) => settings),
      loadServerFacts: async () => ({ siteUrl: (await api.getConfig())?.ServiceSettings.SiteURL ?? "" }),
    });
    const fetch = outgoingFetch(config, {});
    const tokens = createAppTokens({ config, fetch });
    const graph = createGraph({ config, tokens, fetch });
    const links = createLinks({ api, kv, cluster, log, clock: Date.now });
    const ports = { config, graph, tokens, links, api, kv, cluster, log };
    const notifications = createNotifications({ ...ports, intervalMs: 0 });
    return {
      ...notifications.hooks,
      onActivate: () => notifications.resume(),
      onDeactivate: () => notifications.stop(),
      onConfigurationChange: () => config.reload(),
      messageHasBeenPosted: (context, post) => notifications.about(context, post),
      serveHTTP: () => Response.json(notifications.state()),
    };
  }),
);
