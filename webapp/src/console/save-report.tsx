/** Explains why Save did not store, and what to do about it. */

import * as React from "react";
import { labelOf } from "./fields.tsx";
import { useLive } from "./live.ts";
import { ActionButton, LinkButton, useReveal } from "./parts.tsx";
import { ProblemList } from "./problem-list.tsx";
import { dismiss, saveAnyway, saveState, takeNewer } from "./save-guard.ts";
import { t } from "./translate.ts";

export function SaveReport(): React.ReactElement | null {
  useLive();
  const state = saveState();
  const place = useReveal<HTMLDivElement>(state.kind === "quiet" ? null : state);
  if (state.kind === "quiet") return null;
  const again = () => saveAnyway(place.current?.closest("form") ?? null);
  return (
    <div className="alert alert-danger mc-save-report" role="alert" ref={place} data-part="save-report">
      {state.kind === "refused" && (
        <>
          <p>{t("save.refused")}</p>
          <ProblemList problems={state.problems} />
        </>
      )}
      {state.kind === "newer" && (
        <>
          <p>{t("save.newer")}</p>
          <p>{state.keys.length > 0 ? state.keys.map(labelOf).join(", ") : t("save.newerSecret")}</p>
          <p>
            <ActionButton onClick={takeNewer}>{t("save.take")}</ActionButton>{" "}
            <ActionButton kind="tertiary" onClick={again}>
              {t("save.overwrite")}
            </ActionButton>
          </p>
        </>
      )}
      {state.kind === "unchecked" && (
        <>
          <p>{t("save.unchecked", { reason: state.reason })}</p>
          <p>
            <ActionButton kind="tertiary" onClick={again}>
              {t("save.anyway")}
            </ActionButton>
          </p>
        </>
      )}
      <p>
        <LinkButton onClick={dismiss}>{t("device.close")}</LinkButton>
      </p>
    </div>
  );
}
