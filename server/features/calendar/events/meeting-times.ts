/** *Find a time*: three proposals for the members of a channel or a thread. */

import { z } from "zod";
import { ProductError } from "../../../platform/errors.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { FieldErrors } from "../field-errors.ts";
import { availabilityOf } from "../outlook/availability.ts";
import { asPerson } from "../outlook/event-errors.ts";
import { ownMailbox } from "../outlook/events.ts";
import { isoOf } from "../rules/days.ts";
import { findTimes, type ProposedTime } from "../rules/find-time.ts";
import type { Attendees } from "./attendees.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";

export interface TimesJson {
  readonly zone: string;
  readonly members: readonly string[];
  readonly proposals: readonly {
    readonly start: string;
    readonly end: string;
    readonly startsAt: string;
    readonly endsAt: string;
    readonly free: number;
    readonly known: number;
  }[];
}

export interface FoundTimes {
  readonly times: readonly ProposedTime[];
  /** The people whose calendars were read. */
  readonly userIds: readonly string[];
}

export type MeetingTimesPorts = Pick<EventServices, "api" | "clock" | "connections" | "graph"> & {
  readonly seams: Pick<EventSeams, "reader">;
  readonly attendees: Attendees;
};

export interface TimesWanted {
  readonly channelId: string;
  /** Only people who wrote in this thread. */
  readonly rootId?: string | undefined;
  readonly minutes: number;
}

const wanted = lazy(() =>
  z.object({
    channelId: z.string().min(1),
    rootId: z.string().optional(),
    minutes: z.int().min(5).max(480).default(30),
  }),
);
/** A larger meeting is arranged in another way. Two requests of twenty. */
const MOST_MEMBERS = 40;
const SLOT_MINUTES = 30;
const AHEAD_DAYS = 5;
const DAY_MS = 86_400_000;

export class MeetingTimes {
  readonly #ports: MeetingTimesPorts;

  constructor(ports: MeetingTimesPorts) {
    this.#ports = ports;
  }

  async find(userId: string, json: unknown): Promise<TimesJson> {
    const parsed = wanted().safeParse(json);
    if (!parsed.success)
      throw new FieldErrors(
        Object.fromEntries(
          parsed.error.issues.map(({ path }) => [String(path[0] ?? "channelId"), "invalid"]),
        ),
      );
    const { times, userIds } = await this.propose(userId, parsed.data);
    const { zone } = await this.#ports.seams.reader(userId);
    const wall = (moment: number) =>
      Temporal.Instant.fromEpochMilliseconds(moment)
        .toZonedDateTimeISO(zone)
        .toPlainDateTime()
        .toString({ smallestUnit: "minute" });
    return {
      zone,
      members: userIds,
      proposals: times.map(({ free, from, known, to }) => ({
        ...{ start: wall(from), end: wall(to), startsAt: isoOf(from), endsAt: isoOf(to) },
        ...{ free, known },
      })),
    };
  }

  async propose(userId: string, { channelId, minutes, rootId }: TimesWanted): Promise<FoundTimes> {
    const { api, clock, connections, graph, seams, attendees } = this.#ports;
    if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "read_channel" })))
      throw new ProductError("event_channel");
    const reader = await seams.reader(userId);
    const userIds = await this.#members(channelId, rootId);
    const others = userIds.filter((one) => one !== userId);
    const { invited } = await attendees.resolve(userId, [userId, ...others].slice(0, MOST_MEMBERS));
    const slot = SLOT_MINUTES * 60_000;
    const from = Math.ceil((clock() + 15 * 60_000) / slot) * slot;
    const slots = (AHEAD_DAYS * DAY_MS) / slot;
    const mailbox = ownMailbox(connections.credential(userId));
    const period = { from, to: from + AHEAD_DAYS * DAY_MS, slotMinutes: SLOT_MINUTES };
    const addresses = invited.map(({ emailAddress }) => emailAddress.address);
    const availability = await asPerson(() => availabilityOf(graph, mailbox, addresses, period));
    const times = findTimes({
      ...{ from, slots, slotMinutes: SLOT_MINUTES, durationMinutes: minutes, zone: reader.zone },
      availability: availability.map(({ view }) => view),
    });
    return { times, userIds: others };
  }

  async #members(channelId: string, rootId: string | undefined): Promise<string[]> {
    const { api } = this.#ports;
    if (rootId) {
      const thread = await api.getPostThread(rootId).catch(() => null);
      const posts = Object.values(thread?.Posts ?? {}).filter((post) => post?.ChannelId === channelId);
      const ids = [...new Set(posts.flatMap((post) => (post ? [post.UserId] : [])))];
      const users = ids.length === 0 ? [] : await api.getUsersByIds(ids.slice(0, MOST_MEMBERS));
      return users.filter(({ DeleteAt, IsBot }) => DeleteAt === 0 && !IsBot).map(({ Id }) => Id);
    }
    const users = await api.getUsersInChannel(channelId, "username", 0, MOST_MEMBERS);
    return users.filter(({ DeleteAt, IsBot }) => DeleteAt === 0 && !IsBot).map(({ Id }) => Id);
  }
}
