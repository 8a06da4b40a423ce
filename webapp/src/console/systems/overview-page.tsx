/** The Overview page: one card for each system that a feature declares, and what to do next. */

import * as React from "react";
import { goTo, isOpen, pageKeys } from "../navigation.ts";
import { ActionButton, AdminOnly, Failure, LinkButton, when } from "../parts.tsx";
import { t, tn } from "../translate.ts";
import { type Overview, readOverview, runChecks, type SystemCard, type Trouble } from "./api.ts";
import { FailingLines, Figures, HealthMark, TroubleList } from "./parts.tsx";
import { usePolledState } from "./polled-state.ts";
import { styles } from "./styles.ts";
import { words } from "./words.ts";

export function OverviewPage(): React.ReactElement {
  const { action, press, state } = usePolledState(isOpen("overview"), readOverview);
  const say = words();
  return (
    <>
      <style>{styles}</style>
      <h2>{t("page.overview")}</h2>
      <p className="mc-lead">{t("overview.lead")}</p>
      <AdminOnly>
        <p>
          <ActionButton disabled={action.busy} onClick={() => void press(runChecks)}>
            {say("checkNow")}
          </ActionButton>
        </p>
        <div role="status">
          <p>{action.busy || state?.checking ? t("checks.running") : state && summary(state)}</p>
          {state && <Checks state={state} />}
        </div>
        <Failure error={action.error} />
        {state && <ToDo systems={state.systems} />}
        <ul className="mc-systems" aria-busy={state === null}>
          {state
            ? byPage(state.systems).map((system) => <Card key={system.id} system={system} />)
            : ["1", "2", "3"].map((key) => <li key={key} className="mc-system mc-skeleton" aria-hidden />)}
        </ul>
      </AdminOnly>
    </>
  );
}

/** Sorted in the order of their pages. */
const byPage = (systems: readonly SystemCard[]): readonly SystemCard[] =>
  [...systems].sort((a, b) => pageKeys.indexOf(a.page) - pageKeys.indexOf(b.page));

function summary({ systems }: Overview): string {
  const say = words();
  const on = systems.filter(({ health }) => health !== "off");
  const working = on.filter(({ health }) => health === "working").length;
  if (on.length > 0 && working === on.length) return say("allWork");
  return say("someWork", { working, count: on.length });
}

function Checks({ state }: { state: Overview }): React.ReactElement {
  const { checkedAt, problems, warnings } = state;
  return (
    <p className="mc-hint">
      {checkedAt === null
        ? t("checks.never")
        : t("checks.summary", {
            at: when(checkedAt),
            problems: tn("checks.problems", problems),
            warnings: tn("checks.warnings", warnings),
          })}{" "}
      <LinkButton onClick={() => goTo({ page: "checks" })}>
        {words()("goTo", { page: t("page.checks") })}
      </LinkButton>
    </p>
  );
}

/** A problem that affects several systems is listed once; one that stops a system comes first. */
export function nextActions(systems: readonly SystemCard[]): readonly Trouble[] {
  const once = new Map<string, Trouble>();
  for (const one of systems.flatMap(({ trouble }) => trouble)) {
    const before = once.get(one.says);
    if (!before || (before.state === "warning" && one.state === "problem")) once.set(one.says, one);
  }
  return [...once.values()].sort((a, b) => Number(b.state === "problem") - Number(a.state === "problem"));
}

function ToDo({ systems }: Pick<Overview, "systems">): React.ReactElement | null {
  const actions = nextActions(systems);
  if (actions.length === 0) return null;
  return (
    <section className="mc-todo" aria-labelledby="mc-todo">
      <h3 id="mc-todo">{words()("toDo")}</h3>
      <TroubleList trouble={actions} />
    </section>
  );
}

function Card({ system }: { system: SystemCard }): React.ReactElement {
  const { failing, figures, id, page, setting, health, title, trouble } = system;
  const say = words();
  const details = () => goTo({ page });
  return (
    <li className="mc-system" data-system={id} data-health={health} aria-labelledby={`mc-system-${id}`}>
      <div className="mc-system-head">
        <h3 id={`mc-system-${id}`}>{title}</h3>
        <HealthMark health={health} />
      </div>
      {health !== "off" && <Figures figures={figures.slice(0, FIGURES)} />}
      <FailingLines failing={failing} />
      {trouble[0] && <p className={trouble[0].state === "problem" ? "mc-problem" : ""}>{trouble[0].says}</p>}
      {trouble.length > 1 && <p className="mc-hint">{say.count("moreTrouble", trouble.length - 1)}</p>}
      <p className="mc-system-foot">
        {health === "off" && setting !== null ? (
          <LinkButton onClick={() => goTo({ page: "features", setting })}>{say("switchOn")}</LinkButton>
        ) : (
          <LinkButton onClick={details}>{say("details", { title })}</LinkButton>
        )}
      </p>
    </li>
  );
}

/** Only the first, most important numbers of a system are shown. */
const FIGURES = 4;
