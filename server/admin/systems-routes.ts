/** Routes of the Overview page, of each system's page, and of its test. */

import { z } from "zod";
import type { AdminAction } from "../platform/audit/audit.ts";
import { ProductError } from "../platform/errors.ts";
import { Routes, readShape } from "../platform/http/index.ts";
import { lazy } from "../runtime/lazy.ts";
import type { Checks } from "./checks/index.ts";
import type { Report } from "./checks/report.ts";
import { languageFor } from "./checks-routes.ts";
import { type Systems, sayOf } from "./systems.ts";

export interface SystemsRoutesPorts {
  readonly systems: Systems;
  readonly checks: Pick<Checks, "isRunning" | "latest" | "run">;
  /** Returns null when nobody has this name. */
  readonly userIdOf: (username: string) => Promise<string | null>;
  readonly audit: (action: AdminAction) => void;
}

const request = lazy(() => z.strictObject({ username: z.string().max(64).optional() }));

export function systemsRoutes(ports: SystemsRoutesPorts): Routes {
  const { audit, checks, systems, userIdOf } = ports;
  const base = "/api/v1/admin/systems";

  const summaryOf = (report: Report | null) => ({
    checkedAt: report?.at ?? null,
    checking: checks.isRunning(),
    problems: report?.rows.filter(({ state }) => state === "problem").length ?? 0,
    warnings: report?.rows.filter(({ state }) => state === "warning").length ?? 0,
  });

  return new Routes()
    .get(base, "admin", async (c) => {
      const [report, all] = await Promise.all([checks.latest(), systems.all(languageFor(c))]);
      return c.json({ ...summaryOf(report), systems: all });
    })
    .post(`${base}/check`, "admin", async (c, userId) => {
      const report = await checks.run(userId);
      return c.json({ ...summaryOf(report), systems: await systems.all(languageFor(c)) });
    })
    .get(`${base}/:id`, "admin", async (c) => {
      const card = await systems.one(c.req.param("id"), languageFor(c));
      if (!card) throw new ProductError("not_found");
      return c.json({ ...summaryOf(await checks.latest()), system: card });
    })
    .post(`${base}/:id/test`, "admin", async (c, by) => {
      const { username = "" } = await readShape(c.req.raw, request());
      const system = await systems.find(c.req.param("id"));
      if (!system?.test) throw new ProductError("not_found");
      const userId = system.test.about === "self" ? by : await userIdOf(username.trim().replace(/^@/, ""));
      if (userId === null) throw new ProductError("not_found");
      const steps = await system.test.run({ userId });
      const success = steps.every(({ ok }) => ok);
      audit({ event: "system_tested", userId: by, success, meta: { system: system.id, subject: userId } });
      const say = sayOf(system, languageFor(c));
      return c.json({
        steps: steps.map(({ id, ok, seen, cure, place }) => ({
          ...{ id, ok, title: say(`step.${id}`), says: say(`seen.${seen.code}`, seen.values) },
          ...{ cure: cure === undefined ? "" : say(`cure.${cure}`), place: place ?? null },
        })),
      });
    });
}
