/** Settings: who may connect a Microsoft account, and who is asked to. */

import * as React from "react";
import type { PageProps } from "../page.ts";
import { AllowedListPanel } from "../panels/allowed-list-panel.tsx";
import { BotAccountPanel } from "../panels/bot-account-panel.tsx";
import { ConnectedPanel } from "../panels/connected-panel.tsx";
import { AdminOnly } from "../parts.tsx";
import { t } from "../translate.ts";

export function AccountsPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.accounts")}</h2>
      <p className="mc-lead">{t("accounts.lead")}</p>
      <h3>{t("accounts.who")}</h3>
      {fields("connected_accounts_limit", "connected_accounts_restricted", "connect_different_email")}
      <h3>{t("accounts.asked")}</h3>
      {fields(
        "pending_invitations_limit",
        "enforce_connected_accounts",
        "allow_skip_connecting",
        "enforce_teams",
      )}
      <AdminOnly>
        <AllowedListPanel />
        <BotAccountPanel />
        <ConnectedPanel />
      </AdminOnly>
    </>
  );
}
