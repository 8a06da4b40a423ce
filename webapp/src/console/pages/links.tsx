import * as React from "react";
import { t } from "../translate.ts";

export function LinksPage(): React.ReactElement {
  return <h3>{t("page.links")}</h3>;
}
