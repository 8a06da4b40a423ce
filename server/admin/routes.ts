/** Collects the routes of the System Console. All are for system admins. */

import type { Audit } from "../platform/audit/audit.ts";
import { Routes } from "../platform/http/index.ts";
import { type ChangesRoutesPorts, changesRoutes } from "./changes-routes.ts";
import { type ChecksRoutesPorts, checksRoutes } from "./checks-routes.ts";
import { type DraftPorts, draftRoutes } from "./draft-routes.ts";
import { guideRoutes } from "./guide-routes.ts";
import { type ImportRoutesPorts, importRoutes } from "./import-routes.ts";
import { type MicrosoftPorts, microsoftRoutes } from "./microsoft-routes.ts";
import { type PackagePort, packageRoutes } from "./package-routes.ts";
import { type SystemsRoutesPorts, systemsRoutes } from "./systems-routes.ts";

export interface AdminPorts {
  readonly teamsApp: PackagePort;
  readonly draft: DraftPorts;
  readonly checks: ChecksRoutesPorts;
  readonly microsoft: MicrosoftPorts;
  readonly imports: ImportRoutesPorts;
  readonly changes: ChangesRoutesPorts;
  readonly systems: SystemsRoutesPorts;
  readonly audit: Audit;
}

export function adminRoutes(ports: AdminPorts): Routes {
  return new Routes()
    .include(packageRoutes(ports.teamsApp, ports.audit))
    .include(draftRoutes(ports.draft))
    .include(checksRoutes(ports.checks))
    .include(importRoutes(ports.imports))
    .include(changesRoutes(ports.changes))
    .include(systemsRoutes(ports.systems))
    .include(guideRoutes(ports.microsoft))
    .include(microsoftRoutes(ports.microsoft, ports.teamsApp));
}
