/** Runs the keeper's rounds on one node at a time: every minute, or earlier when something wakes it. */

import type { Clock } from "../../../platform/work/clock.ts";
import { setBackOf } from "../../../platform/work/steady.ts";
import type { Cluster, Logger } from "../../../runtime/mattermost/index.ts";
import type { Gaps } from "../incoming/gaps.ts";
import type { Keeper, Round } from "./keeper.ts";
import type { Registrations } from "./registrations.ts";

export interface LoopPorts {
  readonly keeper: Pick<Keeper, "round" | "retrySoon" | "sweepSoon">;
  readonly gaps: Pick<Gaps, "fillDue" | "fillSoon">;
  readonly registrations: Pick<Registrations, "all">;
  /** True while a feature that listens for changes is switched on. */
  readonly active: () => boolean;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly clock: Clock;
  readonly log: Pick<Logger, "warn">;
  /** How long a node that died blocks the others. */
  readonly leaseMs: number | undefined;
}

const ROUND_MS = 60_000;
/** Interval while nothing is wished: only a change of settings or wishes matters then, and it wakes the node. */
const IDLE_MS = 6 * 3_600_000;
const FAULT_MS = 5_000;
const DEFAULT_LEASE_MS = 15_000;
const WAKE = "subscriptions.wake";

/** `retry`: refused steps are tried again at once, however long they should have waited. */
export type WakeUp = "round" | "retry";

export class Loop {
  readonly #ports: LoopPorts;
  #news = new AbortController();
  #last: Round | null = null;

  constructor(ports: LoopPorts) {
    this.#ports = ports;
  }

  /** The last round of this node; null when another node keeps the subscriptions. */
  get last(): Round | null {
    return this.#last;
  }

  /** Listens to the other nodes. Returns a function that stops it. */
  listenToOtherNodes(): () => void {
    return this.#ports.cluster.on(WAKE, (data) => this.wakeHere(new TextDecoder().decode(data)));
  }

  /** Starts a round, on whichever node keeps the subscriptions. */
  wake(how: WakeUp = "round"): void {
    const { cluster, log } = this.#ports;
    this.wakeHere(how);
    cluster
      .publish(WAKE, how)
      .catch((error: unknown) => log.warn("The other nodes could not be notified", { error }));
  }

  wakeHere(how: string): void {
    if (how === "retry") this.#ports.keeper.retrySoon();
    this.#news.abort();
  }

  /** Waits until a feature listens or subscriptions remain; before that there is nothing to lock or to do. */
  async untilNeeded(signal: AbortSignal): Promise<void> {
    const { active, clock, registrations } = this.#ports;
    while (!signal.aborted && !active()) {
      this.#news = new AbortController();
      const isLeft = await registrations.all().then(
        (all) => all.length > 0,
        () => true,
      );
      if (isLeft) return;
      await clock.sleep(IDLE_MS, AbortSignal.any([signal, this.#news.signal]));
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, cluster, log, leaseMs = DEFAULT_LEASE_MS } = this.#ports;
    while (!signal.aborted) {
      try {
        const lease = await cluster.lock("subscriptions", { leaseMs, signal });
        try {
          await this.#rounds(AbortSignal.any([signal, lease.signal]));
        } finally {
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn("Subscriptions could not be maintained", { error });
        await clock.sleep(FAULT_MS, signal);
      }
    }
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    const { clock, gaps, keeper, log } = this.#ports;
    let filling: Promise<void> | null = null;
    const isSetBack = setBackOf(clock);
    keeper.sweepSoon();
    try {
      while (!signal.aborted) {
        this.#news = new AbortController();
        if (isSetBack()) {
          // The waits are stored with times of the old clock.
          keeper.retrySoon();
          keeper.sweepSoon();
          gaps.fillSoon();
        }
        const round = await keeper.round(signal);
        this.#last = round;
        filling ??= gaps
          .fillDue(round.wishes, round.delivery, signal)
          .catch((error: unknown) => log.warn("Gaps could not be filled", { error }))
          .finally(() => {
            filling = null;
          });
        await clock.sleep(round.idle ? IDLE_MS : ROUND_MS, AbortSignal.any([signal, this.#news.signal]));
      }
    } finally {
      await filling;
    }
  }
}
