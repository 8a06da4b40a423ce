/** The activity feature alone, wired as in server/main.ts, without the tenant's rate limit. */

import { createNotifications } from "../../server/features/activity/index.ts";
import { watchConfig } from "../../server/microsoft/config/index.ts";
import { createAppTokens } from "../../server/microsoft/entra/app-token.ts";
import { createGraph } from "../../server/microsoft/graph/index.ts";
import { outgoingFetch } from "../../server/microsoft/network/index.ts";
import { createLinks } from "../../server/people/links.ts";
import { definePlugin, servePlugin } from "../../server/runtime/mattermost/index.ts";

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
