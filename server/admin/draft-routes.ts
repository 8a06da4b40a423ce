/** What the server thinks of settings that are not saved yet: the console asks while the admin types. */

import { z } from "zod";
import { Routes, readShape } from "../platform/http/index.ts";
import {
  applicationIdUri,
  buildConfig,
  type Config,
  type Problem,
  type ServerFacts,
  translateProblem,
} from "../platform/settings/index.ts";
import { lazy } from "../runtime/lazy.ts";
import { languageFor } from "./checks-routes.ts";

export interface DraftPorts {
  readonly serverFacts: () => Promise<ServerFacts>;
  /** As stored, secrets in clear. */
  readonly savedSettings: () => Promise<Readonly<Record<string, unknown>>>;
  readonly previewPackage: (settings: Config) => Promise<{ readonly problems: readonly Problem[] }>;
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
    const preview = await ports.previewPackage(config);
    const language = languageFor(c);
    const inLanguage = (problem: Problem) => translateProblem(problem, language);
    return c.json({
      problems: config.problems.map(inLanguage),
      siteUrl: siteUrl?.url ?? null,
      applicationIdUri: siteUrl && registration ? applicationIdUri(siteUrl, registration.clientId) : null,
      portalUrl: cloud.portalUrl,
      catalogApi: cloud.catalogApi,
      activityFeed: cloud.activityFeed,
      package: { ...preview, problems: preview.problems.map(inLanguage) },
      stored: fingerprint(saved),
    });
  });
  return app;
}

/**
 * Tells whether the stored settings are still the same, secrets included, which the server shows nobody: a console
 * that read them earlier must not write its old copy over another admin's change.
 */
function fingerprint(saved: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(Object.entries(saved).sort(([a], [b]) => (a < b ? -1 : 1)));
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 16);
}
