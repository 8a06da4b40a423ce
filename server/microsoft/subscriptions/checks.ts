/**
 * Rows of the Checks page about change notifications: whether they arrive, and whether Microsoft can reach this
 * server.
 */

import type { CheckAnswer, Sentence } from "../../platform/checks.ts";
import { type ProblemCode, problems } from "./problems.ts";
import type { SubscriptionStatus, SubscriptionsStatus } from "./status.ts";

export interface ChangeChecksPorts {
  /** True while a feature that listens for changes is switched on. */
  readonly active: () => boolean;
  readonly status: () => Promise<SubscriptionsStatus>;
}

/** Returns a row of the Checks page; null while no feature listens. */
export async function lookAt(
  id: "changes" | "changes_reachable",
  { active, status }: ChangeChecksPorts,
): Promise<CheckAnswer | null> {
  if (!active()) return null;
  return (id === "changes" ? changesArrive : reachable)(await status());
}

/** Problem codes of the failing subscriptions, each once, with the most frequent first. */
function failing(subscriptions: readonly SubscriptionStatus[]): [code: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { problem } of subscriptions)
    if (problem) counts.set(problem.code, (counts.get(problem.code) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

export function changesArrive({ subscriptions, delayMs, alarms }: SubscriptionsStatus): CheckAnswer {
  const total = subscriptions.length;
  if (total === 0) return { state: "unknown", seen: [{ code: "none_yet" }] };
  const arrive: Sentence =
    delayMs === null
      ? { code: "subscribed", values: { count: total } }
      : { code: "polled", values: { count: total, minutes: Math.ceil(delayMs / 60_000) } };
  const codes = failing(subscriptions);
  const [worst] = codes;
  if (worst) {
    const count = codes.reduce((sum, [, each]) => sum + each, 0);
    const late = codes.some(([code]) => problems[code as ProblemCode] === "late");
    return {
      state: late ? "problem" : "warning",
      seen: [arrive, { code: "failing", values: { count, total } }, ...codes.map(([code]) => ({ code }))],
      cure: worst[0],
    };
  }
  const forged = alarms.reduce((sum, { count }) => sum + count, 0);
  if (forged > 0) {
    const seen = [arrive, { code: "alarms", values: { count: forged } }];
    return { state: "warning", seen, cure: "alarms" };
  }
  return { state: "ok", seen: [arrive] };
}

export type Reach =
  | { readonly state: "not_needed" }
  | { readonly state: "refused"; readonly detail: string }
  | { readonly state: "reached"; readonly at: number; readonly by: "reached" | "notified" }
  | { readonly state: "not_reached_yet" };

/** Uses Microsoft's last validation request or its last notification. */
export function reachOf({ subscriptions, delayMs, lastHandshakeAt }: SubscriptionsStatus): Reach {
  if (delayMs !== null) return { state: "not_needed" };
  const refused = subscriptions.find(({ problem }) => problem?.code === "webhook_unreachable");
  if (refused?.problem) return { state: "refused", detail: refused.problem.detail };
  const notified = Math.max(0, ...subscriptions.map(({ lastNotificationAt }) => lastNotificationAt ?? 0));
  const at = Math.max(notified, lastHandshakeAt ?? 0);
  if (at === 0) return { state: "not_reached_yet" };
  return { state: "reached", at, by: at === notified ? "notified" : "reached" };
}

export function reachable(status: SubscriptionsStatus): CheckAnswer {
  const reach = reachOf(status);
  if (reach.state === "not_needed") return { state: "ok", seen: [{ code: "not_needed" }] };
  if (reach.state === "not_reached_yet") {
    const values = { url: status.notificationUrl ?? "" };
    return { state: "unknown", seen: [{ code: "not_reached_yet", values }] };
  }
  if (reach.state === "reached") {
    const when = new Date(reach.at).toISOString().slice(0, 16).replace("T", " ");
    return { state: "ok", seen: [{ code: reach.by, values: { when: `${when} UTC` } }] };
  }
  const said = { code: "microsoft_said", values: { detail: reach.detail } };
  return {
    state: "problem",
    seen: [{ code: "webhook_unreachable" }, ...(reach.detail === "" ? [] : [said])],
    cure: "webhook_unreachable",
    setting: "notification_url",
  };
}
