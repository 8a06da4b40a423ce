/**
 * The webhook for change notifications alone, wired as in server/people/services.ts, with an empty handler beside it.
 */

import { watchConfig } from "../../server/microsoft/config/index.ts";
import { createAppTokens } from "../../server/microsoft/entra/app-token.ts";
import { createTokenVerifier } from "../../server/microsoft/entra/token-verifier.ts";
import { createGraph } from "../../server/microsoft/graph/index.ts";
import { outgoingFetch } from "../../server/microsoft/network/index.ts";
import type { ChangeListener } from "../../server/microsoft/subscriptions/index.ts";
import { subscriptionsOnDemand } from "../../server/microsoft/subscriptions/on-demand.ts";
import { createRouter } from "../../server/platform/http/index.ts";
import { createMetrics } from "../../server/platform/metrics/metrics.ts";
import { readKey } from "../../server/platform/store/sealed.ts";
import { definePlugin, pause, servePlugin } from "../../server/runtime/mattermost/index.ts";

const current = readKey(Buffer.alloc(32, 7).toString("base64"));
if (!current) throw new Error("not a key");

void servePlugin(
  definePlugin((host) => {
    const { kv, cluster, log } = host;
    const config = watchConfig({
      loadSettings: () => host.settings((settings) => settings),
      loadServerFacts: async () => ({ siteUrl: await host.siteUrl() }),
    });
    const fetch = outgoingFetch(config, {});
    const tokens = createAppTokens({ config, fetch });
    const graph = createGraph({ config, tokens, fetch });
    let handled = 0;
    const listener: ChangeListener = {
      name: "bench",
      enabled: () => true,
      wishes: async () => [
        {
          key: "all",
          resource: "/chats/getAllMessages",
          changeTypes: ["created"],
          includeResourceData: true,
        },
      ],
      async changed({ content }) {
        if (content) handled += 1;
        return { kind: "done" };
      },
      fillGap: async () => {},
    };
    const subscriptions = subscriptionsOnDemand({
      ...{ config, graph, tokens, fetch, kv, cluster, log, metrics: createMetrics() },
      verifier: createTokenVerifier({ config, fetch, log, clock: Date.now }),
      clock: { now: Date.now, sleep: pause, random: Math.random },
      keyRing: () => ({ current, previous: null }),
      pluginId: "bench-webhook",
    });
    subscriptions.listen(listener);
    const router = createRouter({ isSystemAdmin: async () => false, log });
    router.add(subscriptions.routes);
    return {
      onActivate: () => subscriptions.start(),
      onDeactivate: () => subscriptions.stop(),
      onConfigurationChange: () => config.reload(),
      async serveHTTP(request, context) {
        const { pathname } = new URL(request.url);
        if (pathname === "/handled") return Response.json({ handled });
        if (pathname !== "/empty") return router.fetch(request, context);
        await request.arrayBuffer();
        return new Response(null, { status: 202 });
      },
    };
  }),
);
