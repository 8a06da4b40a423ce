/**
 * Microsoft's rate limits (docs/facts/microsoft-chat.md 6.6): at most one message a second in a channel, four calls a
 * second on a team, fifty messages a second for an app in a tenant. An entry that has to wait returns to the queue,
 * and blocks no place in it.
 */

import type { Clock } from "../../platform/work/clock.ts";
import { Pacing } from "../../platform/work/pacing.ts";
import type { Place, Turn } from "./teams-api.ts";

/** It is not the channel's turn yet; the queue retries. */
export class NotYet extends Error {
  override readonly name = "NotYet";
  readonly afterMs: number;

  constructor(afterMs: number) {
    super("not the channel's turn");
    this.afterMs = afterMs;
  }
}

const MESSAGES = { perSecond: 1, burst: 1 };
/** One below the limit, because reads count as well. */
const TEAM = { perSecond: 3, burst: 3 };
const APP = { perSecond: 40, burst: 40 };
const MAX_REMEMBERED = 5_000;

export function paced(clock: Clock): Turn {
  const app = new Pacing(APP, clock);
  const channels = new Map<string, Pacing>();
  const teams = new Map<string, Pacing>();
  const of = (all: Map<string, Pacing>, id: string, options: typeof TEAM): Pacing => {
    const known = all.get(id) ?? new Pacing(options, clock);
    if (!all.has(id) && all.size >= MAX_REMEMBERED) all.clear();
    all.set(id, known);
    return known;
  };
  return ({ teamId, teamsChannelId }: Place, what) => {
    const needed = [app, of(teams, teamId, TEAM)];
    if (what === "message") needed.push(of(channels, teamsChannelId, MESSAGES));
    const wait = Math.max(...needed.map((one) => one.wait()));
    if (wait > 0) throw new NotYet(Math.ceil(wait));
    for (const one of needed) one.tryTake();
  };
}
