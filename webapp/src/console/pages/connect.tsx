/** Cloud, tenant, registration: filled in by hand, by the set-up, or from the earlier plugin. */

import * as React from "react";
import { currentDraft } from "../draft.ts";
import { FrameAncestorsPanel } from "../frame-ancestors-panel.tsx";
import { GuidePanel } from "../guide-panel.tsx";
import { ImportPanel } from "../import-panel.tsx";
import { textOf, useLive } from "../live.ts";
import { CopyValue } from "../parts.tsx";
import type { PageProps } from "../section.tsx";
import { SetupPanel } from "../setup-panel.tsx";
import { t, translated } from "../translate.ts";

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
          {t("connect.siteUrl", { says: translated(`says.${siteUrl.says}`, siteUrl.says) })}
        </p>
      )}
      {fields("national_cloud")}
      {/* Mounted in every cloud: their values must be among the live ones before the choice is made. */}
      <div hidden={textOf("national_cloud") !== "custom"}>
        {fields("custom_login_url", "custom_graph_url", "custom_teams_url")}
      </div>
      <ImportPanel />
      <SetupPanel />
      <GuidePanel />
      <h3>{t("connect.registration")}</h3>
      {fields("m365_tenant_id", "m365_client_id", "m365_client_secret")}
      <details>
        <summary>{t("connect.credentials")}</summary>
        {fields("m365_client_certificate", "m365_federated_token_file", "m365_client_secret_2")}
      </details>
      {draft?.applicationIdUri && <CopyValue what={t("guide.uri")} value={draft.applicationIdUri} />}
      <FrameAncestorsPanel />
      <details>
        <summary>{t("connect.network")}</summary>
        {fields("outgoing_proxy", "custom_ca_certificates", "extra_frame_ancestors")}
      </details>
    </>
  );
}
