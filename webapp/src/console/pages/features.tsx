/** The features that need a connected account. */

import * as React from "react";
import { Lazy } from "../../host/lazy.tsx";
import { liveValue, savedValue, useLive } from "../live.ts";
import { isOpen } from "../navigation.ts";
import type { PageProps } from "../page.ts";
import { AdminOnly } from "../parts.tsx";
import { PermissionsPanel } from "../permission-table.tsx";
import { currentLocale, t } from "../translate.ts";

/** Nothing of it is loaded while the page is closed or everything is off. */
function State({ id }: { id: string }): React.ReactElement | null {
  useLive();
  const setting = `${id}_enabled`;
  const isOn = [liveValue(setting), savedValue(setting)].some((value) => value === true || value === "true");
  const [isLoaded, setLoaded] = React.useState(false);
  const isShown = isOn && isOpen("features");
  React.useEffect(() => {
    if (isShown) setLoaded(true);
  }, [isShown]);
  if (!isLoaded) return null;
  const load = async () => {
    const { FeatureState } = await import("../systems/pages.tsx");
    return () => <FeatureState id={id} setting={setting} />;
  };
  return (
    <AdminOnly>
      <Lazy language={currentLocale()} load={load} />
    </AdminOnly>
  );
}

export function FeaturesPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.features")}</h2>
      <p className="mc-lead">{t("features.lead")}</p>
      <h3>{t("features.chats")}</h3>
      {fields("chats_enabled", "chats_default_on", "chats_reply", "chats_max_file_size_mb")}
      <State id="chats" />
      <h3>{t("features.channels")}</h3>
      {fields("channels_enabled", "channels_enabled_teams", "channels_sync_guests")}
      <State id="channels" />
      <h3>{t("features.calendar")}</h3>
      {fields(
        "calendar_enabled",
        "calendar_admin_user_ids",
        "calendar_admin_log_level",
        "calendar_admin_log_verbose",
      )}
      <State id="calendar" />
      <AdminOnly>
        <PermissionsPanel />
      </AdminOnly>
    </>
  );
}
