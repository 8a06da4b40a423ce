/**
 * A person's own calendars beside the default one. A calendar view of a mailbox has the default one alone, so each is
 * asked by itself (docs/facts/microsoft-calendar.md 1). Calendars that others share, and those of groups, rooms and
 * holidays, belong to somebody else and say nothing about where the person is.
 */

import { z } from "zod";
import { type GraphClient, GraphError } from "../../../microsoft/graph/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { Period } from "../rules/days.ts";
import type { Mailbox } from "./events.ts";
import { OUTLOOK_HEADERS } from "./fields.ts";
import { viewQuery } from "./view-query.ts";

export interface OtherCalendarsPorts {
  readonly graph: GraphClient;
  readonly now: () => number;
}

const list = lazy(() => {
  const owner = z
    .object({ address: z.string().catch("") })
    .nullish()
    .catch(null);
  const calendar = z.object({ id: z.string(), isDefaultCalendar: z.boolean().catch(false), owner });
  return z.object({ value: z.array(calendar) });
});
/** A new calendar is found after this time at the latest. */
const LIST_MS = 6 * 3_600_000;
/** Each calendar costs one more request whenever events are read. */
const MOST_CALENDARS = 5;
const MOST_EVENTS = 1_000;

export class OtherCalendars {
  readonly #ports: OtherCalendarsPorts;
  /** By member. */
  readonly #ids = new Map<string, { readonly ids: readonly string[]; readonly at: number }>();

  constructor(ports: OtherCalendarsPorts) {
    this.#ports = ports;
  }

  /** Events of the period as Graph has them. Throws what Graph throws. */
  async events(
    userId: string,
    { base, credential }: Mailbox,
    period: Period,
    signal?: AbortSignal,
  ): Promise<unknown[]> {
    const by = { ...(credential ? { credential } : {}), ...(signal ? { signal } : {}) };
    const found: unknown[] = [];
    for (const id of await this.#idsOf(userId, base, by)) {
      const path = `${base}/calendars/${encodeURIComponent(id)}/calendarView?${viewQuery(period)}`;
      try {
        for await (const one of this.#ports.graph.items<unknown>({ path, headers: OUTLOOK_HEADERS, ...by })) {
          found.push(one);
          if (found.length >= MOST_EVENTS) return found;
        }
      } catch (error) {
        // It was deleted meanwhile.
        if (!(error instanceof GraphError) || error.status !== 404) throw error;
        this.#ids.delete(userId);
      }
    }
    return found;
  }

  async #idsOf(userId: string, base: string, by: object): Promise<readonly string[]> {
    const now = this.#ports.now();
    const known = this.#ids.get(userId);
    if (known && now - known.at < LIST_MS) return known.ids;
    const { value } = await this.#ports.graph.request({
      path: `${base}/calendars?$select=id,isDefaultCalendar,owner&$top=50`,
      answer: list(),
      ...by,
    });
    const mine = value.find(({ isDefaultCalendar }) => isDefaultCalendar)?.owner?.address.toLowerCase();
    const ids = value
      .filter((one) => !one.isDefaultCalendar && mine && one.owner?.address.toLowerCase() === mine)
      .map(({ id }) => id)
      .slice(0, MOST_CALENDARS);
    this.#ids.set(userId, { ids, at: now });
    return ids;
  }
}
