/** Change notifications as a feature. While nobody listens, it adds nothing but the words of its errors. */

import type { Feature } from "../../platform/feature.ts";
import { changeChecks } from "./checks.ts";
import { changeErrors } from "./errors.ts";
import type { SubscriptionsStatus } from "./status.ts";
import { storedKeys } from "./stored-keys.ts";

export interface ChangesPorts extends Required<Pick<Feature, "routes">> {
  readonly listeners: readonly unknown[];
  /** A feature that is switched on listens. */
  active(): boolean;
  status(): Promise<SubscriptionsStatus>;
  start(): void;
  stop(): Promise<void>;
}

export function changesFeature({ active, listeners, routes, start, status, stop }: ChangesPorts): Feature {
  if (listeners.length === 0) return { name: "changes", errors: changeErrors };
  return {
    ...{ name: "changes", routes, storedKeys, start, stop },
    errors: changeErrors,
    checks: changeChecks({ active, status }),
    async diagnostics() {
      if (!active()) return { active: false };
      const { subscriptions: all, delayMs, waiting } = await status();
      const codes = all.flatMap(({ problem }) => (problem ? [problem.code] : []));
      const state = { subscriptions: all.length, failing: codes.length, problems: [...new Set(codes)] };
      return { active: true, ...state, polling: delayMs !== null, waiting };
    },
  };
}
