/**
 * Routes for the console's page of notifications (state and totals, a test activity for the caller), and for the tab
 * of a member.
 */

import { z } from "zod";
import type { ConfigSource } from "../../microsoft/config/index.ts";
import { Routes, readShape } from "../../platform/http/index.ts";
import { activitySettings } from "../../platform/settings/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Offer } from "./members/offer.ts";
import type { NotificationsState } from "./state.ts";
import type { TestStep } from "./test-activity.ts";

const answer = lazy(() => z.strictObject({ keep: z.boolean() }));

export interface NotificationRoutesPorts {
  readonly notifications: {
    state(): NotificationsState;
    sendTest(userId: string): Promise<TestStep[]>;
    readonly offer: Offer;
  };
  readonly config: ConfigSource;
}

export function notificationRoutes({ notifications, config }: NotificationRoutesPorts): Routes {
  return (
    new Routes()
      .get("/api/v1/notifications/state", "admin", (c) => c.json(notifications.state()))
      .post("/api/v1/notifications/test", "admin", async (c, userId) =>
        c.json({ steps: await notifications.sendTest(userId) }),
      )
      // The defaults for members who have not chosen: their settings show them beside "As my admin decided".
      .get("/api/v1/notifications/defaults", "member", (c) => {
        const { notificationsEnabled } = config.current;
        const settings = config.current.section(activitySettings);
        return c.json({
          available: notificationsEnabled,
          notify: !settings.notification_opt_in,
          onlyWhenAway: settings.notification_only_when_away,
        });
      })
      // For any member, about themselves only.
      .get("/api/v1/notifications/offer", "member", async (c, userId) =>
        c.json({ due: await notifications.offer.due(userId) }),
      )
      .post("/api/v1/notifications/offer", "member", async (c, userId) => {
        const { keep } = await readShape(c.req.raw, answer());
        await notifications.offer.answer(userId, keep);
        return c.body(null, 204);
      })
  );
}
