/** What happened to the notifications, and a test activity that reports the failing step. */

import * as React from "react";
import { get, post } from "../api.ts";
import { isOpen } from "../navigation.ts";
import { ActionButton, Failure, useAction, useReveal, when } from "../parts.tsx";
import { StepList, type StepRow } from "../step-list.tsx";
import { type Key, t, translated } from "../translate.ts";

/** `GET /api/v1/notifications/state` (server/features/activity/index.ts). */
interface State {
  readonly enabled: boolean;
  readonly linkedMembers: number;
  readonly delivering: boolean;
  readonly waitingPosts: number;
  readonly oldestWaitingAt: number | null;
  readonly trouble: { readonly at: number; readonly says: string; readonly cure: string } | null;
  readonly totals: Readonly<Record<"accepted" | "refused" | "skipped" | "dropped", Counts>>;
}
type Counts = Readonly<Record<string, number>>;

const REFRESH_MS = 10_000;

export function NotificationsPanel(): React.ReactElement {
  const open = isOpen("notifications");
  const [state, setState] = React.useState<State | null>(null);
  React.useEffect(() => {
    if (!open) return;
    const look = () => get<State>("/api/v1/notifications/state").then(setState, () => {});
    void look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, [open]);
  return (
    <>
      <TestActivity />
      {state?.enabled && <Figures state={state} />}
    </>
  );
}

function Figures({ state }: { state: State }): React.ReactElement {
  const { trouble, totals } = state;
  const rows: [Key, React.ReactNode][] = [
    ["notifications.linked", state.linkedMembers.toLocaleString()],
    [
      "notifications.waiting",
      state.oldestWaitingAt === null
        ? "0"
        : `${state.waitingPosts.toLocaleString()} (${when(new Date(state.oldestWaitingAt).toISOString())})`,
    ],
    ["notifications.accepted", <Listed key="accepted" counts={totals.accepted} />],
    ["notifications.skipped", <Listed key="skipped" counts={totals.skipped} />],
    ["notifications.refused", <Listed key="refused" counts={totals.refused} />],
    ["notifications.dropped", <Listed key="dropped" counts={totals.dropped} />],
    [
      "notifications.trouble",
      trouble ? (
        <span key="trouble" className="mc-problem">
          {when(new Date(trouble.at).toISOString())}: {trouble.says} {trouble.cure}
        </span>
      ) : (
        t("notifications.noTrouble")
      ),
    ],
  ];
  return (
    <>
      <h3>{t("notifications.state")}</h3>
      {!state.delivering && <p className="mc-hint">{t("notifications.elsewhere")}</p>}
      <div className="mc-scroll">
        <table className="mc-table">
          <tbody>
            {rows.map(([key, value]) => (
              <tr key={key}>
                <th scope="row">{t(key)}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Listed({ counts }: { counts: Counts }): React.ReactElement {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const sum = entries.reduce((total, [, count]) => total + count, 0);
  const parts = entries.map(([name, count]) => `${name.replaceAll("_", " ")} ${count.toLocaleString()}`);
  return (
    <>
      {sum.toLocaleString()}
      {parts.length > 0 && <span className="mc-hint"> ({parts.join(", ")})</span>}
    </>
  );
}

function TestActivity(): React.ReactElement {
  const action = useAction();
  const [steps, setSteps] = React.useState<readonly StepRow[]>([]);
  const place = useReveal<HTMLDivElement>(steps.length > 0 && steps);
  const send = () =>
    action.run(async () => {
      setSteps([]);
      setSteps((await post<{ steps: StepRow[] }>("/api/v1/notifications/test")).steps);
    });
  return (
    <div className="mc-part">
      <ActionButton disabled={action.busy} onClick={() => void send()}>
        {t("notifications.test")}
      </ActionButton>{" "}
      <span className="mc-hint" role="status">
        {t(action.busy ? "notifications.testRunning" : "notifications.testLead")}
      </span>
      <Failure error={action.error} />
      <div ref={place}>
        {steps.length > 0 && (
          <StepList
            steps={steps.map((step) => ({
              ...step,
              title: translated(`notifications.step.${step.id}`, step.title),
            }))}
          />
        )}
      </div>
    </div>
  );
}
