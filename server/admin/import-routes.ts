/** Routes for the migration from an earlier plugin: settings with one press, links from a file. */

import { z } from "zod";
import type { ConfigSource } from "../microsoft/config/index.ts";
import type { LinkImportPort, LinkVerdict } from "../people/link-import.ts";
import type { Audit } from "../platform/audit/audit.ts";
import { ProductError } from "../platform/errors.ts";
import { Routes, readShape } from "../platform/http/index.ts";
import { lazy } from "../runtime/lazy.ts";
import { type createImport, earlierPlugins, readEarlierLinks } from "./earlier-plugin.ts";

export interface ImportRoutesPorts {
  readonly earlier: ReturnType<typeof createImport>;
  readonly links: LinkImportPort;
  readonly config: ConfigSource;
  readonly audit: Audit;
}

const runRequest = lazy(() => z.object({ plugin: z.enum(earlierPlugins) }));
const linksRequest = lazy(() => z.object({ text: z.string(), dryRun: z.boolean() }));

export function importRoutes({ earlier, links, config, audit }: ImportRoutesPorts): Routes {
  const app = new Routes();
  const base = "/api/v1/admin/import";

  app.get(base, "admin", async (c) => c.json(await earlier.preview()));

  app.post(base, "admin", async (c, userId) => {
    const { plugin } = await readShape(c.req.raw, runRequest());
    const taken = await saving(() => earlier.run(plugin));
    audit({
      event: "settings_imported",
      userId,
      success: true,
      meta: { plugin, settings: taken.join(" ") },
    });
    return c.json({ taken });
  });

  app.post(`${base}/undo`, "admin", async (c, userId) => {
    if (!(await saving(() => earlier.undo()))) throw new ProductError("not_found");
    audit({ event: "settings_import_undone", userId, success: true, meta: {} });
    return c.json({ undone: true });
  });

  app.post(`${base}/links`, "admin", async (c, userId) => {
    const { text, dryRun } = await readShape(c.req.raw, linksRequest());
    const { registration } = config.current;
    if (!registration) throw new ProductError("not_configured");
    const read = readEarlierLinks(text);
    const counts: Partial<Record<LinkVerdict, number>> = {};
    for (const candidate of read.links) {
      const verdict = await links.link({ ...candidate, tenantId: registration.tenantId }, dryRun);
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
    if (!dryRun) {
      const meta = { linked: counts.link ?? 0 };
      audit({ event: "links_imported", userId, success: true, meta });
    }
    return c.json({ counts, unreadable: read.unreadable });
  });
  return app;
}

async function saving<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new ProductError("settings_locked", "", { cause: error });
  }
}
