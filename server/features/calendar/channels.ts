/**
 * Events linked to channels. Whoever linked an event is its owner there: changes in the owner's mailbox are told in
 * the channel, once, whoever else is invited.
 *
 *   calendar.link.{0…f}   owner ─▶ their links
 */

import type { KeyFamily } from "../../platform/store/key-families.ts";
import { ShardedMap } from "../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import type { CalendarEvent } from "./rules/event.ts";

export interface ChannelLink {
  /** Names the meeting in every mailbox; of a series the whole series. */
  readonly key: string;
  /** In the owner's mailbox: of a series its master. */
  readonly eventId: string;
  readonly channelId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface OwnedLink extends ChannelLink {
  readonly ownerId: string;
}

interface Links {
  readonly v: 1;
  readonly links: readonly ChannelLink[];
}

export const channelLinkKeys: readonly KeyFamily[] = [
  {
    prefix: "calendar.link.",
    holds: "which events members linked to channels: IDs of members, events and channels",
    until: "unlinked, cancelled, or disconnect",
  },
];

const SHARDS = 16;
/** Of one member. */
const MOST_LINKS = 200;

export class ChannelLinks {
  readonly #map: ShardedMap<Links>;

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet">) {
    this.#map = new ShardedMap<Links>(kv, { prefix: "calendar.link.", shards: SHARDS, parse });
  }

  async ofOwner(ownerId: string): Promise<readonly ChannelLink[]> {
    return (await this.#map.get(ownerId))?.links ?? [];
  }

  /** Channels that hear of this event when it changes in the owner's mailbox. */
  async channelsOf(ownerId: string, key: string): Promise<string[]> {
    return (await this.ofOwner(ownerId)).filter((one) => one.key === key).map(({ channelId }) => channelId);
  }

  async ofChannel(channelId: string): Promise<OwnedLink[]> {
    const found: OwnedLink[] = [];
    for await (const [ownerId, { links }] of this.#map.entries())
      for (const one of links) if (one.channelId === channelId) found.push({ ...one, ownerId });
    return found.sort((a, b) => a.at - b.at);
  }

  /** Members who linked something: their mailboxes are listened to, whatever they asked for themselves. */
  async owners(): Promise<string[]> {
    const owners: string[] = [];
    for await (const [ownerId, { links }] of this.#map.entries()) if (links.length > 0) owners.push(ownerId);
    return owners;
  }

  /** False when it was linked before, or when the owner has too many. */
  async add(ownerId: string, link: ChannelLink): Promise<boolean> {
    let added = false;
    await this.#map.update(ownerId, (current) => {
      const links = current?.links ?? [];
      added = links.length < MOST_LINKS && !links.some((one) => same(one, link));
      return added ? { v: 1, links: [...links, link] } : current;
    });
    return added;
  }

  /** False: there was none. Without a channel the event is unlinked from all of them. */
  async remove(ownerId: string, { key, channelId }: { key: string; channelId?: string }): Promise<boolean> {
    let removed = false;
    await this.#map.update(ownerId, (current) => {
      const links = current?.links ?? [];
      const kept = links.filter(
        (one) => one.key !== key || (channelId !== undefined && one.channelId !== channelId),
      );
      removed = kept.length < links.length;
      if (!removed) return current;
      return kept.length === 0 ? null : { v: 1, links: kept };
    });
    return removed;
  }

  forget(ownerId: string): Promise<void> {
    return this.#map.delete(ownerId);
  }
}

/** The whole series, seen from one of its occurrences. */
export function linkOfEvent(event: CalendarEvent, channelId: string, at: number): ChannelLink {
  return { key: event.key, eventId: event.seriesMasterId || event.id, channelId, at };
}

const same = (one: ChannelLink, other: ChannelLink) =>
  one.key === other.key && one.channelId === other.channelId;

function parse(value: unknown): Links {
  const links = (value as Partial<Links> | null)?.links;
  if (!Array.isArray(links)) throw new Error("not a member's links");
  return {
    v: 1,
    links: links.filter((one) => typeof one?.key === "string" && typeof one.channelId === "string"),
  };
}
