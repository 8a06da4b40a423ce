/** The features that need a connected account. */

import * as React from "react";
import type { PageProps } from "../page.ts";
import { AdminOnly } from "../parts.tsx";
import { PermissionsPanel } from "../permission-table.tsx";
import { t } from "../translate.ts";

export function FeaturesPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.features")}</h2>
      <p className="mc-lead">{t("features.lead")}</p>
      <h3>{t("features.chats")}</h3>
      {fields("chats_enabled", "chats_default_on", "chats_reply", "chats_max_file_size_mb")}
      <h3>{t("features.channels")}</h3>
      {fields("channels_enabled", "channels_enabled_teams", "channels_sync_guests")}
      <h3>{t("features.calendar")}</h3>
      {fields(
        "calendar_enabled",
        "calendar_admin_user_ids",
        "calendar_admin_log_level",
        "calendar_admin_log_verbose",
      )}
      <AdminOnly>
        <PermissionsPanel />
      </AdminOnly>
    </>
  );
}
