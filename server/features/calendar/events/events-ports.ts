/** The services that invitations and events need from the rest of the calendar and of the product. */

import type { ConfigSource } from "../../../microsoft/config/index.ts";
import type { Credential, GraphClient } from "../../../microsoft/graph/index.ts";
import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import type { Connections } from "../../../people/connections/index.ts";
import type { Links } from "../../../people/links.ts";
import type { Bot } from "../../../platform/bot/bot.ts";
import type { Cards } from "../../../platform/bot/cards.ts";
import type { Dialogs } from "../../../platform/bot/dialogs.ts";
import type { Language } from "../../../platform/i18n/index.ts";
import type { Metrics } from "../../../platform/metrics/metrics.ts";
import type { Api, Cluster, KeyValueStore, Logger, PluginHost } from "../../../runtime/mattermost/index.ts";
import type { Counted } from "../admin/statistics.ts";
import type { CalendarSettings } from "../rules/settings.ts";

export type EventsApi = Pick<
  Api,
  | "getUser"
  | "getUsersByIds"
  | "getUsersByUsernames"
  | "searchUsers"
  | "getPost"
  | "getPostThread"
  | "getPostsForChannel"
  | "getPostsSince"
  | "getChannel"
  | "getChannelMember"
  | "getTeamsForUser"
  | "getChannelsForTeamForUser"
  | "getUsersInChannel"
  | "hasPermissionTo"
  | "hasPermissionToChannel"
  | "logAuditRec"
>;

export interface EventServices {
  readonly api: EventsApi;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly cluster: Pick<Cluster, "lock" | "runOnOneNode">;
  readonly supports: PluginHost["supports"];
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly config: ConfigSource;
  readonly graph: GraphClient;
  readonly links: Pick<Links, "byMattermostUser">;
  readonly connections: Pick<
    Connections,
    "connectLink" | "credential" | "isConnected" | "list" | "onDisconnect" | "state"
  >;
  readonly bot: Bot;
  readonly cards: Cards;
  readonly dialogs: Pick<Dialogs, "handle" | "open">;
}

/** How texts and times are shown to a member. */
export interface CalendarReader {
  /** The time zone of shown times. */
  readonly zone: ZoneId;
  /** The mailbox's own name of its time zone, which Exchange gets back. */
  readonly mailboxZone: string;
  readonly locale: string;
  readonly language: Language;
  readonly hour12?: boolean | undefined;
}

/** The interface to the other part of the calendar: settings and the driven day. */
export interface EventSeams {
  settings(userId: string): Promise<CalendarSettings>;
  /** Throws what `connections.credential` throws. */
  reader(userId: string): Promise<CalendarReader>;
  /** Members who are connected and use something, with their Entra object id. */
  members(): AsyncIterable<{
    readonly userId: string;
    readonly objectId: string;
    readonly settings: CalendarSettings;
  }>;
  /** Decides whose permissions read a mailbox. */
  readonly access: {
    /** Returns null when the person's mailbox is unknown. */
    of(userId: string): Promise<MailboxBy | null>;
    asPerson(userId: string): MailboxBy | Promise<MailboxBy>;
    /** Returns true when the refusal concerns only the app, so that the person's own token should be tried. */
    refused(userId: string, error: unknown): boolean | Promise<boolean>;
  };
  /** Something in the person's calendar has changed: their events are read again. */
  changed(userId: string): void;
  /** The set of calendars to subscribe to has changed. */
  wishesChanged(): void;
  /** Counts for the admins. */
  counted(what: Counted): void;
  cardFailed(code: string): void;
}

export interface MailboxBy {
  readonly by: "app" | "person";
  /** `/users/{oid}` or `/me`. */
  readonly base: string;
  readonly credential?: Credential;
}
