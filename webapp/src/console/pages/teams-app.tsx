import * as React from "react";
import type { PageProps } from "../section.tsx";
import { t } from "../translate.ts";

export function TeamsAppPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h3>{t("page.teams_app")}</h3>
      <p className="mc-lead">{t("app.lead")}</p>
      {fields("app_name", "app_id", "app_short_description", "app_full_description", "app_accent_color")}
      <details>
        <summary>{t("app.publisher")}</summary>
        {fields("app_full_name", "app_publisher", "app_website_url", "app_privacy_url", "app_terms_url")}
      </details>
      <details>
        <summary>{t("app.more")}</summary>
        {fields("app_extra_tabs", "app_version", "app_manifest_version", "app_resource_specific_consent")}
      </details>
      {fields("app_package")}
    </>
  );
}
