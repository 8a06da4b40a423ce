/**
 * Stores the members of the calendar: their settings, and the zone and clock format of their mailbox.
 *
 *   calendar/members_{shard}  ─▶  { userId: { settings, mailbox, since } }
 *
 * A record is created when a person connects or first changes a setting. Every node is notified of changes.
 */

import { z } from "zod";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { ShardedMap } from "../../../platform/store/sharded-map.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { KeyValueStore, User } from "../../../runtime/mattermost/index.ts";
import type { CalendarServices } from "../ports.ts";
import { type CalendarSettings, settingsAfterConnecting } from "../rules/settings.ts";
import { storedSettings } from "../rules/settings-change.ts";
import type { WorkingHours } from "../rules/working-hours.ts";
import { MEMBERS_PREFIX } from "../stored-keys.ts";

/** From `GET …/mailboxSettings`. */
export interface MailboxFacts {
  /**
   * The zone as the tenant wrote it, a Windows name or an IANA id. It is written back unchanged with new events.
   */
  readonly zoneName: string;
  readonly hour12: boolean | null;
  readonly locale: string;
  /** null if the mailbox does not say. */
  readonly hours: WorkingHours | null;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

export interface Member {
  readonly settings: CalendarSettings;
  readonly mailbox: MailboxFacts | null;
  /** The zone in which the person last saw their times. Used to notify them once when the mailbox moves. */
  readonly announcedZone: string | null;
  /** The reason why the mailbox could not be read, as last reported to the person. */
  readonly reportedFailure: string | null;
  /** The post of the settings panel. */
  readonly panelPost: string | null;
}

export const newMember: Member = {
  settings: settingsAfterConnecting,
  mailbox: null,
  announcedZone: null,
  reportedFailure: null,
  panelPost: null,
};

const MEMBER_SHARDS = 64;
const CHANGED = "calendar.member";

const shape = lazy(() =>
  z.object({
    settings: z.unknown(),
    mailbox: z
      .object({
        zoneName: z.string(),
        hour12: z.boolean().nullable(),
        locale: z.string(),
        hours: z
          .object({ days: z.array(z.number()), from: z.string(), to: z.string(), zone: z.string() })
          .nullish()
          .catch(null)
          .transform((hours) => hours ?? null),
        readAt: z.number(),
      })
      .nullish()
      .catch(null),
    announcedZone: z.string().nullish().catch(null),
    reportedFailure: z.string().nullish().catch(null),
    panelPost: z.string().nullish().catch(null),
  }),
);

function parseMember(value: unknown): Member {
  const {
    settings,
    mailbox = null,
    announcedZone = null,
    reportedFailure = null,
    panelPost = null,
  } = shape().parse(value);
  return { settings: storedSettings(settings), mailbox, announcedZone, reportedFailure, panelPost };
}

/** `isHere`: this node made the change. */
export type MemberListener = (userId: string, member: Member | null, isHere: boolean) => void;

export class Members {
  readonly #map: ShardedMap<Member>;
  readonly #cluster: CalendarServices["cluster"];
  readonly #log: CalendarServices["log"];
  readonly #listeners: MemberListener[] = [];
  /** The read of each person that began last, until it is answered: an earlier one may be answered after it. */
  readonly #reads = new Map<string, symbol>();

  constructor({ kv, cluster, log }: Pick<CalendarServices, "kv" | "cluster" | "log">) {
    this.#map = new ShardedMap<Member>(kv as Pick<KeyValueStore, "get" | "compareAndSet">, {
      prefix: MEMBERS_PREFIX,
      shards: MEMBER_SHARDS,
      parse: parseMember,
      onUnreadable: (userId) => log.warn("Calendar settings cannot be read", { user_id: userId }),
    });
    this.#cluster = cluster;
    this.#log = log;
    cluster.on(CHANGED, (data) => this.#readAgain(new TextDecoder().decode(data)));
  }

  get(userId: string): Promise<Member | null> {
    return this.#map.get(userId);
  }

  /** All members with a record. */
  all(): AsyncIterable<[userId: string, member: Member]> {
    return this.#map.entries();
  }

  /** Resolves when the change is stored. A person without a record starts from the defaults. */
  async update(userId: string, change: (member: Member) => Member): Promise<Member> {
    const member = await this.#map.update(userId, (current) => {
      const next = change(current ?? newMember);
      return current !== null && next === current ? current : next;
    });
    this.#announce(userId, member);
    return member ?? newMember;
  }

  async setSettings(userId: string, settings: CalendarSettings): Promise<void> {
    await this.update(userId, (member) => ({ ...member, settings }));
  }

  async remove(userId: string): Promise<void> {
    await this.#map.delete(userId);
    this.#announce(userId, null);
  }

  /** The listener is called for changes on every node, with `null` when the person left. */
  onChange(listener: MemberListener): void {
    this.#listeners.push(listener);
  }

  /** Tells what is stored, unless a later read does. */
  async #readAgain(userId: string): Promise<void> {
    const mine = Symbol();
    this.#reads.set(userId, mine);
    try {
      const member = await this.#map.get(userId);
      if (this.#reads.get(userId) === mine) this.#tell(userId, member, false);
    } finally {
      if (this.#reads.get(userId) === mine) this.#reads.delete(userId);
    }
  }

  #announce(userId: string, member: Member | null): void {
    this.#tell(userId, member, true);
    // The answer that is on its way may be older than this change, or newer.
    if (this.#reads.has(userId))
      this.#readAgain(userId).catch((error: unknown) =>
        this.#log.warn("A changed setting could not be read", { error }),
      );
    this.#cluster
      .publish(CHANGED, userId)
      .catch((error: unknown) =>
        this.#log.warn("The other nodes could not be notified of a setting", { error }),
      );
  }

  #tell(userId: string, member: Member | null, isHere: boolean): void {
    for (const listener of this.#listeners) listener(userId, member, isHere);
  }
}

/** The zone in which a person's days and times are shown. */
export function zoneOfMember({ settings, mailbox }: Member, user: Pick<User, "Timezone"> | null): ZoneId {
  const fromMailbox = mailbox && zoneOf(mailbox.zoneName);
  const fromMattermost = user && mattermostZone(user);
  const fallback = fromMailbox ?? fromMattermost ?? ("UTC" as ZoneId);
  if (settings.zone === "mailbox") return fallback;
  if (settings.zone === "mattermost") return fromMattermost ?? fallback;
  return zoneOf(settings.zone) ?? fallback;
}

function mattermostZone({ Timezone }: Pick<User, "Timezone">): ZoneId | null {
  const { automaticTimezone = "", manualTimezone = "", useAutomaticTimezone } = Timezone ?? {};
  const [first, second] =
    useAutomaticTimezone === "false"
      ? [manualTimezone, automaticTimezone]
      : [automaticTimezone, manualTimezone];
  return zoneOf(first) ?? zoneOf(second);
}
