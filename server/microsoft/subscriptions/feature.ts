/** Change notifications as a feature of the product. */

import type { Feature } from "../../platform/feature.ts";
import { changeErrors } from "./errors.ts";
import type { Subscriptions } from "./ports.ts";
import { storedKeys } from "./stored-keys.ts";
import { changesTables } from "./words.ts";

export function changesFeature({
  active,
  routes,
  start,
  status,
  stop,
}: Pick<Subscriptions, "active" | "routes" | "start" | "status" | "stop">): Feature {
  return {
    ...{ name: "changes", routes, storedKeys, start, stop },
    errors: changeErrors,
    checks: (["changes", "changes_reachable"] as const).map((id) => ({
      ...{ id, words: changesTables },
      look: async () => (await import("./checks.ts")).lookAt(id, { active, status }),
    })),
    async diagnostics() {
      if (!active()) return { active: false };
      const { subscriptions: all, delayMs, waiting } = await status();
      const codes = all.flatMap(({ problem }) => (problem ? [problem.code] : []));
      const state = { subscriptions: all.length, failing: codes.length, problems: [...new Set(codes)] };
      return { active: true, ...state, polling: delayMs !== null, waiting };
    },
  };
}
