/** The Checks page: last run, a new run, the report as a file. */

import { Hono } from "hono";
import type { ConfigSource } from "../platform/settings/index.ts";
import type { Checks } from "./checks/index.ts";
import { reportText } from "./checks/index.ts";
import { compareFrameAncestors } from "./frame-ancestors.ts";
import type { AdminEnv } from "./routes.ts";
import type { ServerFacts } from "./server-facts.ts";

export interface ChecksRoutesPorts {
  readonly checks: Checks;
  readonly config: ConfigSource;
  readonly serverFacts: () => Promise<ServerFacts>;
  /** Versions and the like for the head of the report. */
  readonly about: () => Promise<Readonly<Record<string, string>>>;
}

export function checksRoutes({ checks, config, serverFacts, about }: ChecksRoutesPorts): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();

  app.get("/api/v1/checks", async (c) => c.json({ report: await checks.latest() }));
  app.post("/api/v1/checks", async (c) => c.json({ report: await checks.run(c.env.userId ?? undefined) }));
  app.get("/api/v1/checks/report", async (c) => {
    const report = (await checks.latest()) ?? (await checks.run());
    const date = report.at.slice(0, 10);
    return c.body(reportText(report, await about()), 200, {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Disposition": `attachment; filename="mission-collaboration-checks-${date}.txt"`,
    });
  });

  app.get("/api/v1/admin/catalog", async (c) => c.json(await checks.catalog()));

  app.get("/api/v1/admin/frame-ancestors", async (c) => {
    const { cloud, settings } = config.current;
    const setting = (await serverFacts()).frameAncestors;
    const extra = settings.extra_frame_ancestors.split(/[\s,]+/).filter((source) => source !== "");
    return c.json({ setting, ...compareFrameAncestors(setting, cloud.frameAncestors, extra) });
  });
  return app;
}
