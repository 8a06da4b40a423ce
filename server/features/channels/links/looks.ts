/**
 * Decides when each link is checked in Teams: once an hour, besides the changes that Teams reports. A check takes three
 * requests: the team, the channel and its members. After a start, hundreds are due at once.
 */

import type { Clock } from "../../../platform/work/clock.ts";
import { Pacing } from "../../../platform/work/pacing.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { ChannelLink } from "./link-store.ts";

/** How often names, archives and deletions are checked. */
const EVERY_MS = 60 * 60_000;
/** Ten checks at once are 30 requests, which is Teams' limit for an app in a second. */
const IN_ALL = { perSecond: 5, burst: 10 };
/** Teams allows an app four requests a second on one team. */
const TEAM_MS = 1_000;

export class Looks {
  readonly #clock: Clock;
  readonly #pacing: Pacing;
  readonly #links = new Map<string, number>();
  readonly #teams = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = steady(clock);
    this.#pacing = new Pacing(IN_ALL, clock);
  }

  isDue({ id }: ChannelLink): boolean {
    return this.#clock.now() - (this.#links.get(id) ?? Number.NEGATIVE_INFINITY) >= EVERY_MS;
  }

  /** Whether it is the link's turn. If not, it has its turn in one of the next rounds. */
  isTurnOf({ teamId }: ChannelLink): boolean {
    const last = this.#teams.get(teamId) ?? Number.NEGATIVE_INFINITY;
    return this.#clock.now() - last >= TEAM_MS && this.#pacing.tryTake();
  }

  happened({ id, teamId }: ChannelLink): void {
    this.#links.set(id, this.#clock.now());
    this.#teams.set(teamId, this.#clock.now());
  }
}
