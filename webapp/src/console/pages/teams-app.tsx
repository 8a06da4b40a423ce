/** The app as people see it, and the package that delivers it to them. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { AppPreview } from "../app-preview.tsx";
import { Box } from "../box.tsx";
import { IconField, type IconState, loadIcon } from "../icon-field.tsx";
import type { PageProps } from "../page.ts";
import { PublishPanel } from "../panels/publish-panel.tsx";
import { AdminOnly, Failure, useAction } from "../parts.tsx";
import { t } from "../translate.ts";

export function TeamsAppPage({ fields }: PageProps): React.ReactElement {
  const action = useAction();
  const [icons, setIcons] = React.useState<Record<"color" | "outline", IconState> | null>(null);
  const { run } = action;
  const load = React.useCallback(async () => {
    const [color, outline] = await Promise.all([loadIcon("color"), loadIcon("outline")]);
    setIcons({ color, outline });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is built
  React.useEffect(() => {
    if (isSystemAdmin()) void run(load);
  }, [load]);
  return (
    <>
      <h2>{t("page.teams_app")}</h2>
      <p className="mc-lead">{t("app.lead")}</p>
      <AppPreview color={icons?.color ?? null} outline={icons?.outline ?? null} />
      {fields("app_name", "app_id", "app_short_description", "app_full_description", "app_accent_color")}
      <AdminOnly>
        <div className="mc-icons">
          <IconField name="color" state={icons?.color ?? null} changed={load} disabled={action.busy} />
          <IconField name="outline" state={icons?.outline ?? null} changed={load} disabled={action.busy} />
        </div>
      </AdminOnly>
      <Failure error={action.error} />
      <Box title={t("app.publisher")}>
        {fields("app_full_name", "app_publisher", "app_website_url", "app_privacy_url", "app_terms_url")}
      </Box>
      <Box title={t("app.more")}>
        {fields("app_extra_tabs", "app_version", "app_manifest_version", "app_resource_specific_consent")}
      </Box>
      {fields("app_package")}
      <AdminOnly>
        <PublishPanel />
      </AdminOnly>
    </>
  );
}
