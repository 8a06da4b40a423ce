/** What the System Console asks of the plugin. Everything here is for system admins; the code is loaded on demand. */

import type { Declared } from "../platform/http/index.ts";

export const declaredRoutes = [
  ["GET", "/api/v1/app-package", "admin"],
  ["GET", "/api/v1/admin/icons/:name", "admin"],
  ["PUT", "/api/v1/admin/icons/:name", "admin"],
  ["DELETE", "/api/v1/admin/icons/:name", "admin"],
  ["POST", "/api/v1/admin/draft", "admin"],
  ["GET", "/api/v1/checks", "admin"],
  ["POST", "/api/v1/checks", "admin"],
  ["GET", "/api/v1/checks/report", "admin"],
  ["GET", "/api/v1/admin/catalog", "admin"],
  ["GET", "/api/v1/admin/frame-ancestors", "admin"],
  ["GET", "/api/v1/admin/import", "admin"],
  ["POST", "/api/v1/admin/import", "admin"],
  ["POST", "/api/v1/admin/import/undo", "admin"],
  ["POST", "/api/v1/admin/import/links", "admin"],
  ["GET", "/api/v1/admin/changes", "admin"],
  ["POST", "/api/v1/admin/changes/retry", "admin"],
  ["GET", "/api/v1/admin/permissions", "admin"],
  ["GET", "/api/v1/admin/setup/guide", "admin"],
  ["POST", "/api/v1/admin/microsoft", "admin"],
  ["GET", "/api/v1/admin/microsoft/:id", "admin"],
  ["DELETE", "/api/v1/admin/microsoft/:id", "admin"],
  ["POST", "/api/v1/admin/microsoft/:id/publish", "admin"],
  ["POST", "/api/v1/admin/microsoft/:id/plan", "admin"],
  ["POST", "/api/v1/admin/microsoft/:id/apply", "admin"],
  ["POST", "/api/v1/admin/microsoft/:id/undo", "admin"],
] as const satisfies readonly Declared[];
