/** The subscriptions to changes in Microsoft 365: their subject, their state, and what to do. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { get, post } from "../api.ts";
import { useLive } from "../live.ts";
import { goToSetting, isOpen } from "../navigation.ts";
import {
  ActionButton,
  AdminOnly,
  CopyValue,
  Failure,
  LinkButton,
  StateMark,
  useAction,
  WholeIds,
} from "../parts.tsx";
import { currentLocale, type Key, t, tn } from "../translate.ts";

interface Subscription {
  readonly wish: string;
  readonly kind: string | null;
  /** All times are in milliseconds since 1970. */
  readonly since: number | null;
  readonly expiresAt: number | null;
  readonly lastNotificationAt: number | null;
  readonly lastFilledAt: number | null;
  readonly problem: {
    readonly says: string;
    readonly cure: string;
    readonly detail: string;
    readonly nextTryAt: number;
  } | null;
}

interface Changes {
  readonly active: true;
  readonly delayMinutes: number | null;
  readonly notificationUrl: string | null;
  readonly reach: {
    readonly state: "not_needed" | "refused" | "reached" | "not_reached_yet";
    readonly at?: number;
    readonly detail?: string;
  };
  readonly waiting: number;
  readonly forged: number;
  readonly total: number;
  readonly subscriptions: readonly Subscription[];
}

const time = (at: number | null): string =>
  at === null ? "–" : new Date(at).toLocaleString(currentLocale());

export function ChangesPage(): React.ReactElement {
  useLive();
  const action = useAction();
  const [changes, setChanges] = React.useState<Changes | { readonly active: false } | null>(null);
  const open = isOpen("changes");
  const { run } = action;
  const load = async () => setChanges(await get<Changes | { active: false }>("/api/v1/admin/changes"));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time the page is opened
  React.useEffect(() => {
    if (open && isSystemAdmin()) void run(load);
  }, [open]);
  const retry = () =>
    void run(async () => {
      await post("/api/v1/admin/changes/retry");
      await load();
    });
  return (
    <>
      <h2>{t("page.changes")}</h2>
      <p className="mc-lead">{t("changes.lead")}</p>
      <AdminOnly>
        <p>
          <ActionButton disabled={action.busy} onClick={() => void run(load)}>
            {t("changes.reload")}
          </ActionButton>{" "}
          {changes?.active && (
            <ActionButton kind="tertiary" disabled={action.busy} onClick={retry}>
              {t("changes.retry")}
            </ActionButton>
          )}
        </p>
        <Failure error={action.error} />
        <div role="status">
          {changes?.active === false && <p>{t("changes.off")}</p>}
          {changes?.active && <Summary changes={changes} />}
        </div>
        {changes?.active && changes.subscriptions.length > 0 && <Table rows={changes.subscriptions} />}
      </AdminOnly>
    </>
  );
}

function Summary({ changes }: { changes: Changes }): React.ReactElement {
  const { delayMinutes, forged, notificationUrl, reach, subscriptions, total, waiting } = changes;
  return (
    <>
      <p>{tn("changes.total", total)}</p>
      {total > subscriptions.length && <p>{t("changes.shown", { count: subscriptions.length })}</p>}
      {delayMinutes !== null && <p>{t("changes.polling", { minutes: delayMinutes })}</p>}
      <p
        className={reach.state === "refused" ? "mc-problem" : reach.state === "reached" ? "mc-good" : ""}
        data-reach={reach.state}
      >
        {t(`changes.reach.${reach.state}`, { at: time(reach.at ?? null), detail: reach.detail ?? "" })}{" "}
        {reach.state === "refused" && (
          <LinkButton onClick={() => goToSetting("notification_url")}>{t("checks.go")}</LinkButton>
        )}
      </p>
      {delayMinutes === null && notificationUrl !== null && (
        <CopyValue what={t("changes.address")} value={notificationUrl} />
      )}
      {waiting > 0 && <p>{tn("changes.waiting", waiting)}</p>}
      {forged > 0 && <p className="alert alert-warning">{tn("changes.forged", forged)}</p>}
    </>
  );
}

function Table({ rows }: { rows: readonly Subscription[] }): React.ReactElement {
  return (
    <div className="mc-scroll">
      <table className="mc-table">
        <thead>
          <tr>
            <th scope="col">{t("changes.resource")}</th>
            <th scope="col">{t("changes.since")}</th>
            <th scope="col">{t("changes.expires")}</th>
            <th scope="col">{t("changes.notified")}</th>
            <th scope="col">{t("changes.filled")}</th>
            <th scope="col">{t("checks.state")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.wish} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: Subscription }): React.ReactElement {
  const { problem } = row;
  const state = problem ? "problem" : row.since === null && row.lastFilledAt === null ? "unknown" : "ok";
  return (
    <tr data-wish={row.wish} data-state={state}>
      <th scope="row">
        {t(`changes.kind.${row.kind ?? "unknown"}` as Key)}
        <div className="mc-hint">
          <WholeIds text={row.wish} />
        </div>
      </th>
      <td>{time(row.since)}</td>
      <td>{time(row.expiresAt)}</td>
      <td>{time(row.lastNotificationAt)}</td>
      <td>{time(row.lastFilledAt)}</td>
      <td>
        <StateMark state={state}>{t(`checks.state.${state}`)}</StateMark>
        {problem && (
          <>
            <div>
              {problem.says} {problem.detail !== "" && <code>{problem.detail}</code>}
            </div>
            <div className="mc-cure">
              <strong>{t("checks.cure")}</strong> {problem.cure}
            </div>
            <div className="mc-hint">{t("changes.nextTry", { at: time(problem.nextTryAt) })}</div>
          </>
        )}
      </td>
    </tr>
  );
}
