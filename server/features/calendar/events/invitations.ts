/**
 * Posts changes in members' calendars as cards.
 *
 *   change ─▶ one read ─▶ turn of the event ─▶ rule (new, updated, cancelled, none)
 *                         ─▶ memory: "about to post" ─▶ posts ─▶ memory: "posted"
 *
 * The change queue is durable and passes the changes of one mailbox one at a time; gap filling may find the same
 * changes at the same time, on any node. After a crash the change comes again: the post is searched by its mark, and
 * created only when it is missing.
 */

import { randomUUID } from "node:crypto";
import { GraphError, GraphUnreachable } from "../../../microsoft/graph/index.ts";
import type { Change, Gap, GapWork, SubscriptionWish } from "../../../microsoft/subscriptions/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { Counter } from "../../../platform/metrics/metrics.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLinks } from "../linked-events/channels.ts";
import { eventById, eventsChangedSince, type ReadEvent } from "../outlook/events.ts";
import { byRights } from "../outlook/rights.ts";
import type { CalendarEvent } from "../rules/event.ts";
import {
  type ChangedField,
  changedFields,
  type Notification,
  notificationOf,
  unmoved,
} from "../rules/notify.ts";
import type { SubscribedSince } from "../subscribed-since.ts";
import { comparable, type Entry, type EventMemory, keptUntil, known, type Posting } from "./event-memory.ts";
import { type EventPosts, isRefused } from "./event-posts.ts";
import type { EventTurns } from "./event-turns.ts";
import type { EventSeams, EventServices, MailboxBy } from "./events-ports.ts";

export type InvitationsPorts = Pick<EventServices, "api" | "clock" | "connections" | "graph" | "log"> & {
  readonly seams: EventSeams;
  readonly memory: EventMemory;
  readonly posts: EventPosts;
  readonly turns: EventTurns;
  readonly links: ChannelLinks;
  readonly since: SubscribedSince;
  readonly handled: Counter;
};

/** The member, the event's id and what Graph returned; `read` null: it cannot be read any more. */
interface Incoming {
  readonly userId: string;
  readonly id: string;
  readonly change: Change["changeType"];
  readonly read: ReadEvent | null;
}

/** Posts of one event that are kept current; older ones keep their text and lose their buttons. */
const MOST_SHOWN = 3;
/** An invitation is announced when it is new; an import of old events is not. */
const DAY_MS = 86_400_000;

export class Invitations {
  readonly #ports: InvitationsPorts;

  constructor(ports: InvitationsPorts) {
    this.#ports = ports;
  }

  async changed(change: Change, signal: AbortSignal): Promise<Outcome> {
    const { connections, seams } = this.#ports;
    const userId = change.key;
    const { resource } = change;
    if (resource.kind !== "event") return { kind: "drop", because: "malformed" };
    if (!(await connections.isConnected(userId))) return { kind: "drop", because: "withdrawn" };
    // First, because statuses must follow a change even when its card cannot be created.
    seams.changed(userId);
    try {
      const id = resource.eventId;
      const deleted = change.changeType === "deleted";
      // Only the id is taken from the notification: the request goes to this member's own mailbox.
      const read = deleted ? null : await byRights(seams.access, userId, (by) => this.#one(by, id, signal));
      await this.#handle({ userId, id, change: change.changeType, read }, signal);
      return { kind: "done" };
    } catch (error) {
      const outcome = failed(error);
      if (outcome.kind === "retry" && outcome.because) seams.cardFailed(outcome.because);
      return outcome;
    }
  }

  /** Reads what changed without a notification. Deleted events are not among it. */
  async fillGap({ key: userId }: SubscriptionWish, { from }: Gap, work: GapWork): Promise<void> {
    const { connections, graph, seams } = this.#ports;
    if (!(await connections.isConnected(userId)) || !(await work.turn())) return;
    const changed = await byRights(seams.access, userId, async (by) => {
      const found: ReadEvent[] = [];
      for await (const one of eventsChangedSince(graph, by, from, { signal: work.signal })) found.push(one);
      return found;
    });
    for (const read of changed ?? []) {
      if (work.signal.aborted) return;
      await this.#handle({ userId, id: read.event.id, change: "updated", read }, work.signal);
    }
    if ((changed ?? []).length > 0) seams.changed(userId);
  }

  async #handle(incoming: Incoming, signal: AbortSignal): Promise<void> {
    const { handled, memory, turns } = this.#ports;
    const { id, read, userId } = incoming;
    // Most changes come twice: as created and as updated, and once more with the gap of each hour.
    if (read && isKnown(read, await memory.get(userId, id))) return handled.add({ outcome: "duplicate" });
    await turns.changed({ userId, eventId: id }, () => this.#handleAlone(incoming), signal);
  }

  async #handleAlone(incoming: Incoming): Promise<void> {
    const { clock, handled, links, memory, seams } = this.#ports;
    const { change, id, read, userId } = incoming;
    let entry = await memory.get(userId, id);
    if (entry?.posting) entry = await this.#post(userId, entry, read?.event ?? null, true);
    if (entry && read && isOlder(read, entry)) return handled.add({ outcome: "older" });
    const [settings, reader] = await Promise.all([seams.settings(userId), seams.reader(userId)]);
    const current = read ? comparable(read.event) : null;
    const previous = entry?.event ?? null;
    const since = (await this.#ports.since.of(userId)) - (change === "created" ? DAY_MS : 0);
    const input = { change, previous, current, subscribedAt: since, zone: reader.zone };
    const notification = notificationOf(input, clock());
    const channels =
      previous || current
        ? await links.channelsOf(userId, current ?? (previous as NonNullable<typeof previous>))
        : [];
    if (current && channels.length > 0) await links.moved(userId, current);
    const forChannels = channels.length > 0 ? channelNews(entry, current) : null;
    handled.add({ outcome: notification.kind === "none" ? notification.why : notification.kind });

    const direct = settings.notifications && notification.kind !== "none";
    const news = direct ? notification : (forChannels ?? null);
    if (!news || news.kind === "none")
      return this.#remember(incoming, entry, notification, channels.length > 0);
    const posting: Posting = {
      mark: randomUUID(),
      at: clock(),
      kind: news.kind,
      changed: news.kind !== "updated" ? [] : previous?.private ? wordless(news.changed) : news.changed,
      answer: news.kind !== "cancelled" && "answer" in news && news.answer,
      direct,
      channels: forChannels ? channels : [],
    };
    const next = await this.#store(incoming, entry, posting);
    if (next) await this.#post(userId, next, read?.event ?? null, false);
  }

  /** Records what is about to be posted, together with the event as it is then. */
  async #store(
    { id, read, userId }: Incoming,
    before: Entry | null,
    posting: Posting,
  ): Promise<Entry | null> {
    const { clock, memory } = this.#ports;
    const now = read && known(read.event);
    // Outlook puts a word in its own language before the subject of a cancelled event.
    const cancelled = posting.kind === "cancelled" ? (before?.event ?? now) : null;
    const event = cancelled ? { ...(now ?? cancelled), subject: cancelled.subject, cancelled: true } : now;
    if (!event) return null;
    return memory.update(userId, id, (entry) => ({
      v: 1,
      event,
      modifiedAt: read?.modifiedAt ?? entry?.modifiedAt ?? 0,
      shown: entry?.shown ?? [],
      posting,
      until: keptUntil(event, clock()),
    }));
  }

  /** Creates the pending posts of an entry, and then removes the record of them. */
  async #post(
    userId: string,
    entry: Entry,
    current: CalendarEvent | null,
    resumed: boolean,
  ): Promise<Entry | null> {
    const { links, memory, posts, seams } = this.#ports;
    const { posting, event } = entry;
    if (!posting) return entry;
    for (const channelId of posting.channels)
      await posts.inChannel(userId, channelId, event, { posting, resumed }).catch((error: unknown) => {
        // A channel that is gone or archived must not delay the member's own card.
        if (!isRefused(error)) throw error;
      });
    const card = posting.direct ? await posts.card(userId, event, current, { posting, resumed }) : null;
    if (card) seams.counted("cards");
    const others = entry.shown.filter(({ postId }) => postId !== card?.postId);
    // Earlier cards show the event as it now is, and what has changed.
    const earlier = others.map((one) => ({ ...one, changed: posting.changed }));
    const left = [...earlier, ...(card ? [card] : [])].slice(-MOST_SHOWN);
    if (earlier.length > 0) await posts.refresh(userId, { ...entry, shown: earlier }, current);
    if (posting.kind === "cancelled") await links.remove(userId, { eventId: event.id });
    // Last: until this is stored, another node would do it again.
    return memory.update(userId, event.id, (now) =>
      now?.posting?.mark === posting.mark ? { ...now, shown: left, posting: null } : now,
    );
  }

  /** Stores the current state without an announcement, so that the next change is compared with it. */
  async #remember(
    { id, read, userId }: Incoming,
    entry: Entry | null,
    notification: Notification,
    linked: boolean,
  ): Promise<void> {
    const { clock, memory, posts } = this.#ports;
    if (!read) {
      if (entry) await memory.update(userId, id, () => null);
      return;
    }
    const event = known(read.event);
    const why = notification.kind === "none" ? notification.why : "";
    // Own events are never announced, and every occurrence of a series is covered by the series' card.
    if (!entry && !linked && (why === "own" || why === "past" || why === "series")) return;
    const next: Entry = {
      v: 1,
      event,
      modifiedAt: read.modifiedAt ?? entry?.modifiedAt ?? 0,
      shown: entry?.shown ?? [],
      posting: null,
      until: keptUntil(event, clock()),
    };
    // Answered in Outlook: the card shows it as well. Before the record, so that it is repeated after a crash.
    if (entry && entry.shown.length > 0 && entry.event.response !== event.response)
      await posts.refresh(userId, next, read.event);
    await memory.update(userId, id, () => next);
  }

  async #one(by: MailboxBy, id: string, signal: AbortSignal): Promise<ReadEvent | null> {
    return eventById(this.#ports.graph, by, id, { signal });
  }
}

/** Moves and cancellations of an event that is linked to a channel, including an own one. */
function channelNews(entry: Entry | null, current: CalendarEvent | null): Notification | null {
  const before = entry?.event ?? (current ? unmoved(current) : null);
  if (!before || before.cancelled) return null;
  if (!current || current.cancelled) return { kind: "cancelled" };
  const changed = changedFields(before, current);
  return changed.length > 0 ? { kind: "updated", changed, answer: false } : null;
}

/** The channels read the same post, and must not read what the event said while it was private. */
function wordless(changed: readonly ChangedField[]): ChangedField[] {
  return changed.map((one) => (one.field === "when" ? one : { ...one, from: "" }));
}

/** True when this state of the event was handled before: nothing is left to announce, show or store. */
function isKnown({ event: { changeKey } }: ReadEvent, entry: Entry | null): boolean {
  return entry !== null && entry.posting === null && changeKey !== "" && entry.event.changeKey === changeKey;
}

/** Graph's copies of a mailbox may be of different age. */
function isOlder({ modifiedAt }: ReadEvent, entry: Entry): boolean {
  return modifiedAt !== null && modifiedAt < entry.modifiedAt;
}

function failed(error: unknown): Outcome {
  if (error instanceof ProductError) {
    if (error.code === "not_connected" || error.code === "connection_lost")
      return { kind: "drop", because: "withdrawn" };
    return { kind: "retry", because: error.code };
  }
  if (error instanceof GraphUnreachable) return { kind: "retry", because: "unreachable", counts: false };
  if (!(error instanceof GraphError)) throw error;
  if (error.status === 429)
    // Waiting as requested is not a failure, and delays only this mailbox.
    return { kind: "retry", because: "throttled", afterMs: error.retryAfterMs ?? 10_000, counts: false };
  return { kind: "retry", because: `graph_${error.status}` };
}
