/** The app as people see it, and the package that brings it to them. */

import * as React from "react";
import { AppPreview } from "../app-preview.tsx";
import { IconField, type IconState, loadIcon } from "../icon-field.tsx";
import { Failure, useAction } from "../parts.tsx";
import { PublishPanel } from "../publish-panel.tsx";
import type { PageProps } from "../section.tsx";
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
  React.useEffect(() => void run(load), [load]);
  return (
    <>
      <h2>{t("page.teams_app")}</h2>
      <p className="mc-lead">{t("app.lead")}</p>
      <AppPreview color={icons?.color ?? null} outline={icons?.outline ?? null} />
      {fields("app_name", "app_id", "app_short_description", "app_full_description", "app_accent_color")}
      <div className="mc-icons">
        <IconField name="color" state={icons?.color ?? null} changed={load} disabled={action.busy} />
        <IconField name="outline" state={icons?.outline ?? null} changed={load} disabled={action.busy} />
      </div>
      <Failure error={action.error} />
      <details>
        <summary>{t("app.publisher")}</summary>
        {fields("app_full_name", "app_publisher", "app_website_url", "app_privacy_url", "app_terms_url")}
      </details>
      <details>
        <summary>{t("app.more")}</summary>
        {fields("app_extra_tabs", "app_version", "app_manifest_version", "app_resource_specific_consent")}
      </details>
      {fields("app_package")}
      <PublishPanel />
    </>
  );
}
