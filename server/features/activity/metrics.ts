/** Counts activities, as metrics and as totals for the console. Label values come from closed sets. */

/** The part of the metrics registry (server/platform/metrics/metrics.ts) that is used here. */
export interface MetricsRegistry {
  counter(name: string, help: string): { add(labels?: Labels, by?: number): void };
  histogram(
    name: string,
    help: string,
    bounds?: readonly number[],
  ): { observe(seconds: number, labels?: Labels): void };
  /** A value that is read at each scrape. */
  watch(name: string, help: string, read: () => number): void;
}
type Labels = Readonly<Record<string, string>>;

/** Totals of this node since the plugin started. */
export interface Totals {
  /** By activity type. */
  readonly accepted: Readonly<Record<string, number>>;
  /** Failed requests by reason. */
  readonly failed: Readonly<Record<string, number>>;
  /** People whom Microsoft refused, by activity type. */
  readonly refused: Readonly<Record<string, number>>;
  /** Possible recipients who got no activity, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Posts that left the queue undelivered, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

export interface ActivityMetrics {
  accepted(type: string, persons: number): void;
  failed(meaning: string): void;
  refused(type: string, persons: number): void;
  skipped(because: string): void;
  dropped(because: string): void;
  notDurable(): void;
  requestTook(seconds: number): void;
  /** Records the time from the post to Microsoft's acceptance. */
  deliveredAfter(seconds: number): void;
  readonly totals: Totals;
}

const DELAYS = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200] as const;

export function createActivityMetrics(
  registry: MetricsRegistry,
  now: { linkedMembers(): number; waitingPosts(): number; oldestWaitingSeconds(): number },
): ActivityMetrics {
  const outcomes = registry.counter("notifications_total", "Activities by outcome and activity type");
  const requests = registry.counter("notification_request_failures_total", "Failed requests by meaning");
  const skipped = registry.counter("notifications_skipped_total", "Persons not outcomes, by reason");
  const dropped = registry.counter("notifications_dropped_total", "Posts dropped from the outbox, by reason");
  const notDurable = registry.counter("notifications_not_durable_total", "Posts the outbox could not store");
  const took = registry.histogram("notification_request_seconds", "Time of an accepted request");
  const delay = registry.histogram("notification_delay_seconds", "From the post to its acceptance", DELAYS);
  registry.watch("notifications_linked_members", "Linked members in memory", now.linkedMembers);
  registry.watch("notifications_waiting_posts", "Posts in the outbox", now.waitingPosts);
  registry.watch(
    "notifications_oldest_waiting_seconds",
    "Age of the oldest of them",
    now.oldestWaitingSeconds,
  );

  const totals = { accepted: {}, failed: {}, refused: {}, skipped: {}, dropped: {} } as {
    [K in keyof Totals]: Record<string, number>;
  };
  const total = (of: keyof Totals, key: string, by: number) => {
    totals[of][key] = (totals[of][key] ?? 0) + by;
  };

  return {
    totals,
    accepted(type, persons) {
      outcomes.add({ outcome: "accepted", type }, persons);
      total("accepted", type, persons);
    },
    refused(type, persons) {
      outcomes.add({ outcome: "refused", type }, persons);
      total("refused", type, persons);
    },
    failed(meaning) {
      requests.add({ meaning });
      total("failed", meaning, 1);
    },
    skipped(because) {
      skipped.add({ because });
      total("skipped", because, 1);
    },
    dropped(because) {
      dropped.add({ because });
      total("dropped", because, 1);
    },
    notDurable: () => notDurable.add(),
    requestTook: (seconds) => took.observe(seconds),
    deliveredAfter: (seconds) => delay.observe(seconds),
  };
}

/** For installations and tests without metrics. */
export const noRegistry: MetricsRegistry = {
  counter: () => ({ add() {} }),
  histogram: () => ({ observe() {} }),
  watch() {},
};
