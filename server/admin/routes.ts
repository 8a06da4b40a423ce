/** What the System Console asks of the plugin. Everything here is for system admins; one door checks that. */

import { Hono, type MiddlewareHandler } from "hono";
import { errorResponse, ProductError } from "../errors.ts";
import { type DraftPorts, draftRoutes } from "./draft-routes.ts";
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
  app.use("/api/v1/admin/*", door);
  app.onError((error, c) => errorResponse(error, c.env.RequestId));

  app.route("/", packageRoutes(ports.teamsApp));
  app.route("/", draftRoutes(ports.draft));
  return app;
}
