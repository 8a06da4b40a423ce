/** *Download Manifest*: what the next package would be, what stands in its way, and the package itself. */

import * as React from "react";
import { download, type Problem, Refusal } from "./api.ts";
import { currentDraft, draftFailure, refreshDraft } from "./draft.ts";
import { labelOf } from "./fields.tsx";
import { unsaved, useLive } from "./live.ts";
import { goToSetting } from "./section.tsx";
import { t, translated } from "./translate.ts";

type Outcome = { readonly done: string } | { readonly failed: string; readonly problems: readonly Problem[] };

export function DownloadManifest({ disabled }: { disabled?: boolean }): React.ReactElement {
  useLive();
  const [outcome, setOutcome] = React.useState<Outcome | null>(null);
  const [busy, setBusy] = React.useState(false);
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
        <button
          type="button"
          className="btn btn-primary"
          disabled={disabled || busy || waiting || problems.length > 0 || draft === null}
          onClick={() => void start()}
        >
          {t("package.download")}
        </button>{" "}
        {waiting && <span className="mc-hint">{t("package.saveFirst")}</span>}
      </p>
      <div role="status" aria-live="polite">
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

export function ProblemList({ problems }: { problems: readonly Problem[] }): React.ReactElement {
  return (
    <ul className="mc-problems">
      {problems.map(({ setting, says }) => (
        <li key={`${setting} ${says}`}>
          <button type="button" className="btn-link" onClick={() => goToSetting(setting)}>
            {labelOf(setting)}
          </button>{" "}
          {translated(`says.${says}`, says)}
        </li>
      ))}
    </ul>
  );
}

/** Version and list of changes, so that nobody uploads a package that changes nothing. */
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
        <details>
          <summary>{t("package.changes", { count: next.changes.length })}</summary>
          <table className="mc-table">
            <thead>
              <tr>
                <th scope="col">{t("package.what")}</th>
                <th scope="col">{t("package.before")}</th>
                <th scope="col">{t("package.after")}</th>
              </tr>
            </thead>
            <tbody>
              {next.changes.map(({ path, before, after }) => (
                <tr key={path}>
                  <td>{path.replace("manifest.json/", "")}</td>
                  <td>{before ?? "–"}</td>
                  <td>{after ?? "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </>
  );
}
