/** Facts that a form for a new event needs: the time zone, Teams meetings, who is free. */

import { z } from "zod";
import { instantOf, type ZonedWallTime, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { FieldErrors } from "../field-errors.ts";
import { availabilityOf } from "../outlook/availability.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { makesTeamsMeetings, ownMailbox } from "../outlook/events.ts";
import type { Period } from "../rules/days.ts";
import type { Attendees } from "./attendees.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";

/** By the requested user id or address. */
export type Free = Readonly<Record<string, "free" | "busy" | "unknown">>;

export type EventFactsPorts = Pick<EventServices, "connections" | "graph"> & {
  readonly seams: Pick<EventSeams, "reader">;
  readonly attendees: Attendees;
};

const asked = lazy(() =>
  z.object({
    attendees: z.array(z.string()).min(1).max(MOST_ASKED),
    start: z.string(),
    end: z.string(),
    zone: z.string().optional(),
  }),
);
const MOST_ASKED = 100;
const MINUTE = 60_000;
/** Limits of Graph's availability view. */
const [SHORTEST_SLOT, LONGEST_SLOT] = [5, 1_440];
const LONGEST_MS = 31 * 86_400_000;

export class EventFacts {
  readonly #ports: EventFactsPorts;

  constructor(ports: EventFactsPorts) {
    this.#ports = ports;
  }

  /** Returns `{"zone", "mailboxZone", "teamsMeetings"}`. */
  async form(userId: string) {
    const { connections, graph, seams } = this.#ports;
    const { mailboxZone, zone } = await seams.reader(userId);
    const mailbox = ownMailbox(connections.credential(userId));
    // When this is unknown, the form is still usable.
    const teamsMeetings = await makesTeamsMeetings(graph, mailbox).catch(() => true);
    return { zone: zoneOf(mailboxZone) ?? zone, mailboxZone, teamsMeetings };
  }

  async free(userId: string, json: unknown): Promise<Free> {
    const parsed = asked().safeParse(json);
    if (!parsed.success)
      throw new FieldErrors(
        Object.fromEntries(
          parsed.error.issues.map(({ path }) => [String(path[0] ?? "attendees"), "invalid"]),
        ),
      );
    const { attendees, end, start, zone } = parsed.data;
    const timeZone = zone ?? (await this.#ports.seams.reader(userId)).mailboxZone;
    if (!zoneOf(timeZone)) throw new FieldErrors({ zone: "zone_unknown" });
    const moment = (dateTime: string): number | null =>
      instantOf({
        dateTime: dateTime.length === 10 ? `${dateTime}T00:00` : dateTime,
        timeZone,
      } as ZonedWallTime);
    const [from, to] = [moment(start), moment(end)];
    if (from === null) throw new FieldErrors({ start: "time_invalid" });
    if (to === null) throw new FieldErrors({ end: "time_invalid" });
    if (to <= from) throw new FieldErrors({ end: "end_before_start" });
    if (to - from > LONGEST_MS) throw new FieldErrors({ end: "too_long" });
    return this.freeIn(userId, attendees, { from, to });
  }

  async freeIn(userId: string, attendees: readonly string[], { from, to }: Period): Promise<Free> {
    const { connections, graph } = this.#ports;
    const { addresses } = await this.#ports.attendees.resolve(userId, attendees);
    const minutes = Math.ceil((to - from) / MINUTE);
    const slotMinutes = Math.min(LONGEST_SLOT, Math.max(SHORTEST_SLOT, minutes));
    const period = { from, to: Math.max(to, from + slotMinutes * MINUTE), slotMinutes };
    const mailbox = ownMailbox(connections.credential(userId));
    const wanted = [...new Set(addresses.values())];
    const views = await asPerson(() => availabilityOf(graph, mailbox, wanted, period));
    const byAddress = new Map(views.map(({ address, view }) => [address.toLowerCase(), view]));
    const stateOf = (given: string) => {
      const view = byAddress.get(addresses.get(given)?.toLowerCase() ?? "");
      if (!view) return "unknown";
      return /^0+$/.test(view) ? "free" : "busy";
    };
    return Object.fromEntries(attendees.map((given) => [given, stateOf(given)]));
  }
}
