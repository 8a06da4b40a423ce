import * as React from "react";
import { currentDraft } from "../draft.ts";
import type { PageProps } from "../page.ts";
import { NotificationsPanel } from "../panels/notifications-panel.tsx";
import { AdminOnly } from "../parts.tsx";
import { t } from "../translate.ts";

export function NotificationsPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.notifications")}</h2>
      <p className="mc-lead">{t("notifications.lead")}</p>
      {currentDraft()?.activityFeed === false && (
        <p className="alert alert-warning">{t("notifications.noFeed")}</p>
      )}
      {fields(
        "disable_user_activity_notifications",
        "notification_content",
        "notification_opt_in",
        "notification_only_when_away",
        "notification_expiry_minutes",
      )}
      <AdminOnly>
        <NotificationsPanel />
      </AdminOnly>
    </>
  );
}
