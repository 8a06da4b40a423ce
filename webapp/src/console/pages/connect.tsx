import * as React from "react";
import { textOf } from "../live.ts";
import type { PageProps } from "../section.tsx";
import { t } from "../translate.ts";

export function ConnectPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h3>{t("page.connect")}</h3>
      <p className="mc-lead">{t("connect.lead")}</p>
      {fields("national_cloud")}
      {/* Mounted in every cloud: their values must be among the live ones before the choice is made. */}
      <div hidden={textOf("national_cloud") !== "custom"}>
        {fields("custom_login_url", "custom_graph_url", "custom_teams_url")}
      </div>
      {fields("m365_tenant_id", "m365_client_id", "m365_client_secret")}
      <details>
        <summary>{t("connect.network")}</summary>
        {fields("outgoing_proxy", "custom_ca_certificates", "extra_frame_ancestors")}
      </details>
    </>
  );
}
