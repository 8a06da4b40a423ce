/** Creates or repairs the app registration: sign in, review the plan, apply it, undo it. */

import * as React from "react";
import { post } from "../api.ts";
import { Box } from "../box.tsx";
import { labelOf } from "../fields.tsx";
import { takeSavedSettings } from "../host.ts";
import { textOf, unsaved, useLive } from "../live.ts";
import { MicrosoftDialog, type Run, type Step } from "../microsoft-dialog.tsx";
import { ActionButton, CopyValue, Failure, useAction, useReveal, WholeIds } from "../parts.tsx";
import { type Permission, PermissionTable } from "../permission-table.tsx";
import { type Key, t, tn } from "../translate.ts";

interface Plan {
  readonly steps: readonly Step[];
  readonly permissions: readonly Permission[];
  readonly lockedOut: number;
}

export function SetupPanel(): React.ReactElement {
  useLive();
  return (
    <div className="mc-part" data-part="setup">
      <h3>{t("setup.title")}</h3>
      <p>{t("setup.lead")}</p>
      {unsaved() && <p className="mc-hint">{t("setup.saveFirst")}</p>}
      <MicrosoftDialog purpose="setup" button={t("setup.start")} disabled={unsaved()}>
        {({ path, run, look }) => <SetupSteps path={path} run={run} look={look} />}
      </MicrosoftDialog>
    </div>
  );
}

interface SetupStepsProps {
  readonly path: string;
  readonly run: Run | null;
  readonly look: () => void;
  /** Called when the registration was created, repaired or restored. */
  readonly onDone?: () => void;
}

export function SetupSteps({ look, onDone, path, run }: SetupStepsProps): React.ReactElement {
  const action = useAction();
  const existing = textOf("m365_client_id") !== "";
  const [registration, setRegistration] = React.useState(existing ? "existing" : "new");
  const [secret, setSecret] = React.useState(textOf("m365_client_secret") === "");
  const [months, setMonths] = React.useState(12);
  const [steps, setSteps] = React.useState<readonly Step[] | null>(null);
  const [lockedOut, setLockedOut] = React.useState(0);
  const [permissions, setPermissions] = React.useState<readonly Permission[]>([]);
  const request = { registration, secretMonths: secret || registration === "new" ? months : null };
  const place = useReveal<HTMLDivElement>(steps);
  const nothing = steps?.every((step) => step.action === "keep") ?? false;

  if (run) return <RunView path={path} run={run} look={look} {...(onDone ? { onDone } : {})} />;
  return (
    <>
      <fieldset className="mc-choice">
        <legend>{t("setup.which")}</legend>
        {(["existing", "new"] as const).map((choice) => (
          <label key={choice}>
            <input
              type="radio"
              name={`mc-registration ${path}`}
              checked={registration === choice}
              disabled={choice === "existing" && !existing}
              onChange={() => {
                setRegistration(choice);
                setSteps(null);
              }}
            />{" "}
            {t(choice === "existing" ? "setup.existing" : "setup.new")}
          </label>
        ))}
      </fieldset>
      <p className="mc-row">
        <label>
          <input
            type="checkbox"
            checked={secret || registration === "new"}
            disabled={registration === "new"}
            onChange={(event) => {
              setSecret(event.target.checked);
              setSteps(null);
            }}
          />{" "}
          {t("setup.secret")}
        </label>
        <input
          type="number"
          min={1}
          max={24}
          value={months}
          aria-label={t("setup.months")}
          className="form-control mc-number"
          onChange={(event) => {
            setMonths(Math.min(24, Math.max(1, Number(event.target.value) || 1)));
            setSteps(null);
          }}
        />
        <span>{t("setup.months")}</span>
      </p>
      {steps === null ? (
        <ActionButton
          disabled={action.busy}
          onClick={() =>
            void action.run(async () => {
              const plan = await post<Plan>(`${path}/plan`, request);
              setSteps(plan.steps);
              setPermissions(plan.permissions);
              setLockedOut(plan.lockedOut);
            })
          }
        >
          {t("setup.plan")}
        </ActionButton>
      ) : (
        <div ref={place}>
          <StepTable
            rows={steps.map((step) => ({ step, state: t(`setup.action.${step.action}` as Key), says: "" }))}
          />
          <Box title={t("permissions.title")} part="permissions">
            <PermissionTable rows={permissions} />
          </Box>
          {lockedOut > 0 && <p className="alert alert-warning">{tn("setup.secondFactor", lockedOut)}</p>}
          {nothing ? (
            <p className="mc-good">{t("setup.nothing")}</p>
          ) : (
            <ActionButton
              disabled={action.busy}
              onClick={() =>
                void action.run(async () => {
                  await post(`${path}/apply`, request);
                  look();
                })
              }
            >
              {t("setup.apply")}
            </ActionButton>
          )}
        </div>
      )}
      <Failure error={action.error} />
    </>
  );
}

/** The settings that the set-up writes. */
const written = ["m365_tenant_id", "m365_client_id", "m365_client_secret", "app_id"];

function RunView({ look, onDone, path, run }: SetupStepsProps & { readonly run: Run }): React.ReactElement {
  const action = useAction();
  const { run: start } = action;
  const saved = (run.state === "done" && !run.copy) || run.state === "undone";
  // biome-ignore lint/correctness/useExhaustiveDependencies: once when the settings were written, once when undone
  React.useEffect(() => {
    if (saved) void start(() => takeSavedSettings(written)).then(onDone);
  }, [saved, run.state]);
  return (
    <>
      <StepTable
        rows={run.progress.map(({ step, state, says }) => ({
          step,
          state: t(`setup.state.${state}` as Key),
          says,
        }))}
      />
      <div role="status">
        <p className={run.state === "failed" ? "mc-problem" : run.state === "done" ? "mc-good" : ""}>
          {t(`setup.run.${run.state}` as Key)}
        </p>
      </div>
      {run.deferred.length > 0 && <p className="alert alert-warning">{t("setup.deferred")}</p>}
      {run.copy && (
        <div className="alert alert-warning">
          <p>{t("setup.locked")}</p>
          {Object.entries(run.copy).map(([key, value]) => (
            <CopyValue key={key} what={labelOf(key)} value={value} />
          ))}
        </div>
      )}
      {run.leftBehind.length > 0 && <p className="mc-problem">{run.leftBehind.join("; ")}</p>}
      {run.state === "done" && (
        <p>
          {run.canUndo && (
            <ActionButton
              kind="tertiary"
              disabled={action.busy}
              onClick={() =>
                void action.run(async () => {
                  await post(`${path}/undo`);
                  look();
                })
              }
            >
              {t("setup.undo")}
            </ActionButton>
          )}
        </p>
      )}
      <Failure error={action.error} />
    </>
  );
}

function StepTable({
  rows,
}: {
  rows: readonly { readonly step: Step; readonly state: string; readonly says: string }[];
}): React.ReactElement {
  return (
    <div className="mc-scroll">
      <table className="mc-table">
        <thead>
          <tr>
            <th scope="col">{t("setup.step")}</th>
            <th scope="col">{t("setup.what")}</th>
            <th scope="col">{t("setup.value")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step, state, says }) => (
            <tr key={step.kind} data-step={step.kind}>
              <th scope="row">{t(`setup.kind.${step.kind}` as Key)}</th>
              <td>
                {state}
                {says !== "" && <div className="mc-problem">{says}</div>}
              </td>
              <td>
                <WholeIds text={step.detail} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
