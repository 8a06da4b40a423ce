/**
 * Remembers the events of a mailbox, so that a change can be compared with the previous state.
 *
 *   calendar/event_{user}.{0…7}   event id ─▶ the event as last announced, the posts that show it, a post in progress
 *
 * The change queue passes the changes of one mailbox one at a time. Buttons write as well, on any node, so every
 * write is a compare-and-set.
 */

import { ShardedMap } from "../../../platform/store/sharded-map.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import type { CalendarEvent, EventTime } from "../rules/event.ts";
import type { ChangedField, RememberedEvent } from "../rules/notify.ts";

export type PostKind = "new" | "updated" | "cancelled";

/** Plain JSON, with long texts cut. */
export interface KnownEvent extends RememberedEvent {
  readonly id: string;
  readonly key: string;
  readonly iCalUId: string;
  readonly seriesMasterId: string;
}

/** A post that is about to be created: stored first, and searched after a crash. */
export interface Posting {
  /** Stored in the props of each of the posts. */
  readonly mark: string;
  readonly at: number;
  readonly kind: PostKind;
  readonly changed: readonly ChangedField[];
  readonly answer: boolean;
  /** Whether the person gets a card, and which linked channels get a post. */
  readonly direct: boolean;
  readonly channels: readonly string[];
}

export interface Shown {
  readonly postId: string;
  /** Stored in the props of the post. */
  readonly mark: string;
  readonly kind: PostKind;
  readonly changed: readonly ChangedField[];
  readonly answer: boolean;
}

export interface Entry {
  readonly v: 1;
  readonly event: KnownEvent;
  /** Time of Outlook's last change that was read; 0 when Graph does not state it. */
  readonly modifiedAt: number;
  readonly shown: readonly Shown[];
  readonly posting: Posting | null;
  /** When the entry is dropped; milliseconds since 1970. */
  readonly until: number;
}

const SHARDS = 8;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
/** A series is remembered this long after its last change. */
const SERIES_KEPT_MS = 400 * DAY_MS;
/** Exchange keeps 255 characters of a subject; a join link has about 300. */
const LONGEST_TEXT = 600;
/** For one member, in one shard. The oldest entries are dropped first. */
const MOST_IN_SHARD = 250;

export class EventMemory {
  readonly #kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">;
  readonly #now: () => number;
  /** The shards of each member, shared so that a burst for one mailbox is written in groups. */
  readonly #maps = new Map<string, ShardedMap<Entry>>();

  constructor(kv: Pick<KeyValueStore, "get" | "compareAndSet" | "delete">, now: () => number) {
    this.#kv = kv;
    this.#now = now;
  }

  async get(userId: string, id: string): Promise<Entry | null> {
    const entry = await this.#of(userId).get(id);
    return entry && entry.until > this.#now() ? entry : null;
  }

  update(userId: string, id: string, change: (entry: Entry | null) => Entry | null): Promise<Entry | null> {
    return this.#of(userId).update(id, change);
  }

  async forget(userId: string): Promise<void> {
    this.#maps.delete(userId);
    for (let shard = 0; shard < SHARDS; shard += 1)
      await this.#kv.delete(`calendar/event_${userId}.${shard.toString(36)}`);
  }

  /** Drops entries that are over, at most once a day per member. */
  async prune(userId: string): Promise<void> {
    const map = this.#of(userId);
    const entries: [string, Entry][] = [];
    for await (const one of map.entries()) entries.push(one);
    const now = this.#now();
    const kept = entries.filter(([, { until }]) => until > now).sort((a, b) => b[1].until - a[1].until);
    const over = [...entries.filter(([, { until }]) => until <= now), ...kept.slice(MOST_IN_SHARD * SHARDS)];
    await Promise.all(over.map(([id]) => map.delete(id)));
  }

  #of(userId: string): ShardedMap<Entry> {
    const known = this.#maps.get(userId);
    if (known) return known;
    if (this.#maps.size >= MOST_MAPS) this.#maps.clear();
    const made = new ShardedMap<Entry>(this.#kv, {
      prefix: `calendar/event_${userId}.`,
      shards: SHARDS,
      parse: parseEntry,
    });
    this.#maps.set(userId, made);
    return made;
  }
}

const MOST_MAPS = 1_000;

/** Keeps the fields of an event that are compared or shown later. Long texts are cut, and compared by their digest. */
export function known(event: CalendarEvent): KnownEvent {
  const { id, key, iCalUId, seriesMasterId, changeKey, time, response, cancelled, organizedByMe, type } =
    event;
  return {
    ...{ id, key, iCalUId, seriesMasterId, changeKey, time, response, cancelled, organizedByMe, type },
    subject: cut(event.subject),
    location: cut(event.location),
    joinUrl: cut(event.joinUrl),
    private: event.private,
  };
}

/** The event with the same texts as `known` returns, so that an unchanged long text is not a change. */
export function comparable(event: CalendarEvent): CalendarEvent {
  return {
    ...event,
    subject: cut(event.subject),
    location: cut(event.location),
    joinUrl: cut(event.joinUrl),
  };
}

export function keptUntil({ time, type }: Pick<CalendarEvent, "time" | "type">, now: number): number {
  if (type === "seriesMaster") return now + SERIES_KEPT_MS;
  return Math.max(now, endOf(time)) + KEPT_MS;
}

/** An all-day event ends within a day of this. */
export function endOf(time: EventTime): number {
  if (!time.allDay) return time.end;
  return Temporal.PlainDate.from(time.endDate).toZonedDateTime("UTC").epochMilliseconds + DAY_MS;
}

function cut(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const digest = new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, 10);
  return `${text.slice(0, LONGEST_TEXT - 12).toWellFormed()}… ${digest}`;
}

function parseEntry(value: unknown): Entry {
  const entry = value as Partial<Entry> | null;
  if (entry?.v !== 1 || typeof entry.event?.id !== "string" || !Array.isArray(entry.shown))
    throw new Error("not a remembered event");
  return entry as Entry;
}
