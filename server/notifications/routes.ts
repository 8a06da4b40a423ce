/** What the console's page of notifications asks: state and figures, and a test activity for the one who asks. */

import { Hono, type MiddlewareHandler } from "hono";
import { errorResponse, ProductError } from "../errors.ts";
import type { Notifications } from "./index.ts";

/** What the server says about a request; the sender cannot. */
interface Env {
  Bindings: { readonly userId: string | null; readonly RequestId: string };
}

export interface NotificationRoutesPorts {
  readonly notifications: Pick<Notifications, "state" | "sendTest">;
  /** Whether the account has the permission manage_system. */
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
}

export function notificationRoutes({ notifications, isSystemAdmin }: NotificationRoutesPorts): Hono<Env> {
  const app = new Hono<Env>();
  const door: MiddlewareHandler<Env> = async (c, next) => {
    if (!c.env.userId) throw new ProductError("not_signed_in");
    if (!(await isSystemAdmin(c.env.userId))) throw new ProductError("not_allowed");
    await next();
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
  };
  app.use("/api/v1/notifications/*", door);
  app.onError((error, c) => errorResponse(error, c.env.RequestId));
  app.get("/api/v1/notifications/state", (c) => c.json(notifications.state()));
  app.post("/api/v1/notifications/test", async (c) =>
    c.json({ steps: await notifications.sendTest(c.env.userId ?? "") }),
  );
  return app;
}
