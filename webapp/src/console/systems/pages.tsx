/** The pages of this folder, loaded together when one of them is first opened. */

import * as React from "react";
import { t } from "../translate.ts";
import { ChannelLinks } from "./channel-links.tsx";
import { OverviewPage } from "./overview-page.tsx";
import { SystemPage } from "./system-page.tsx";

export { FeatureState } from "./feature-state.tsx";

export const systemPages: Readonly<Record<string, () => React.ReactElement>> = {
  overview: () => <OverviewPage />,
  chats: () => <SystemPage id="chats" lead={t("chats.lead")} />,
  channels: () => (
    <SystemPage id="channels" lead={t("channels.lead")}>
      <ChannelLinks />
    </SystemPage>
  ),
  calendar: () => <SystemPage id="calendar" lead={t("calendar.lead")} />,
};
