/** The features that need a connected account. */

import * as React from "react";
import type { PageProps } from "../page.ts";
import { t } from "../translate.ts";

export function FeaturesPage({ fields }: PageProps): React.ReactElement {
  return (
    <>
      <h2>{t("page.features")}</h2>
      <p className="mc-lead">{t("features.lead")}</p>
      {fields("chats_enabled", "channels_enabled", "calendar_enabled")}
    </>
  );
}
