/**
 * The hosts that may embed Mattermost: the server's setting, the origin of each entry, and a button that adds ours.
 */

import * as React from "react";
import { loadEnvironment, variableOf } from "../access.ts";
import { get } from "../api.ts";
import { patchConfig } from "../host.ts";
import { useLive } from "../live.ts";
import { ActionButton, CopyValue, Failure, useAction } from "../parts.tsx";
import { t } from "../translate.ts";

interface FrameAncestors {
  readonly setting: string;
  readonly entries: readonly { source: string; origin: "cloud" | "extra" | "other"; present: boolean }[];
  readonly missing: readonly string[];
  readonly merged: string;
  readonly without: string;
}

export function FrameAncestorsPanel(): React.ReactElement {
  const action = useAction();
  const [state, setState] = React.useState<FrameAncestors | null>(null);
  useLive();
  const variable = variableOf("ServiceSettings", "FrameAncestors");
  const locked = variable !== null;
  const { run } = action;
  const load = React.useCallback(async () => {
    setState(await get<FrameAncestors>("/api/v1/admin/frame-ancestors"));
    await loadEnvironment();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is built
  React.useEffect(() => void run(load), [load]);

  const write = (FrameAncestors: string) =>
    void run(async () => {
      await patchConfig({ ServiceSettings: { FrameAncestors } });
      await load();
    });
  const ours = state?.entries.some(({ origin, present }) => present && origin !== "other") ?? false;

  return (
    <div className="mc-part" data-part="frame-ancestors" data-setting="frame_ancestors">
      <h3>{t("frames.title")}</h3>
      <p>{t("frames.lead")}</p>
      {state && (
        <>
          <div className="mc-scroll">
            <table className="mc-table">
              <thead>
                <tr>
                  <th scope="col">{t("frames.source")}</th>
                  <th scope="col">{t("frames.origin")}</th>
                  <th scope="col">{t("frames.present")}</th>
                </tr>
              </thead>
              <tbody>
                {state.entries.map(({ source, origin, present }) => (
                  <tr key={source}>
                    <td>
                      <code>{source}</code>
                    </td>
                    <td>{t(`frames.origin.${origin}`)}</td>
                    <td>{t(present ? "field.yes" : "frames.missing")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {locked && state.missing.length > 0 && (
            <div className="alert alert-warning">
              <p>{t("frames.locked")}</p>
              <CopyValue what={variable ?? ""} value={state.merged} />
            </div>
          )}
          <p>
            {state.missing.length > 0 && (
              <ActionButton disabled={locked || action.busy} onClick={() => write(state.merged)}>
                {t("frames.add")}
              </ActionButton>
            )}{" "}
            {ours && (
              <ActionButton
                kind="tertiary"
                disabled={locked || action.busy}
                onClick={() => write(state.without)}
              >
                {t("frames.remove")}
              </ActionButton>
            )}
          </p>
          {state.missing.length === 0 && (
            <p className="mc-good" role="status">
              {t("frames.complete")}
            </p>
          )}
        </>
      )}
      <Failure error={action.error} />
    </div>
  );
}
