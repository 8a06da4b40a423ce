/** What the System Console asks of the plugin. Everything here is for system admins. */

import { GraphError, GraphUnreachable } from "../microsoft/graph/index.ts";
import type { Audit } from "../platform/audit/audit.ts";
import type { ErrorCode } from "../platform/errors.ts";
import { Routes } from "../platform/http/index.ts";
import { type ChangesRoutesPorts, changesRoutes } from "./changes-routes.ts";
import { type ChecksRoutesPorts, checksRoutes } from "./checks-routes.ts";
import { type DraftPorts, draftRoutes } from "./draft-routes.ts";
import { guideRoutes } from "./guide-routes.ts";
import { type ImportRoutesPorts, importRoutes } from "./import-routes.ts";
import { type MicrosoftPorts, microsoftRoutes } from "./microsoft-routes.ts";
import { type PackagePort, packageRoutes } from "./package-routes.ts";

export interface AdminPorts {
  readonly teamsApp: PackagePort;
  readonly draft: DraftPorts;
  readonly checks: ChecksRoutesPorts;
  readonly microsoft: MicrosoftPorts;
  readonly imports: ImportRoutesPorts;
  readonly changes: ChangesRoutesPorts;
  readonly audit: Audit;
}

/** Admins also get Microsoft's own words, which members never see. Tokens are cut out of them in server/microsoft/graph. */
export function explainForAdmins(error: unknown): { code: ErrorCode; detail: string } | null {
  if (error instanceof GraphError) return { code: "microsoft_refused", detail: error.message };
  if (error instanceof GraphUnreachable) return { code: "microsoft_unreachable", detail: error.message };
  return null;
}

export function adminRoutes(ports: AdminPorts): Routes {
  return new Routes()
    .include(packageRoutes(ports.teamsApp, ports.audit))
    .include(draftRoutes(ports.draft))
    .include(checksRoutes(ports.checks))
    .include(importRoutes(ports.imports))
    .include(changesRoutes(ports.changes))
    .include(guideRoutes(ports.microsoft))
    .include(microsoftRoutes(ports.microsoft, ports.teamsApp));
}
