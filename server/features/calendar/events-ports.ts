/** What invitations and events need of the rest of the calendar and of the product. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { Credential, GraphClient } from "../../microsoft/graph/index.ts";
import type { ZoneId } from "../../microsoft/time-zones/index.ts";
import type { Connections } from "../../people/connections/index.ts";
import type { Links } from "../../people/links.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Language } from "../../platform/i18n/index.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { Api, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import type { CalendarSettings } from "./rules/settings.ts";

export type EventsApi = Pick<
  Api,
  | "getUser"
  | "getUsersByIds"
  | "getUsersByUsernames"
  | "searchUsers"
  | "getPost"
  | "getPostThread"
  | "getPostsSince"
  | "getChannel"
  | "getChannelMember"
  | "getTeamsForUser"
  | "getChannelsForTeamForUser"
  | "getUsersInChannel"
  | "hasPermissionTo"
  | "hasPermissionToChannel"
>;

/** Interactive dialogs of Mattermost, as far as events use them. */
export interface EventDialogs {
  handle(name: string, handler: DialogHandler): void;
  open(triggerId: string, userId: string, dialog: EventDialog): Promise<void>;
}

export interface EventDialog {
  readonly name: string;
  readonly title: string;
  readonly introduction?: string;
  readonly submitLabel?: string;
  readonly elements: readonly DialogElement[];
  /** Comes back with the submission, unchanged. Ids, never text. */
  readonly value?: unknown;
}

export interface DialogElement {
  readonly type: "text" | "textarea" | "select" | "bool";
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  readonly initial?: string;
  readonly optional?: boolean;
  readonly maxLength?: number;
  readonly options?: readonly { readonly text: string; readonly value: string }[];
}

export interface DialogSubmission {
  readonly userId: string;
  readonly channelId: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

export type DialogReply = { readonly errors?: Readonly<Record<string, string>>; readonly error?: string };
export type DialogHandler = (submission: DialogSubmission) => Promise<DialogReply>;

export interface EventServices {
  readonly api: EventsApi;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly config: ConfigSource;
  readonly graph: GraphClient;
  readonly links: Pick<Links, "byMattermostUser">;
  readonly connections: Pick<Connections, "credential" | "isConnected" | "list" | "onDisconnect">;
  readonly bot: Bot;
  readonly cards: Cards;
  readonly dialogs: EventDialogs;
}

/** A member as texts and times are shown to them. */
export interface CalendarReader {
  /** Of shown times. */
  readonly zone: ZoneId;
  /** As the mailbox names its zone: Exchange gets its own name back. */
  readonly mailboxZone: string;
  readonly locale: string;
  readonly language: Language;
  readonly hour12?: boolean | undefined;
}

/** The other half of the calendar: settings and the known day. */
export interface EventSeams {
  settings(userId: string): Promise<CalendarSettings>;
  /** Throws what `connections.credential` throws. */
  reader(userId: string): Promise<CalendarReader>;
  /** Members who are connected and have asked for something, with their Entra object id. */
  members(): AsyncIterable<{
    readonly userId: string;
    readonly objectId: string;
    readonly settings: CalendarSettings;
  }>;
  /** Whether the app's own rights read this mailbox; else the person's token does. */
  readsByApp(objectId: string): Promise<boolean>;
  /** Something in the person's calendar changed: their known day is read again. */
  changed(userId: string): void;
}

export type PersonCredential = Credential;
