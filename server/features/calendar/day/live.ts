/** Knows for whom Microsoft currently announces changes: their events need no frequent reads. */

import type { Clock } from "../../../platform/work/clock.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { CalendarServices } from "../ports.ts";

const REFRESH_MS = 5 * 60_000;

export interface LivePorts {
  readonly clock: Clock;
  readonly subscriptions: Pick<CalendarServices["subscriptions"], "status">;
}

/** The wish of a person's subscription ends with their user id: `calendar/{userId}`. */
const personOf = (wish: string) => wish.slice(wish.lastIndexOf("/") + 1);

export class LiveNotifications {
  readonly #ports: LivePorts;
  #live: ReadonlySet<string> = new Set();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  isLive(userId: string): boolean {
    if (steady(this.#ports.clock).now() - this.#refreshedAt > REFRESH_MS) void this.refresh();
    return this.#live.has(userId);
  }

  /** Never throws: when this is unknown, everybody is read often. */
  async refresh(): Promise<void> {
    const { clock } = this.#ports;
    const now = clock.now();
    this.#refreshedAt = steady(clock).now();
    try {
      const { subscriptions } = await this.#ports.subscriptions.status();
      this.#live = new Set(
        subscriptions
          .filter(
            ({ delivery, expiresAt, kind }) =>
              kind === "events" && delivery === "webhook" && (expiresAt ?? 0) > now,
          )
          .map(({ wish }) => personOf(wish)),
      );
    } catch {
      this.#live = new Set();
    }
  }
}
