/**
 * Events linked to channels. The person who linked an event is its owner there: changes in the owner's mailbox are
 * posted in the channel, once, even when several members are invited. The link of a single event ends some time after
 * the event: otherwise somebody who links events for years would have no more places, and their mailbox would be
 * listened to for nothing.
 *
 *   calendar/link_{0…f}   owner ─▶ their links
 */

import { ShardedMap } from "../../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { keptUntil } from "../events/event-memory.ts";
import type { CalendarEvent } from "../rules/event.ts";

export interface ChannelLink {
  /** The id in the owner's mailbox, immutable there; for a series that of its master event. */
  readonly eventId: string;
  readonly channelId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** When the link ends; missing for a series, which ends when it is unlinked. */
  readonly until?: number;
}

export interface OwnedLink extends ChannelLink {
  readonly ownerId: string;
}

export type EventIds = Pick<CalendarEvent, "id" | "seriesMasterId">;

interface Links {
  readonly v: 1;
  readonly links: readonly ChannelLink[];
}

const SHARDS = 16;
/** Maximum number of links per member; the words of `event_links_full` name it. */
const MOST_LINKS = 200;

/** `before`: it was linked to this channel already. `full`: the owner has as many links as possible. */
export type Added = "added" | "before" | "full";

export class ChannelLinks {
  readonly #map: ShardedMap<Links>;
  readonly #clock: () => number;
  readonly #changed: () => void;

  /** `changed` is called when the set of owners may have changed. */
  constructor(
    kv: Pick<KeyValueStore, "get" | "compareAndSet">,
    clock: () => number,
    changed: () => void = () => {},
  ) {
    this.#clock = clock;
    this.#changed = changed;
    this.#map = new ShardedMap<Links>(kv, { prefix: "calendar/link_", shards: SHARDS, parse });
  }

  async ofOwner(ownerId: string): Promise<readonly ChannelLink[]> {
    return this.#open(await this.#map.get(ownerId));
  }

  /** Channels that are notified of this event, or of its series, when it changes in the owner's mailbox. */
  async channelsOf(ownerId: string, event: EventIds): Promise<string[]> {
    const links = await this.ofOwner(ownerId);
    return links.filter(({ eventId }) => isOf(event, eventId)).map(({ channelId }) => channelId);
  }

  async ofChannel(channelId: string): Promise<OwnedLink[]> {
    const found: OwnedLink[] = [];
    for await (const [ownerId, links] of this.#map.entries())
      for (const one of this.#open(links)) if (one.channelId === channelId) found.push({ ...one, ownerId });
    return found.sort((a, b) => a.at - b.at);
  }

  /** Members who have linked something: their mailboxes are subscribed to, whatever they use themselves. */
  async owners(): Promise<string[]> {
    const owners: string[] = [];
    for await (const [ownerId, links] of this.#map.entries())
      if (this.#open(links).length > 0) owners.push(ownerId);
    return owners;
  }

  async count(): Promise<number> {
    let count = 0;
    for await (const [, links] of this.#map.entries()) count += this.#open(links).length;
    return count;
  }

  async add(ownerId: string, link: ChannelLink): Promise<Added> {
    let result: Added = "added";
    await this.#map.update(ownerId, (current) => {
      const links = this.#open(current);
      const isKnown = links.some((one) => same(one, link));
      result = isKnown ? "before" : links.length < MOST_LINKS ? "added" : "full";
      return result === "added" ? { v: 1, links: [...links, link] } : current;
    });
    if (result === "added") this.#changed();
    return result;
  }

  /** The event is at another time now: its links end with it. */
  async moved(ownerId: string, event: CalendarEvent): Promise<void> {
    const until = untilOf(event, this.#clock());
    if (until === null) return;
    await this.#map.update(ownerId, (current) => {
      if (!current?.links.some((one) => one.eventId === event.id && one.until !== until)) return current;
      const links = current.links.map((one) => (one.eventId === event.id ? { ...one, until } : one));
      return { v: 1, links };
    });
  }

  async isFull(ownerId: string): Promise<boolean> {
    return (await this.ofOwner(ownerId)).length >= MOST_LINKS;
  }

  /** Returns false when there was none. Without a channel, the event is unlinked from all channels. */
  async remove(
    ownerId: string,
    { eventId, channelId }: { readonly eventId: string; readonly channelId?: string },
  ): Promise<boolean> {
    let removed = false;
    await this.#map.update(ownerId, (current) => {
      const links = current?.links ?? [];
      const kept = links.filter(
        (one) => one.eventId !== eventId || (channelId !== undefined && one.channelId !== channelId),
      );
      removed = kept.length < links.length;
      if (!removed) return current;
      return kept.length === 0 ? null : { v: 1, links: kept };
    });
    if (removed) this.#changed();
    return removed;
  }

  forget(ownerId: string): Promise<void> {
    return this.#map.delete(ownerId);
  }

  #open(stored: Links | null | undefined): readonly ChannelLink[] {
    const now = this.#clock();
    return (stored?.links ?? []).filter(({ until = now }) => until >= now);
  }
}

/** For one of its occurrences, links the whole series. */
export function linkOfEvent(event: CalendarEvent, channelId: string, at: number): ChannelLink {
  const until = untilOf(event, at);
  return { eventId: event.seriesMasterId || event.id, channelId, at, ...(until === null ? {} : { until }) };
}

/** As long as the event is remembered. null: it belongs to a series. */
const untilOf = (event: CalendarEvent, now: number): number | null =>
  event.type === "singleInstance" ? keptUntil(event, now) : null;

const same = (one: ChannelLink, other: ChannelLink) =>
  one.eventId === other.eventId && one.channelId === other.channelId;

const isOf = ({ id, seriesMasterId }: EventIds, eventId: string) =>
  eventId === id || (seriesMasterId !== "" && eventId === seriesMasterId);

function parse(value: unknown): Links {
  const links = (value as Partial<Links> | null)?.links;
  if (!Array.isArray(links)) throw new Error("not a member's links");
  return {
    v: 1,
    links: links.filter((one) => typeof one?.eventId === "string" && typeof one.channelId === "string"),
  };
}
