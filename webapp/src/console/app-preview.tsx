/** A drawing of how the app will look: Teams' app bar, the head of the tab, a card of the activity feed. */

import * as React from "react";
import type { IconState } from "./icon-field.tsx";
import { textOf, useLive } from "./live.ts";
import { ownName } from "./own-name.ts";
import { t } from "./translate.ts";

export function AppPreview({
  color,
  outline,
}: {
  color: IconState | null;
  outline: IconState | null;
}): React.ReactElement {
  useLive();
  const name = textOf("app_name") || "Mattermost";
  const typed = textOf("app_accent_color");
  const accent = /^#[0-9a-f]{6}$/i.test(typed) ? typed : "#1E325C";
  const tabs = textOf("app_extra_tabs")
    .split("\n")
    .map((line) => line.split("|")[0]?.trim() ?? "")
    .filter((tab) => tab !== "");
  return (
    <figure className="mc-preview" aria-label={t("preview.label")}>
      <div className="mc-rail" aria-hidden="true">
        <span className="mc-rail-other" />
        <span className="mc-rail-other" />
        <span className="mc-rail-app">
          {outline && <img src={outline.url} alt="" width={22} height={22} />}
          <small>{name}</small>
        </span>
      </div>
      <div className="mc-tab">
        <div className="mc-tab-head">
          {color && <img src={color.url} alt="" width={28} height={28} style={{ background: accent }} />}
          <strong>{name}</strong>
          {tabs.length > 0 && ["Mattermost", ...tabs].map((tab) => <span key={tab}>{tab}</span>)}
        </div>
        <div className="mc-card">
          {color && <img src={color.url} alt="" width={36} height={36} style={{ background: accent }} />}
          <div>
            <div>
              <strong>{name}</strong> <span className="mc-hint">10:24</span>
            </div>
            <div>{t("preview.activity", { author: ownName() })}</div>
            <div className="mc-hint">{t("preview.text")}</div>
          </div>
        </div>
        <p className="mc-hint">{textOf("app_short_description")}</p>
      </div>
      <figcaption className="mc-hint">{t("preview.caption")}</figcaption>
    </figure>
  );
}
