/**
 * Posts reminders of linked events in their channels: one post ten minutes before the start. It does
 * not depend on who is invited, nor on what the members chose for themselves.
 *
 *   every 20 s on one node ─▶ owners of links ─▶ their next events (read every five minutes) ─▶ due? ─▶ record ─▶ post
 *
 *   calendar/reminded_{link, start}   when the post was begun, whether it was created       two days
 */

import { passing } from "../../../microsoft/graph/index.ts";
import { atOnce } from "../../../platform/work/at-once.ts";
import type { Logger } from "../../../runtime/mattermost/index.ts";
import { type EventPosts, isRefused } from "../events/event-posts.ts";
import { link as linkText } from "../events/event-text.ts";
import type { EventSeams, EventServices } from "../events/events-ports.ts";
import { eventWords } from "../events/events-words.ts";
import { subjectText, timeText } from "../events/invitation-card.ts";
import { eventById, eventsBetween } from "../outlook/events.ts";
import { byRights } from "../outlook/rights.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { joinLink } from "../rules/joining.ts";
import type { ChannelLink, ChannelLinks } from "./channels.ts";

export type ChannelRemindersPorts = Pick<EventServices, "clock" | "connections" | "graph" | "kv"> & {
  readonly log: Pick<Logger, "warn">;
  readonly seams: Pick<EventSeams, "access" | "reader">;
  readonly links: ChannelLinks;
  readonly posts: EventPosts;
};

interface Reminded {
  readonly v: 1;
  readonly at: number;
  readonly posted: boolean;
}

interface Owner {
  readonly events: readonly CalendarEvent[];
  readonly readAt: number;
}

const MINUTE = 60_000;
const LEAD_MS = 10 * MINUTE;
const READ_EVERY_MS = 5 * MINUTE;
/** Events that begin before the next read, and a little later. */
const READ_AHEAD_MS = LEAD_MS + READ_EVERY_MS + 2 * MINUTE;
const OWNERS_EVERY_MS = MINUTE;
const REMINDED_S = 2 * 86_400;
/** Requests at a time, on a node that has other work as well. */
const AT_ONCE = 2;

export class ChannelReminders {
  readonly #ports: ChannelRemindersPorts;
  readonly #known = new Map<string, Owner>();
  #owners: { readonly ids: readonly string[]; readonly at: number } = {
    ids: [],
    at: Number.NEGATIVE_INFINITY,
  };

  constructor(ports: ChannelRemindersPorts) {
    this.#ports = ports;
  }

  /** Called when a link was added or removed on this node: it is checked in the next round. */
  forget(userId?: string): void {
    this.#owners = { ids: [], at: Number.NEGATIVE_INFINITY };
    if (userId === undefined) this.#known.clear();
    else this.#known.delete(userId);
  }

  /** Runs one round. A mailbox that fails delays no other. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, links, log } = this.#ports;
    if (clock() - this.#owners.at >= OWNERS_EVERY_MS)
      this.#owners = { ids: await links.owners(), at: clock() };
    await atOnce(this.#owners.ids, AT_ONCE, async (userId) => {
      if (signal.aborted) return;
      await this.#owner(userId).catch((error: unknown) => {
        const { code, name } = error as { code?: unknown; name?: string };
        log.warn("A channel could not be reminded", { user_id: userId, error: String(code ?? name) });
      });
    });
  }

  async #owner(userId: string): Promise<void> {
    const { clock, links } = this.#ports;
    const events = await this.#events(userId);
    const now = clock();
    const due = events.filter((event) => isDue(event, now));
    if (due.length === 0) return;
    const mine = await links.ofOwner(userId);
    // A channel that fails delays no other.
    const failures: unknown[] = [];
    for (const event of due)
      for (const one of mine)
        if (one.eventId === event.id || one.eventId === event.seriesMasterId)
          await this.#remind(userId, one, event).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #events(userId: string): Promise<readonly CalendarEvent[]> {
    const { clock, connections, graph, seams } = this.#ports;
    const known = this.#known.get(userId);
    const now = clock();
    if (known && now - known.readAt < READ_EVERY_MS) return known.events;
    // Recorded before the read, so that a failing mailbox is not read every 20 seconds.
    this.#known.set(userId, { events: known?.events ?? [], readAt: now });
    if (!(await connections.isConnected(userId))) return [];
    const { zone } = await seams.reader(userId);
    const wanted = { from: now, to: now + READ_AHEAD_MS };
    const events = await byRights(seams.access, userId, (by) => eventsBetween(graph, by, wanted, zone));
    this.#known.set(userId, { events, readAt: now });
    return events;
  }

  /** Recorded first: of two nodes one posts, and after a crash the post is searched. */
  async #remind(userId: string, { channelId }: ChannelLink, event: CalendarEvent): Promise<void> {
    const { clock, kv, posts } = this.#ports;
    const mark = `remind.${digest([channelId, event.id, startOf(event)])}`;
    const key = `calendar/reminded_${digest([channelId, event.id, startOf(event)])}`;
    const stored = await kv.get(key);
    const reminded = stored && (JSON.parse(new TextDecoder().decode(stored)) as Reminded);
    if (reminded?.posted) return;
    const now = await this.#again(userId, event);
    if (!now || !isDue(now, clock()) || startOf(now) !== startOf(event)) return;
    const mine: Reminded = reminded ?? { v: 1, at: clock(), posted: false };
    if (!reminded && !(await kv.compareAndSet(key, null, bytes(mine), { expireInSeconds: REMINDED_S })))
      return;
    const before = reminded !== null && (await posts.isPosted(channelId, mark, reminded.at));
    if (!before)
      await posts.post(channelId, await this.#text(userId, now), now.id, mark).catch((error: unknown) => {
        // The channel is gone or archived.
        if (!isRefused(error)) throw error;
      });
    await kv.set(key, bytes({ ...mine, posted: true }), { expireInSeconds: REMINDED_S });
  }

  /** Reads the event once more: it may have been moved or cancelled since the calendar was read. null: it is gone. */
  async #again(userId: string, event: CalendarEvent): Promise<CalendarEvent | null> {
    const { graph, seams } = this.#ports;
    const read = await byRights(seams.access, userId, (by) => eventById(graph, by, event.id)).catch(
      (error: unknown) => {
        if (passing(error)) return { event };
        throw error;
      },
    );
    const now = read?.event ?? null;
    const known = this.#known.get(userId);
    if (known) {
      const events = known.events.flatMap((one) => (one.id === event.id ? (now ?? []) : one));
      this.#known.set(userId, { ...known, events });
    }
    return now;
  }

  async #text(userId: string, event: CalendarEvent): Promise<string> {
    const { clock, seams } = this.#ports;
    const reader = await seams.reader(userId);
    const say = eventWords.in(reader.language);
    const room = joinLink(event);
    return [
      say("link_reminder", { subject: subjectText(event, say) }),
      `${say("when")}: ${timeText(event.time, reader, say, clock())}`,
      ...(room ? [linkText(say("join_now"), room.url)] : []),
    ].join("\n");
  }
}

/** Until the start, late is better than never. A private event is not mentioned in a channel. */
function isDue({ cancelled, private: isPrivate, response, time }: CalendarEvent, now: number): boolean {
  if (time.allDay || cancelled || isPrivate || response === "declined") return false;
  return time.start - LEAD_MS <= now && now < time.start;
}

const startOf = ({ time }: CalendarEvent) => (time.allDay ? 0 : time.start);

const bytes = (reminded: Reminded) => new TextEncoder().encode(JSON.stringify(reminded));

function digest(parts: readonly (string | number)[]): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}
