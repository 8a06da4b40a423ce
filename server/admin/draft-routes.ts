/** Judges settings that are not saved yet, while the admin types in the console. */

import { z } from "zod";
import { buildConfig, type Config, draftWarnings, type ServerFacts } from "../microsoft/config/index.ts";
import { Routes, readShape } from "../platform/http/index.ts";
import { applicationIdUri, type Problem, translateProblem } from "../platform/settings/index.ts";
import { lazy } from "../runtime/lazy.ts";
import { languageFor } from "./checks-routes.ts";

export interface DraftPorts {
  readonly serverFacts: () => Promise<ServerFacts>;
  /** Returns the stored settings, with secrets in clear text. */
  readonly savedSettings: () => Promise<Readonly<Record<string, unknown>>>;
  /** `lastAppId`: the app ID of the package that was downloaded last. */
  readonly previewPackage: (
    settings: Config,
  ) => Promise<{ readonly problems: readonly Problem[]; readonly lastAppId: string | null }>;
}

const draftRequest = lazy(() => z.object({ settings: z.record(z.string(), z.unknown()) }));

export function draftRoutes(ports: DraftPorts): Routes {
  const app = new Routes();
  app.post("/api/v1/admin/draft", "admin", async (c) => {
    const { settings } = await readShape(c.req.raw, draftRequest());
    // The console never has a stored secret: the server sends it asterisks, and accepts them back as "unchanged".
    const saved = await ports.savedSettings();
    for (const [key, value] of Object.entries(settings)) {
      if (typeof value === "string" && /^\*+$/.test(value)) settings[key] = saved[key] ?? "";
    }
    const facts = await ports.serverFacts();
    const config = buildConfig(settings, facts);
    const { siteUrl, cloud, registration } = config;
    const preview = await ports.previewPackage(config);
    const language = languageFor(c);
    const inLanguage = (problem: Problem) => translateProblem(problem, language);
    return c.json({
      problems: config.problems.map(inLanguage),
      warnings: [
        ...config.warnings,
        ...draftWarnings(config.section, buildConfig(saved, facts).section, { appId: preview.lastAppId }),
      ].map(inLanguage),
      certificates: named(config),
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
 * Lists the certificates by setting, so that the admin sees that they were understood. Subjects and expiry dates are
 * not secret.
 */
function named({ caFacts, credentials }: Config) {
  const ofKey = credentials.flatMap((one) => (one.kind === "certificate" ? [one] : []));
  const plain = ({ subject, expiresAt }: { subject: string; expiresAt: number }) => ({
    subject,
    expires: new Date(expiresAt).toISOString().slice(0, 10),
  });
  return { custom_ca_certificates: caFacts.map(plain), m365_client_certificate: ofKey.map(plain) };
}

/**
 * A hash of the stored settings, including secrets, which the server shows to nobody. With it a console that read the
 * settings earlier notices that another admin has changed them, and does not overwrite the change.
 */
function fingerprint(saved: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(Object.entries(saved).sort(([a], [b]) => (a < b ? -1 : 1)));
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 16);
}
