import * as React from "react";
import { t } from "../translate.ts";

export function ChecksPage(): React.ReactElement {
  return <h3>{t("page.checks")}</h3>;
}
