/** Counts notifications, and why some were dropped, for metrics, checks and the console. */

import type { Metrics } from "../../platform/metrics/metrics.ts";

export const droppedBecause = [
  "malformed",
  /** The client state is wrong. The name is the one that the earlier plugin's metric used. */
  "invalid_webhook_secret",
  "foreign_tenant",
  "unknown_subscription",
  "foreign_resource",
  /** There is no validation token from Microsoft's change tracking for us. */
  "unproven",
  "forged_content",
  "duplicate",
  /** No feature wishes for it any more. */
  "withdrawn",
  "expired",
  "unreadable",
  "failed",
] as const;
export type Dropped = (typeof droppedBecause)[number];

/** Either somebody sends what Microsoft would not send, or a key does not match: an admin should know. */
const alarming: ReadonlySet<Dropped> = new Set(["unproven", "forged_content"]);

export interface Alarm {
  readonly reason: Dropped;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly lastAt: number;
}

export interface SubscriptionMetrics {
  accepted(changeType: string): void;
  lifecycle(event: string): void;
  dropped(because: string, count?: number): void;
  /** Alarms of this node since its start. */
  alarms(): Alarm[];
}

/** A burst of forgeries is logged once a minute. */
const WARN_EVERY_MS = 60_000;

export function createSubscriptionMetrics(ports: {
  readonly metrics: Pick<Metrics, "counter">;
  readonly log: { warn(message: string, fields: Record<string, unknown>): void };
  readonly now: () => number;
}): SubscriptionMetrics {
  const events = ports.metrics.counter(
    "change_events_total",
    "Change notifications of Microsoft Graph: taken, or dropped for a reason.",
    "events_change_events_total",
  );
  const lifecycles = ports.metrics.counter(
    "lifecycle_events_total",
    "Lifecycle events of subscriptions.",
    "events_lifecycle_events_total",
  );
  const alarms = new Map<Dropped, Alarm>();
  let warnedAt = Number.NEGATIVE_INFINITY;
  return {
    accepted: (changeType) => events.add({ change_type: changeType, discarded_reason: "" }),
    lifecycle: (event_type) => lifecycles.add({ event_type }),
    dropped(because, more = 1) {
      // A feature may drop a change for a reason of its own, but label values come from a closed set.
      const reason = droppedBecause.find((one) => one === because) ?? "by_feature";
      events.add({ change_type: "", discarded_reason: reason }, more);
      if (reason === "by_feature" || !alarming.has(reason)) return;
      const count = (alarms.get(reason)?.count ?? 0) + more;
      alarms.set(reason, { reason, count, lastAt: ports.now() });
      if (ports.now() - warnedAt < WARN_EVERY_MS) return;
      warnedAt = ports.now();
      ports.log.warn("A change notification was not from Microsoft, or not for this server", {
        reason,
        count,
      });
    },
    alarms: () => [...alarms.values()],
  };
}
