/**
 * What the console's page of notifications asks (state and figures, a test activity for the one who asks), and
 * what the tab asks for a member.
 */

import { Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { errorResponse, ProductError } from "../../platform/errors.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Notifications } from "./index.ts";

const answer = lazy(() => z.strictObject({ keep: z.boolean() }));

/** What the server says about a request; the sender cannot. */
interface Env {
  Bindings: { readonly userId: string | null; readonly RequestId: string };
}

export interface NotificationRoutesPorts {
  readonly notifications: Pick<Notifications, "state" | "sendTest" | "offer">;
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
  app.use("/api/v1/notifications/state", door);
  app.use("/api/v1/notifications/test", door);
  app.onError((error, c) => errorResponse(error, c.env.RequestId));
  app.get("/api/v1/notifications/state", (c) => c.json(notifications.state()));
  app.post("/api/v1/notifications/test", async (c) =>
    c.json({ steps: await notifications.sendTest(c.env.userId ?? "") }),
  );
  // For any member, about themselves alone.
  app.use("/api/v1/notifications/offer", async (c, next) => {
    if (!c.env.userId) throw new ProductError("not_signed_in");
    await next();
    c.header("Cache-Control", "no-store");
  });
  app.get("/api/v1/notifications/offer", async (c) =>
    c.json({ due: await notifications.offer.due(c.env.userId ?? "") }),
  );
  app.post("/api/v1/notifications/offer", async (c) => {
    const body = answer().safeParse(await c.req.json().catch(() => null));
    if (!body.success) throw new ProductError("request_invalid");
    await notifications.offer.answer(c.env.userId ?? "", body.data.keep);
    return c.body(null, 204);
  });
  return app;
}
