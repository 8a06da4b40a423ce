/** The steps of a test, each with its result, and the cure for a failed one. */

import * as React from "react";
import { WholeIds } from "./parts.tsx";
import { t } from "./translate.ts";

export interface StepRow {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  readonly says: string;
  readonly cure?: string;
}

export interface StepListProps<Row extends StepRow> {
  readonly steps: readonly Row[];
  /** Returns a link to the place of the cure. */
  readonly link?: (step: Row) => React.ReactNode;
}

export function StepList<Row extends StepRow>({ link, steps }: StepListProps<Row>): React.ReactElement {
  return (
    <ol className="mc-steps" aria-live="polite">
      {steps.map((step) => (
        <li key={step.id} data-step={step.id} className={step.ok ? "mc-good" : "mc-problem"}>
          {step.title}
          <div className="mc-hint">
            <WholeIds text={step.says} />
          </div>
          {step.cure !== undefined && step.cure !== "" && (
            <div className="mc-cure">
              <strong>{t("checks.cure")}</strong> {step.cure} {link?.(step)}
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
