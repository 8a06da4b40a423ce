/** What the server thinks of settings that are not saved yet: the console asks while the admin types. */

import { Hono } from "hono";
import { z } from "zod";
import {
  applicationIdUri,
  buildConfig,
  type Config,
  draftWarnings,
  type ServerFacts,
} from "../config/index.ts";
import { ProductError } from "../errors.ts";
import { lazy } from "../lazy.ts";
import type { AdminEnv } from "./routes.ts";

export interface DraftPorts {
  readonly serverFacts: () => Promise<ServerFacts>;
  /** As stored, secrets in clear. */
  readonly savedSettings: () => Promise<Readonly<Record<string, unknown>>>;
  /** `lastAppId`: the app ID of the package that was handed out last. */
  readonly previewPackage: (settings: Config) => Promise<{ readonly lastAppId: string | null }>;
}

/** A megabyte of settings is more than any admin types; the server's own limit is far above. */
const MAX_DRAFT_CHARACTERS = 1_000_000;
const draftRequest = lazy(() => z.object({ settings: z.record(z.string(), z.unknown()) }));

export function draftRoutes(ports: DraftPorts): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  app.post("/api/v1/admin/draft", async (c) => {
    const { settings } = await readJson(c.req.raw, draftRequest());
    // The console never has a stored secret: the server shows it stars, and takes them back as "unchanged".
    const saved = await ports.savedSettings();
    for (const [key, value] of Object.entries(settings)) {
      if (typeof value === "string" && /^\*+$/.test(value)) settings[key] = saved[key] ?? "";
    }
    const facts = await ports.serverFacts();
    const config = buildConfig(settings, facts);
    const handedOut = await ports.previewPackage(config);
    const { siteUrl, cloud, registration } = config;
    return c.json({
      problems: config.problems,
      warnings: [
        ...config.warnings,
        ...draftWarnings(config.settings, buildConfig(saved, facts).settings, { appId: handedOut.lastAppId }),
      ],
      certificates: named(config),
      siteUrl: siteUrl?.url ?? null,
      applicationIdUri: siteUrl && registration ? applicationIdUri(siteUrl, registration.clientId) : null,
      portalUrl: cloud.portalUrl,
      catalogApi: cloud.catalogApi,
      activityFeed: cloud.activityFeed,
      package: handedOut,
    });
  });
  return app;
}

/** By setting, so that the admin sees that they were understood. Subjects and ends are no secrets. */
function named({ caFacts, credentials }: Config) {
  const ofKey = credentials.flatMap((one) => (one.kind === "certificate" ? [one] : []));
  const plain = ({ subject, expiresAt }: { subject: string; expiresAt: number }) => ({
    subject,
    expires: new Date(expiresAt).toISOString().slice(0, 10),
  });
  return { custom_ca_certificates: caFacts.map(plain), m365_client_certificate: ofKey.map(plain) };
}

/** The body of a request as JSON of the expected shape; `request_invalid` otherwise. */
export async function readJson<T>(request: Request, shape: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\b/i.test(request.headers.get("Content-Type") ?? "")) {
    throw new ProductError("request_invalid", "the content type is not application/json");
  }
  const text = await request.text();
  if (text.length > MAX_DRAFT_CHARACTERS) throw new ProductError("request_too_large");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProductError("request_invalid", "not JSON");
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new ProductError("request_invalid", parsed.error.issues[0]?.message ?? "");
  return parsed.data;
}
