/** What the server thinks of settings that are not saved yet: the console asks while the admin types. */

import { z } from "zod";
import { Routes, readShape } from "../platform/http/index.ts";
import { applicationIdUri, buildConfig, type Config, type ServerFacts } from "../platform/settings/index.ts";
import { lazy } from "../runtime/lazy.ts";

export interface DraftPorts {
  readonly serverFacts: () => Promise<ServerFacts>;
  /** As stored, secrets in clear. */
  readonly savedSettings: () => Promise<Readonly<Record<string, unknown>>>;
  readonly previewPackage: (settings: Config) => Promise<object>;
}

const draftRequest = lazy(() => z.object({ settings: z.record(z.string(), z.unknown()) }));

export function draftRoutes(ports: DraftPorts): Routes {
  const app = new Routes();
  app.post("/api/v1/admin/draft", "admin", async (c) => {
    const { settings } = await readShape(c.req.raw, draftRequest());
    // The console never has a stored secret: the server shows it stars, and takes them back as "unchanged".
    const saved = await ports.savedSettings();
    for (const [key, value] of Object.entries(settings)) {
      if (typeof value === "string" && /^\*+$/.test(value)) settings[key] = saved[key] ?? "";
    }
    const config = buildConfig(settings, await ports.serverFacts());
    const { siteUrl, cloud, registration } = config;
    return c.json({
      problems: config.problems,
      siteUrl: siteUrl?.url ?? null,
      applicationIdUri: siteUrl && registration ? applicationIdUri(siteUrl, registration.clientId) : null,
      portalUrl: cloud.portalUrl,
      catalogApi: cloud.catalogApi,
      activityFeed: cloud.activityFeed,
      package: await ports.previewPackage(config),
    });
  });
  return app;
}
