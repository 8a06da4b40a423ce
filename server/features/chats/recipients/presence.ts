/** Reads the presence of people in Teams: in groups, cached for a short time. */

import { z } from "zod";
import { steady } from "../../../platform/work/steady.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { failureOf } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";
import { type PresenceState, stateOf } from "./presence-states.ts";

/** Maximum number of people in one request (docs/facts/microsoft-chat.md 7). */
const MAX_IDS = 650;
const KEPT_MS = 30_000;
/** After a failure everybody's presence is unknown for this long: a failing service is not asked for each message. */
const UNKNOWN_MS = 10_000;
/** Messages within this time share a request. */
const GATHER_MS = 2;
/**
 * Half of Microsoft's 1,500 requests in 30 seconds (docs/facts/microsoft-chat.md 6.6); at busy times requests are
 * collected longer.
 */
const APART_MS = 40;
const LIMIT_MS = 8_000;
const WARN_EVERY_MS = 3_600_000;
const MAX_KEPT = 20_000;

const answer = lazy(() =>
  z.object({
    value: z.array(
      z.object({ id: z.string(), availability: z.string().nullish(), activity: z.string().nullish() }),
    ),
  }),
);

interface Known {
  readonly until: number;
  readonly state: PresenceState;
}

export class Presence {
  readonly #ports: Pick<ChatsPorts, "clock" | "config" | "graph" | "log">;
  readonly #known = new Map<string, Known>();
  #gathered: { readonly ids: Set<string>; readonly done: Promise<void> } | null = null;
  #nextAt = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: Pick<ChatsPorts, "clock" | "config" | "graph" | "log">) {
    this.#ports = ports;
  }

  /** Returns states by object ID. Never throws: presence that cannot be read is unknown. */
  async states(objectIds: readonly string[]): Promise<ReadonlyMap<string, PresenceState>> {
    const now = steady(this.#ports.clock).now();
    const wanted = objectIds.filter((id) => (this.#known.get(id)?.until ?? 0) <= now);
    // China has no presence (docs/facts/microsoft-chat.md 8).
    if (wanted.length > 0 && this.#ports.config.current.cloud.name !== "china") await this.#gather(wanted);
    return new Map(objectIds.map((id) => [id, this.#known.get(id)?.state ?? "PresenceUnknown"]));
  }

  #gather(ids: readonly string[]): Promise<void> {
    if (!this.#gathered || this.#gathered.ids.size + ids.length > MAX_IDS) {
      const mine = new Set<string>();
      const now = performance.now();
      const wait = Math.max(GATHER_MS, this.#nextAt - now);
      this.#nextAt = now + wait + APART_MS;
      const done = Bun.sleep(wait).then(async () => {
        if (this.#gathered?.ids === mine) this.#gathered = null;
        const all = [...mine];
        const groups = Array.from({ length: Math.ceil(all.length / MAX_IDS) }, (_, at) =>
          all.slice(at * MAX_IDS, (at + 1) * MAX_IDS),
        );
        await Promise.all(groups.map((group) => this.#ask(group)));
      });
      this.#gathered = { ids: mine, done };
    }
    for (const id of ids) this.#gathered.ids.add(id);
    return this.#gathered.done;
  }

  async #ask(ids: readonly string[]): Promise<void> {
    const { graph } = this.#ports;
    const clock = steady(this.#ports.clock);
    if (this.#known.size + ids.length > MAX_KEPT) this.#forgetOld(clock.now());
    try {
      const { value } = await graph.request({
        method: "POST",
        path: "/communications/getPresencesByUserId",
        body: { ids },
        answer: answer(),
        limitMs: LIMIT_MS,
      });
      const until = clock.now() + KEPT_MS;
      for (const id of ids) this.#known.set(id, { until, state: "PresenceUnknown" });
      for (const { activity, availability, id } of value)
        this.#known.set(id.toLowerCase(), { until, state: stateOf(availability ?? "", activity ?? "") });
    } catch (error) {
      const until = clock.now() + UNKNOWN_MS;
      for (const id of ids) this.#known.set(id, { until, state: "PresenceUnknown" });
      this.#warn(error);
    }
  }

  /** What is still fresh stays: a caller that asks about others may be about to read it. */
  #forgetOld(now: number): void {
    for (const [id, { until }] of this.#known) if (until <= now) this.#known.delete(id);
  }

  #warn(error: unknown): void {
    const { log } = this.#ports;
    const clock = steady(this.#ports.clock);
    if (clock.now() - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = clock.now();
    const { code, status } = failureOf(error);
    log.warn("Presence in Teams could not be read: messages are delivered to everybody", { status, code });
  }
}
