/** Routes of the Checks page: the last run, a new run, the report as a file. */

import type { Context } from "hono";
import type { ConfigSource } from "../microsoft/config/index.ts";
import { Routes } from "../platform/http/index.ts";
import { languageOf } from "../platform/i18n/language.ts";
import { networkSettings } from "../platform/settings/index.ts";
import type { Checks } from "./checks/index.ts";
import { compareFrameAncestors } from "./frame-ancestors.ts";
import type { ServerFacts } from "./server-facts.ts";

export interface ChecksRoutesPorts {
  readonly checks: Checks;
  readonly config: ConfigSource;
  readonly serverFacts: () => Promise<ServerFacts>;
  /** Versions and the like for the head of the report. */
  readonly about: () => Promise<Readonly<Record<string, string>>>;
}

export function checksRoutes({ checks, config, serverFacts, about }: ChecksRoutesPorts): Routes {
  const app = new Routes();

  app.get("/api/v1/checks", "admin", async (c) => {
    const report = await checks.latest();
    return c.json({ report: report && checks.wording.report(report, languageFor(c)) });
  });
  app.post("/api/v1/checks", "admin", async (c, userId) => {
    const report = await checks.run(userId);
    return c.json({ report: checks.wording.report(report, languageFor(c)) });
  });
  app.get("/api/v1/checks/report", "admin", async (c) => {
    const report = (await checks.latest()) ?? (await checks.run());
    const date = report.at.slice(0, 10);
    return c.body(checks.wording.text(report, await about(), languageFor(c)), 200, {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Disposition": `attachment; filename="mission-collaboration-checks-${date}.txt"`,
    });
  });

  app.get("/api/v1/admin/catalog", "admin", async (c) =>
    c.json(checks.wording.row(await checks.catalog(), languageFor(c))),
  );

  app.get("/api/v1/admin/frame-ancestors", "admin", async (c) => {
    const { cloud, section } = config.current;
    const setting = (await serverFacts()).frameAncestors;
    const extra = section(networkSettings)
      .extra_frame_ancestors.split(/[\s,]+/)
      .filter((source) => source !== "");
    return c.json({ setting, ...compareFrameAncestors(setting, cloud.frameAncestors, extra) });
  });
  return app;
}

/** The console sends the language that the admin chose in Mattermost. */
export const languageFor = (c: Context) => languageOf(c.req.header("Accept-Language"));
