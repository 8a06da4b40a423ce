import * as React from "react";
import { Box } from "../box.tsx";
import type { PageProps } from "../page.ts";
import { HardeningPanel } from "../panels/hardening-panel.tsx";
import { t } from "../translate.ts";

export function SignInPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.sign_in")}</h2>
      <p className="mc-lead">{t("signIn.lead")}</p>
      {fields(
        "allow_guests",
        "system_admin_sign_in",
        "mfa_accounts",
        "email_source",
        "unverified_emails",
        "allowed_email_domains",
        "session_hours",
      )}
      <h3>{t("signIn.provisioning")}</h3>
      {fields("provision_accounts", "provision_username", "provision_teams", "provision_channels")}
      <HardeningPanel />
      <Box title={t("signIn.clients")}>{fields("additional_client_ids")}</Box>
    </>
  );
}
