/** Cloud, tenant and registration: filled in by hand, by the set-up, or from the earlier plugin. */

import * as React from "react";
import { Box } from "../box.tsx";
import { currentDraft, problemOf } from "../draft.ts";
import { textOf, useLive } from "../live.ts";
import type { PageProps } from "../page.ts";
import { FrameAncestorsPanel } from "../panels/frame-ancestors-panel.tsx";
import { GuidePanel } from "../panels/guide-panel.tsx";
import { ImportPanel } from "../panels/import-panel.tsx";
import { SetupPanel } from "../panels/setup-panel.tsx";
import { AdminOnly, CopyValue } from "../parts.tsx";
import { t } from "../translate.ts";

const custom = ["custom_login_url", "custom_graph_url", "custom_teams_url"];

export function ConnectPage({ fields }: PageProps): React.ReactElement {
  useLive();
  const draft = currentDraft();
  const siteUrl = draft?.problems.find(({ setting }) => setting === "SiteURL");
  return (
    <>
      <h2>{t("page.connect")}</h2>
      <p className="mc-lead">{t("connect.lead")}</p>
      {siteUrl && (
        <p className="alert alert-danger" role="alert">
          {t("connect.siteUrl", { says: siteUrl.says })}
        </p>
      )}
      {fields("national_cloud")}
      {/* Mounted in every cloud, because their values must be known before the choice is made. */}
      <div hidden={textOf("national_cloud") !== "custom" && !custom.some((key) => problemOf(key))}>
        {fields(...custom)}
      </div>
      <AdminOnly>
        <ImportPanel />
        <SetupPanel />
        <GuidePanel />
      </AdminOnly>
      <h3>{t("connect.registration")}</h3>
      {fields("m365_tenant_id", "m365_client_id", "m365_client_secret")}
      <Box title={t("connect.credentials")}>
        {fields("m365_client_certificate", "m365_federated_token_file", "m365_client_secret_2")}
      </Box>
      {draft?.applicationIdUri && <CopyValue what={t("guide.uri")} value={draft.applicationIdUri} />}
      <AdminOnly>
        <FrameAncestorsPanel />
      </AdminOnly>
      <Box title={t("connect.encryption")}>{fields("encryption_key", "encryption_key_previous")}</Box>
      <Box title={t("connect.network")}>
        {fields(
          "outgoing_proxy",
          "custom_ca_certificates",
          "notification_url",
          "change_delivery",
          "extra_frame_ancestors",
        )}
      </Box>
    </>
  );
}
