/**
 * Caches which linked members are in a channel, and their settings for it; the cache is bounded. A roster is read for
 * the first post of a channel. Joining and leaving have hooks, but changed channel settings have none, so a roster is
 * read again after a while, and each recipient's row is read just before the decision (audience.ts).
 */

import { chunks } from "../../../platform/chunks.ts";
import type { NotificationsApi } from "../ports.ts";
import type { ChannelFacts } from "../rules/facts.ts";
import { channelOf } from "../rules/from-mattermost.ts";
import type { Members } from "./members.ts";

/** Members in one response: about 400 bytes each on the wire. */
export const MEMBER_PAGE = 1000;
/** Limit over all channels, about 100 bytes each; the channels that were unused longest are dropped first. */
const MAX_MEMBERSHIPS = 400_000;
const STALE_AFTER_MS = 5 * 60_000;

export type ChannelNotify = Readonly<Record<string, string>>;

export interface Roster {
  readonly channel: ChannelFacts;
  readonly members: Map<string, ChannelNotify>;
  /** Members who want every message of this channel, or of every thread. */
  readonly allActivity: Set<string>;
  readonly readAt: number;
}

export class Channels {
  readonly #api: Pick<NotificationsApi, "getChannel" | "getChannelMembers" | "getChannelMembersByIds">;
  readonly #members: Members;
  readonly #now: () => number;
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #rosters = new Map<string, Roster>();
  readonly #reading = new Map<string, Promise<Roster | null>>();
  /** Most rows are one of a few combinations, so each combination is stored once. */
  readonly #notify = new Map<string, ChannelNotify>();
  #memberships = 0;

  constructor(
    api: Pick<NotificationsApi, "getChannel" | "getChannelMembers" | "getChannelMembersByIds">,
    members: Members,
    now: () => number,
    limit = MAX_MEMBERSHIPS,
  ) {
    this.#api = api;
    this.#members = members;
    this.#now = now;
    this.#limit = limit;
  }

  get memberships(): number {
    return this.#memberships;
  }

  /** Returns the roster from memory, unless it is too old. */
  known(channelId: string): Roster | null {
    const roster = this.#rosters.get(channelId);
    if (!roster || this.#now() - roster.readAt > STALE_AFTER_MS) return null;
    this.#rosters.delete(channelId);
    this.#rosters.set(channelId, roster);
    return roster;
  }

  /** Reads the roster; `null` when there is no such channel. */
  read(channelId: string): Promise<Roster | null> {
    const reading = this.#reading.get(channelId);
    if (reading) return reading;
    const mine = this.#readAll(channelId)
      .then((roster) => {
        // Somebody joined or left during the read: the caller may use the result, but it is not cached.
        if (roster && this.#reading.get(channelId) === mine) this.#keep(roster);
        return roster;
      })
      .finally(() => {
        if (this.#reading.get(channelId) === mine) this.#reading.delete(channelId);
      });
    this.#reading.set(channelId, mine);
    return mine;
  }

  async #readAll(channelId: string): Promise<Roster | null> {
    const [channel, first] = await Promise.all([
      this.#api.getChannel(channelId),
      this.#api.getChannelMembers(channelId, 0, MEMBER_PAGE),
    ]);
    if (!channel) return null;
    const members = new Map<string, ChannelNotify>();
    const take = (rows: readonly { UserId: string; NotifyProps: Record<string, string> }[]) => {
      for (const row of rows) {
        if (this.#members.has(row.UserId)) members.set(row.UserId, this.#interned(row.NotifyProps));
      }
    };
    take(first);
    // Reads the channel's pages as long as that is not more expensive than asking for the linked members by id.
    let complete = first.length < MEMBER_PAGE;
    const dearer = Math.ceil((this.#members.size - members.size) / MEMBER_PAGE);
    for (let page = 1; !complete && page <= dearer; page += 1) {
      const rows = await this.#api.getChannelMembers(channelId, page, MEMBER_PAGE);
      take(rows);
      complete = rows.length < MEMBER_PAGE;
    }
    const rest = complete ? [] : [...this.#members.ids()].filter((id) => !members.has(id));
    for (const some of chunks(rest, MEMBER_PAGE))
      take(await this.#api.getChannelMembersByIds(channelId, some));
    const allActivity = new Set(
      [...members].filter(([, notify]) => wantsAllActivity(notify)).map(([id]) => id),
    );
    return { channel: channelOf(channel), members, allActivity, readAt: this.#now() };
  }

  #keep(roster: Roster): void {
    this.forget(roster.channel.id);
    this.#rosters.set(roster.channel.id, roster);
    this.#memberships += roster.members.size;
    for (const [channelId] of this.#rosters) {
      if (this.#memberships <= this.#limit || channelId === roster.channel.id) break;
      this.forget(channelId);
    }
  }

  forget(channelId: string): void {
    const roster = this.#rosters.get(channelId);
    if (!roster) return;
    this.#rosters.delete(channelId);
    this.#memberships -= roster.members.size;
  }

  forgetAll(): void {
    this.#rosters.clear();
    this.#reading.clear();
    this.#memberships = 0;
  }

  /** Called when somebody joined or left, or when their settings turned out to be different. */
  set(channelId: string, userId: string, notify: Record<string, string> | null): void {
    this.#reading.delete(channelId);
    const roster = this.#rosters.get(channelId);
    if (!roster) return;
    this.#memberships -= roster.members.size;
    roster.allActivity.delete(userId);
    if (notify && wantsAllActivity(notify)) roster.allActivity.add(userId);
    if (notify === null || !this.#members.has(userId)) roster.members.delete(userId);
    else roster.members.set(userId, this.#interned(notify));
    this.#memberships += roster.members.size;
  }

  /**
   * A newly linked member may be in any channel, so they are added to all cached channels; the check before delivery
   * (audience.ts) reads the membership again. Reading all channels again would be slow on the morning when everybody
   * opens the tab for the first time.
   */
  linkChanged(userId: string): void {
    this.#reading.clear();
    const linked = this.#members.has(userId);
    for (const channelId of this.#rosters.keys()) this.set(channelId, userId, linked ? {} : null);
  }

  #interned(notify: Record<string, string>): ChannelNotify {
    const key = JSON.stringify(notify);
    const known = this.#notify.get(key);
    if (known) return known;
    if (this.#notify.size > 10_000) this.#notify.clear();
    this.#notify.set(key, notify);
    return notify;
  }
}

const wantsAllActivity = (notify: ChannelNotify) =>
  notify.push === "all" || notify.channel_auto_follow_threads === "on";
