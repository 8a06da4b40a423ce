/** Routes for the app package: download, preview, icons. */

import type { Context } from "hono";
import { z } from "zod";
import type { Audit } from "../platform/audit/audit.ts";
import { ProductError } from "../platform/errors.ts";
import { type Env, Routes, readBytes } from "../platform/http/index.ts";
import { type Problem, translateProblem } from "../platform/settings/index.ts";
import { errors } from "../platform/shared-errors.ts";
import { lazy } from "../runtime/lazy.ts";
import { languageFor } from "./checks-routes.ts";

type IconName = "color" | "outline";

export interface PackagePort {
  issue(): Promise<
    | { readonly version: string; readonly fileName: string; readonly bytes: Uint8Array<ArrayBuffer> }
    | { readonly problems: readonly Problem[] }
  >;
  icon(name: IconName): Promise<{ readonly bytes: Uint8Array; readonly custom: boolean }>;
  setIcon(name: IconName, file: Uint8Array): Promise<readonly Problem[]>;
  resetIcon(name: IconName): Promise<void>;
}

/** Larger than the largest icon, so that a file that is only a little too large gets the precise error. */
const MAX_UPLOAD_BYTES = 2 * 1024 * 1024;
const iconName = lazy(() => z.enum(["color", "outline"]));

export function packageRoutes(teamsApp: PackagePort, audit: Audit): Routes {
  const app = new Routes();

  app.get("/api/v1/app-package", "admin", async (c, userId) => {
    const made = await teamsApp.issue();
    if ("problems" in made) return incomplete(c, made.problems);
    const meta = { version: made.version };
    audit({ event: "app_package_downloaded", userId, success: true, meta });
    return c.body(made.bytes, 200, {
      "Content-Type": "application/zip",
      "Content-Disposition": `attachment; filename="${made.fileName}"`,
    });
  });

  app.get("/api/v1/admin/icons/:name", "admin", async (c) => {
    const icon = await teamsApp.icon(nameOf(c));
    return c.body(new Uint8Array(icon.bytes), 200, {
      "Content-Type": "image/png",
      "X-Icon": icon.custom ? "custom" : "default",
    });
  });

  app.put("/api/v1/admin/icons/:name", "admin", async (c, userId) => {
    const name = nameOf(c);
    const problems = await teamsApp.setIcon(name, await readBytes(c.req.raw, MAX_UPLOAD_BYTES));
    if (problems.length === 0) {
      audit({ event: "icon_changed", userId, success: true, meta: { icon: name } });
      return c.json({ saved: true });
    }
    return incomplete(c, problems);
  });

  app.delete("/api/v1/admin/icons/:name", "admin", async (c, userId) => {
    const name = nameOf(c);
    await teamsApp.resetIcon(name);
    audit({ event: "icon_changed", userId, success: true, meta: { icon: name } });
    return c.json({ saved: true });
  });
  return app;
}

function nameOf(c: Context<Env>): IconName {
  const parsed = iconName().safeParse(c.req.param("name"));
  if (!parsed.success) throw new ProductError("not_found");
  return parsed.data;
}

/** An error in the usual shape, with the list of what to fix. */
export function incomplete(c: Context<Env>, problems: readonly Problem[]): Response {
  const { status, says } = errors.app_package_incomplete;
  const language = languageFor(c);
  return c.json(
    {
      ...{ code: "app_package_incomplete", message: says, requestId: c.env.RequestId },
      problems: problems.map((one) => translateProblem(one, language)),
    },
    status,
  );
}
