/** The whole product in one screen: which room gets what from which. Nothing is decided here. */

import { join } from "node:path";
import { Hono } from "hono";
import { adminRoutes } from "./admin/index.ts";
import { watchConfig } from "./config/index.ts";
import { createAppTokens } from "./entra/app-token.ts";
import { createOnBehalfOf } from "./entra/on-behalf-of.ts";
import { createTokenVerifier } from "./entra/token-verifier.ts";
import { errorResponse, ProductError } from "./errors.ts";
import { createGraph } from "./graph/index.ts";
import { createAudit } from "./identity/audit.ts";
import { createDirectory } from "./identity/directory.ts";
import { createIdentity } from "./identity/index.ts";
import { definePlugin, type RequestContext, servePlugin } from "./mattermost/index.ts";
import { outgoingFetch, takeProxyEnvironment } from "./network/index.ts";
import { locationRoutes } from "./tab/location.ts";
import { pagePartsShape, pageRoutes } from "./tab/page.ts";
import { sessionRoutes } from "./tab/session.ts";
import { createTeamsApp } from "./teams-app/index.ts";

const PLUGIN_ID = "mission-collaboration";
const environment = takeProxyEnvironment(process.env);

const plugin = definePlugin((host) => {
  const { api, kv, log, cluster } = host;
  const clock = Date.now;
  const loadServerFacts = async () => ({ siteUrl: (await api.getConfig())?.ServiceSettings.SiteURL ?? "" });
  const config = watchConfig({ loadSettings: () => host.settings((settings) => settings), loadServerFacts });
  const fetch = outgoingFetch(config, environment);
  const verifier = createTokenVerifier({ config, fetch, log, clock });
  const graph = createGraph({ config, tokens: createAppTokens({ config, fetch }), fetch });
  const directory = createDirectory({ onBehalfOf: createOnBehalfOf({ config, fetch }), graph, clock });
  const audit = createAudit({ api, supports: host.supports, log });
  const identity = createIdentity({ config, api, kv, cluster, directory, log, clock });

  const app = new Hono<{ Bindings: RequestContext }>();
  app.onError((error, { env }) => {
    if (!(error instanceof ProductError)) log.error("A request failed", { request_id: env.RequestId, error });
    return errorResponse(error, env.RequestId);
  });
  app.notFound(({ env }) => errorResponse(new ProductError("not_found"), env.RequestId));

  return {
    async onActivate() {
      const bundle = await host.bundlePath();
      const asset = (name: string) => Bun.file(join(bundle, "assets", name)).bytes();
      const parts = pagePartsShape.parse(await Bun.file(join(bundle, "public/tab/assets.json")).json());
      const teamsApp = createTeamsApp({ config, store: kv, asset, now: () => new Date() });
      const isSystemAdmin = (userId: string) => api.hasPermissionTo(userId, { Id: "manage_system" });

      app.route("/", pageRoutes({ pluginId: PLUGIN_ID, config, parts }));
      app.route("/", locationRoutes({ config, api }));
      app.route(
        "/",
        sessionRoutes({
          config,
          verifier,
          identity,
          serverRules: identity.serverRules,
          api,
          audit: audit.signIn,
          log,
          clock,
        }),
      );
      app.route(
        "/",
        adminRoutes({
          isSystemAdmin,
          teamsApp,
          draft: { serverFacts: loadServerFacts, previewPackage: teamsApp.preview },
        }),
      );
    },
    async onConfigurationChange() {
      identity.serverRules.forget();
      await config.reload();
    },
    serveHTTP: (request, context) => app.fetch(request, context),
  };
});

void servePlugin(plugin);
