/**
 * The members' routes for connecting.
 *
 *   GET    /oauth2/connect?return=dm|settings|close   302 to Entra, or a page with the reason why not
 *   GET    /oauth2/connect?account=bot                the same for the bot account, by a system admin
 *   GET    /oauth2/complete?code&state                a page with the result
 *   GET    /api/v1/connection                         {connected, account?, since?, scopes?, missing?, lost?, …}
 *   DELETE /api/v1/connection                         204
 *   POST   /api/v1/connection/seen                    204
 *   POST   /api/v1/connection/from-tab {token}        204; 409 consent_required
 */

import { z } from "zod";
import type { ConfigSource } from "../../microsoft/config/index.ts";
import { ProductError } from "../../platform/errors.ts";
import { Routes, readShape } from "../../platform/http/index.ts";
import { languageOf } from "../../platform/i18n/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Api, RequestContext } from "../../runtime/mattermost/index.ts";
import { type Ending, ending } from "./flow/outcomes.ts";
import type { Connections } from "./index.ts";

export interface ConnectionRoutesPorts {
  readonly connections: Connections;
  readonly config: ConfigSource;
  readonly pluginId: string;
  readonly api: Pick<Api, "getUser">;
}

const tabToken = lazy(() =>
  z.object({
    token: z
      .string()
      .min(1)
      .max(16 * 1024),
  }),
);

export function connectionRoutes({ api, config, connections, pluginId }: ConnectionRoutesPorts): Routes {
  async function page(end: Ending, { AcceptLanguage, RequestId, userId }: RequestContext): Promise<Response> {
    const user = userId === null ? null : await api.getUser(userId).catch(() => null);
    const language = languageOf(user?.Locale || AcceptLanguage.split(",")[0]);
    const siteUrl = config.current.siteUrl?.url ?? "";
    const { outcomePage } = await import("./flow/outcome-page.ts");
    return outcomePage(end, { language, requestId: RequestId, siteUrl, pluginId });
  }

  return new Routes()
    .get("/oauth2/connect", "member", async ({ env, req }, userId) => {
      if (!connections.isOn()) return page(ending("not_configured"), env);
      const whose = req.query("account") === "bot" ? "bot" : "own";
      const begun = await connections.begin({ userId, sessionId: env.SessionId }, whose);
      if ("outcome" in begun) return page(begun, env);
      const headers = { Location: begun.redirect, "Referrer-Policy": "no-referrer" };
      return new Response(null, { status: 302, headers });
    })
    .get("/oauth2/complete", "member", async ({ env, req }, userId) => {
      if (!connections.isOn()) return page(ending("not_configured"), env);
      const query = new URL(req.url).searchParams;
      const browser = { userId, sessionId: env.SessionId };
      return page(await connections.complete(browser, query, env.RequestId), env);
    })
    .get("/api/v1/connection", "member", async (_, userId) => {
      if (!connections.isOn())
        return Response.json({ connected: false, mayConnect: false, mustConnect: false, maySkip: false });
      const state = await connections.state(userId);
      return Response.json({ ...state, ...(await connections.askedAtLogin(userId, state)) });
    })
    .delete("/api/v1/connection", "member", async ({ env }, userId) => {
      await connections.disconnect(userId, { userId, requestId: env.RequestId });
      return new Response(null, { status: 204 });
    })
    .post("/api/v1/connection/seen", "member", async (_, userId) => {
      if (connections.isOn()) await connections.seen(userId);
      return new Response(null, { status: 204 });
    })
    .post("/api/v1/connection/from-tab", "member", async ({ env, req }, userId) => {
      if (!connections.isOn()) throw new ProductError("not_configured");
      const { token } = await readShape(req.raw, tabToken());
      await connections.fromTab(userId, token, env.RequestId);
      return new Response(null, { status: 204 });
    });
}
