/** *Download Manifest*: the next package, its problems, and the download. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { download, type Problem, Refusal } from "../api.ts";
import { Box } from "../box.tsx";
import { currentDraft, draftFailure, refreshDraft } from "../draft.ts";
import { unsaved, useLive } from "../live.ts";
import { ActionButton, useReveal } from "../parts.tsx";
import { ProblemList } from "../problem-list.tsx";
import { t } from "../translate.ts";
import { ChangesTable } from "./changes-table.tsx";

type Outcome = { readonly done: string } | { readonly failed: string; readonly problems: readonly Problem[] };

export function DownloadManifest({ disabled }: { disabled?: boolean }): React.ReactElement | null {
  useLive();
  const [outcome, setOutcome] = React.useState<Outcome | null>(null);
  const [busy, setBusy] = React.useState(false);
  const place = useReveal<HTMLDivElement>(outcome);
  const draft = currentDraft();
  const problems = draft?.package.problems ?? [];
  const waiting = unsaved();

  const start = async () => {
    setBusy(true);
    try {
      setOutcome({ done: await download("/api/v1/app-package", "mattermost-teams-app.zip") });
      refreshDraft();
    } catch (error) {
      const refusal = error instanceof Refusal ? error : null;
      setOutcome({ failed: refusal?.message ?? String(error), problems: refusal?.problems ?? [] });
    }
    setBusy(false);
  };

  if (!isSystemAdmin()) return null;
  return (
    <div className="mc-package" data-setting="app_package">
      <h3>{t("package.title")}</h3>
      {problems.length > 0 && (
        <>
          <p>{t("package.fixFirst")}</p>
          <ProblemList problems={problems} />
        </>
      )}
      {draft?.package.version && <NextPackage />}
      <p>
        <ActionButton
          disabled={disabled || busy || waiting || problems.length > 0 || draft === null}
          onClick={() => void start()}
        >
          {t("package.download")}
        </ActionButton>{" "}
        {waiting && <span className="mc-hint">{t("package.saveFirst")}</span>}
      </p>
      <div role="status" aria-live="polite" ref={place}>
        {draftFailure() !== null && <p className="mc-problem">{draftFailure()}</p>}
        {outcome && "done" in outcome && (
          <p className="mc-good">{t("package.done", { file: outcome.done })}</p>
        )}
        {outcome && "failed" in outcome && (
          <>
            <p className="mc-problem">{outcome.failed}</p>
            <ProblemList problems={outcome.problems} />
          </>
        )}
      </div>
      <p className="help-text">{t("package.help")}</p>
    </div>
  );
}

/** Shows the version and the list of changes, so that nobody uploads a package that changes nothing. */
function NextPackage(): React.ReactElement | null {
  const next = currentDraft()?.package;
  if (!next?.version) return null;
  return (
    <>
      <p>
        {t("package.version", { version: next.version })}{" "}
        {next.lastVersion ? t("package.last", { version: next.lastVersion }) : t("package.first")}
      </p>
      {next.lastVersion !== null && next.changes.length === 0 && <p>{t("package.unchanged")}</p>}
      {next.changes.length > 0 && (
        <Box title={t("package.changes", { count: next.changes.length })}>
          <ChangesTable>
            {next.changes.map(({ path, before, after }) => (
              <tr key={path}>
                <td>{path.replace("manifest.json/", "")}</td>
                <td>{before ?? "–"}</td>
                <td>{after ?? "–"}</td>
              </tr>
            ))}
          </ChangesTable>
        </Box>
      )}
    </>
  );
}
