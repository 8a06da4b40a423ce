/** Who may connect a Microsoft account. */

import * as React from "react";
import type { PageProps } from "../page.ts";
import { t } from "../translate.ts";

export function AccountsPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.accounts")}</h2>
      <p className="mc-lead">{t("accounts.lead")}</p>
      {fields("connected_accounts_limit", "connected_accounts_restricted", "connect_different_email")}
    </>
  );
}
