/** The page of one system: state, what was done and what failed, permissions, and a test. */

import * as React from "react";
import { isOpen } from "../navigation.ts";
import { ActionButton, AdminOnly, Failure, useAction, useReveal, when } from "../parts.tsx";
import { StepList } from "../step-list.tsx";
import { type Key, t } from "../translate.ts";
import { type OneSystem, readSystem, runChecks, type SystemCard, type TestStep, testSystem } from "./api.ts";
import { FailingLines, Figures, HealthMark, PlaceLink, TroubleList } from "./parts.tsx";
import { usePolledState } from "./polled-state.ts";
import { styles } from "./styles.ts";
import { words } from "./words.ts";

export interface SystemPageProps {
  /** The id of the system and of the page. */
  readonly id: string;
  readonly lead: string;
  readonly children?: React.ReactNode;
}

export function SystemPage({ children, id, lead }: SystemPageProps): React.ReactElement {
  const { action, press, state } = usePolledState(isOpen(id), () => readSystem(id));
  const check = () =>
    press(async () => {
      await runChecks();
      return readSystem(id);
    });
  return (
    <>
      <style>{styles}</style>
      <h2>{t(`page.${id}` as Key)}</h2>
      <p className="mc-lead">{lead}</p>
      <AdminOnly>
        <p>
          <ActionButton disabled={action.busy} onClick={() => void check()}>
            {words()("checkNow")}
          </ActionButton>
        </p>
        <div role="status">
          {(action.busy || state?.checking) && <p>{t("checks.running")}</p>}
          {state && <State state={state} />}
        </div>
        <Failure error={action.error} />
        {state && <Details system={state.system} />}
        {children}
      </AdminOnly>
    </>
  );
}

function State({ state }: { state: OneSystem }): React.ReactElement {
  const { checkedAt, system } = state;
  return (
    <p data-system={system.id} data-health={system.health}>
      <HealthMark health={system.health} />{" "}
      {checkedAt !== null && <span className="mc-hint">{words()("checkedAt", { at: when(checkedAt) })}</span>}
    </p>
  );
}

function Details({ system }: { system: SystemCard }): React.ReactElement {
  const { failing, figures, id, page, reasons, reasonsTitle, health, test, trouble } = system;
  const say = words();
  if (health === "off") return <p>{say("isOff")}</p>;
  return (
    <>
      <TroubleList trouble={trouble} here={page} />
      <FailingLines
        failing={failing.filter(({ place }) => place.page !== page || place.part !== undefined)}
      />
      <h3>{say("figures")}</h3>
      <Figures figures={figures} />
      {reasons.length > 0 && (
        <>
          <h3>{reasonsTitle}</h3>
          <Figures figures={[...reasons].sort((a, b) => (b.count ?? 0) - (a.count ?? 0))} />
        </>
      )}
      {test && <Test id={id} about={test} />}
    </>
  );
}

function Test({ about, id }: { id: string; about: "self" | "member" }): React.ReactElement {
  const say = words();
  const action = useAction();
  const [username, setUsername] = React.useState("");
  const [steps, setSteps] = React.useState<readonly TestStep[]>([]);
  const place = useReveal<HTMLDivElement>(steps.length > 0 && steps);
  const run = () =>
    void action.run(async () => {
      setSteps([]);
      setSteps(await testSystem(id, about === "member" ? username : undefined));
    });
  return (
    <div className="mc-part" data-part="test">
      <h3>{say(`test.${about}`)}</h3>
      <p className="mc-row">
        {about === "member" && (
          <input
            className="form-control"
            aria-label={say("test.username")}
            placeholder={say("test.username")}
            value={username}
            onChange={({ target }) => setUsername(target.value)}
            onKeyDown={(event) => {
              // Enter would submit the surrounding form, which saves the settings.
              if (event.key !== "Enter") return;
              event.preventDefault();
              if (username.trim() !== "") run();
            }}
          />
        )}
        <ActionButton disabled={action.busy || (about === "member" && username.trim() === "")} onClick={run}>
          {say(`test.run.${about}`)}
        </ActionButton>
      </p>
      <p className="mc-hint" role="status">
        {say(action.busy ? "test.running" : `test.lead.${about}`)}
      </p>
      <Failure error={action.error} />
      <div ref={place}>
        {steps.length > 0 && (
          <StepList steps={steps} link={({ place: to }) => to && <PlaceLink place={to} />} />
        )}
      </div>
    </div>
  );
}
