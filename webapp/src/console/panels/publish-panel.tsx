/** *Publish to Teams*: a Teams administrator publishes the package to the organisation's catalog. */

import * as React from "react";
import { get, post, Refusal } from "../api.ts";
import { currentDraft, refreshDraft } from "../draft.ts";
import { unsaved, useLive } from "../live.ts";
import { MicrosoftDialog } from "../microsoft-dialog.tsx";
import { isOpen } from "../navigation.ts";
import { ActionButton, Failure, useAction, useReveal } from "../parts.tsx";
import { ProblemList } from "../problem-list.tsx";
import { type Key, t } from "../translate.ts";

interface Published {
  readonly action: "published" | "updated" | "submitted" | "unchanged";
  readonly version: string;
}

export function PublishPanel(): React.ReactElement {
  useLive();
  const [published, setPublished] = React.useState<Published | null>(null);
  const draft = currentDraft();
  const blocked = unsaved() || (draft?.package.problems.length ?? 1) > 0;
  return (
    <div className="mc-part" data-part="publish">
      <h3>{t("publish.title")}</h3>
      {/* The catalog shows a new version with a delay: beside the success message, its old state would contradict it. */}
      {!published && <CatalogState version={draft?.package.lastVersion ?? null} />}
      {draft?.catalogApi === false ? (
        <p className="alert alert-warning">{t("publish.noApi")}</p>
      ) : (
        <>
          <p>{t("publish.lead")}</p>
          <MicrosoftDialog purpose="publish" button={t("publish.start")} disabled={blocked}>
            {({ path }) => <Publish path={path} published={published} done={setPublished} />}
          </MicrosoftDialog>
        </>
      )}
    </div>
  );
}

interface CatalogRow {
  readonly state: "ok" | "warning" | "problem" | "unknown";
  readonly evidence: string;
  readonly cure: string;
}

/** Shows the version in the catalog, and whether a newer package is available here. */
function CatalogState({ version }: { version: string | null }): React.ReactElement | null {
  const action = useAction();
  const [row, setRow] = React.useState<CatalogRow | null>(null);
  const open = isOpen("teams_app");
  const { run } = action;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is opened, and after each new package
  React.useEffect(() => {
    if (!open) return;
    // The previous state may be outdated, so nothing is shown until the answer arrives.
    setRow(null);
    void run(async () => setRow(await get<CatalogRow>("/api/v1/admin/catalog")));
  }, [open, version]);
  if (!row) return null;
  return (
    <p className={row.state === "warning" ? "alert alert-warning" : ""} data-catalog={row.state}>
      <strong>{t("publish.catalog")}</strong> {row.evidence} {row.state === "warning" && row.cure}
    </p>
  );
}

interface PublishProps {
  readonly path: string;
  readonly published: Published | null;
  readonly done: (published: Published) => void;
}

function Publish({ path, published, done }: PublishProps): React.ReactElement {
  const action = useAction();
  const [review, setReview] = React.useState(false);
  const place = useReveal<HTMLDivElement>(published);
  const problems = action.error instanceof Refusal ? action.error.problems : [];
  return (
    <>
      <p>
        <label>
          <input type="checkbox" checked={review} onChange={(event) => setReview(event.target.checked)} />{" "}
          {t("publish.review")}
        </label>
      </p>
      <ActionButton
        disabled={action.busy}
        onClick={() =>
          void action.run(async () => {
            done(await post<Published>(`${path}/publish`, { review }));
            refreshDraft();
          })
        }
      >
        {t("publish.now")}
      </ActionButton>
      <div role="status" ref={place}>
        {published && (
          <p className="mc-good">{t(`publish.${published.action}` as Key, { version: published.version })}</p>
        )}
      </div>
      <Failure error={action.error} />
      {problems.length > 0 && <ProblemList problems={problems} />}
    </>
  );
}
