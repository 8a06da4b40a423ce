/** What the System Console asks of the plugin. Everything here is for system admins; one door checks that. */

import { Hono, type MiddlewareHandler } from "hono";
import { GraphError, GraphUnreachable } from "../microsoft/graph/index.ts";
import type { Audit } from "../platform/audit/audit.ts";
import { errorResponse, errors, ProductError } from "../platform/errors.ts";
import { type ChecksRoutesPorts, checksRoutes } from "./checks-routes.ts";
import { type DraftPorts, draftRoutes } from "./draft-routes.ts";
import { type ImportRoutesPorts, importRoutes } from "./import-routes.ts";
import { type MicrosoftPorts, microsoftRoutes } from "./microsoft-routes.ts";
import { type PackagePort, packageRoutes } from "./package-routes.ts";

/** What the server says about a request; the plugin protocol sets it, the sender cannot. */
export interface AdminBindings {
  readonly userId: string | null;
  readonly RequestId: string;
}
export type AdminEnv = { Bindings: AdminBindings };

export interface AdminPorts {
  /** Whether the account has the permission manage_system. */
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly teamsApp: PackagePort;
  readonly draft: DraftPorts;
  readonly checks: ChecksRoutesPorts;
  readonly microsoft: MicrosoftPorts;
  readonly imports: ImportRoutesPorts;
  readonly audit: Audit;
}

/** Admins also get Microsoft's own words, which members never see. Tokens are cut out of them in server/microsoft/graph. */
async function refusal(error: unknown, requestId: string): Promise<Response> {
  if (error instanceof GraphError || error instanceof GraphUnreachable) {
    const code = error instanceof GraphError ? "microsoft_refused" : "microsoft_unreachable";
    const { status, says, cure } = errors[code];
    return Response.json(
      { code, message: says, requestId, detail: error.message, cure },
      { status, headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } },
    );
  }
  return errorResponse(error, requestId);
}

export function adminRoutes(ports: AdminPorts): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  const door: MiddlewareHandler<AdminEnv> = async (c, next) => {
    const { userId } = c.env;
    if (!userId) throw new ProductError("not_signed_in");
    if (!(await ports.isSystemAdmin(userId))) throw new ProductError("not_allowed");
    await next();
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
  };
  app.use("/api/v1/app-package", door);
  app.use("/api/v1/checks/*", door);
  app.use("/api/v1/admin/*", door);
  app.onError((error, c) => refusal(error, c.env.RequestId));

  app.route("/", packageRoutes(ports.teamsApp, ports.audit));
  app.route("/", draftRoutes(ports.draft));
  app.route("/", checksRoutes(ports.checks));
  app.route("/", importRoutes(ports.imports));
  app.route("/", microsoftRoutes(ports.microsoft, ports.teamsApp));
  return app;
}
