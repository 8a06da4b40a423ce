/** The Checks page: each precondition as a row with state, evidence and cure. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { download, get, type Problem, post } from "../api.ts";
import { useLive } from "../live.ts";
import { goToSetting, isOpen } from "../navigation.ts";
import {
  ActionButton,
  AdminOnly,
  Failure,
  LinkButton,
  type MarkState,
  StateMark,
  useAction,
  WholeIds,
  when,
} from "../parts.tsx";
import { ProblemList } from "../problem-list.tsx";
import { type Key, t, tn } from "../translate.ts";

interface Row {
  readonly id: string;
  readonly state: Exclude<MarkState, "off">;
  /** Title, evidence and cure are in the language of the request. */
  readonly title: string;
  readonly evidence: string;
  readonly cure: string;
  readonly setting?: string;
  readonly problems?: readonly Problem[];
}
interface Report {
  readonly at: string;
  readonly rows: readonly Row[];
}

const order = ["problem", "warning", "unknown", "ok"] as const;

export function ChecksPage(): React.ReactElement {
  useLive();
  const action = useAction();
  const [report, setReport] = React.useState<Report | null>(null);
  const open = isOpen("checks");
  const { run } = action;
  const show = (path: "GET" | "POST") =>
    run(async () => {
      const call = path === "GET" ? get<{ report: Report | null }> : post<{ report: Report | null }>;
      setReport((await call("/api/v1/checks")).report);
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time the page is opened
  React.useEffect(() => {
    if (open && isSystemAdmin()) void show("GET");
  }, [open]);

  const count = (state: Row["state"]) => report?.rows.filter((row) => row.state === state).length ?? 0;
  const rows = report ? order.flatMap((state) => report.rows.filter((row) => row.state === state)) : [];
  return (
    <>
      <h2>{t("page.checks")}</h2>
      <p className="mc-lead">{t("checks.lead")}</p>
      <AdminOnly>
        <p>
          <ActionButton disabled={action.busy} onClick={() => void show("POST")}>
            {t("checks.run")}
          </ActionButton>{" "}
          {report && (
            <ActionButton
              kind="tertiary"
              onClick={() =>
                void run(async () => void (await download("/api/v1/checks/report", "checks.txt")))
              }
            >
              {t("checks.download")}
            </ActionButton>
          )}
        </p>
        <p role="status">
          {action.busy
            ? t("checks.running")
            : report
              ? t("checks.summary", {
                  at: when(report.at),
                  problems: tn("checks.problems", count("problem")),
                  warnings: tn("checks.warnings", count("warning")),
                })
              : t("checks.never")}
        </p>
        <Failure error={action.error} />
        {rows.length > 0 && (
          <div className="mc-scroll">
            <table className="mc-table mc-checks">
              <thead>
                <tr>
                  <th scope="col">{t("checks.state")}</th>
                  <th scope="col">{t("checks.check")}</th>
                  <th scope="col">{t("checks.seen")}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <CheckRow key={row.id} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </AdminOnly>
    </>
  );
}

function CheckRow({ row }: { row: Row }): React.ReactElement {
  const { setting } = row;
  return (
    <tr data-check={row.id} data-state={row.state}>
      <td>
        <StateMark state={row.state}>{t(`checks.state.${row.state}` as Key)}</StateMark>
      </td>
      <th scope="row">{row.title}</th>
      <td>
        {row.problems ? <ProblemList problems={row.problems} /> : <WholeIds text={row.evidence} />}
        {row.cure !== "" && (
          <div className="mc-cure">
            <strong>{t("checks.cure")}</strong> {row.cure}{" "}
            {setting !== undefined && (
              <LinkButton onClick={() => goToSetting(setting)}>{t("checks.go")}</LinkButton>
            )}
          </div>
        )}
      </td>
    </tr>
  );
}
