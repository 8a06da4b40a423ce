/** The ports of connections, and their surface for features. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { TokenVerifier } from "../../microsoft/entra/token-verifier.ts";
import type { Credential, GraphClient } from "../../microsoft/graph/index.ts";
import type { Fetch } from "../../microsoft/network/index.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import type { Language } from "../../platform/i18n/index.ts";
import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import type { BotAccount } from "./bot-account/bot-record.ts";
import type { ConnectionEntry, ConnectionEvent } from "./connection.ts";
import type { Begun, Browser, Whose } from "./flow/code-flow.ts";
import type { ConnectionLinks } from "./flow/establish.ts";
import type { EarlierToken } from "./flow/from-earlier.ts";
import type { Ending, Outcome } from "./flow/outcomes.ts";
import type { Asked } from "./invitations/enforcement.ts";
import type { LeavingSubscriptions } from "./removal.ts";
import type { AllowedList } from "./seats/allowed-list.ts";

export type ConnectionsApi = Pick<
  Api,
  | "getUser"
  | "getUsersByIds"
  | "getUserByEmail"
  | "getTeamsForUser"
  | "getPostsSince"
  | "publishWebSocketEvent"
>;

export interface ConnectionsPorts {
  readonly pluginId: string;
  readonly config: ConfigSource;
  readonly api: ConnectionsApi;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on" | "runOnOneNode">;
  readonly links: ConnectionLinks & { onLinkChange(listener: (userId: string) => void): () => void };
  readonly verifier: Pick<TokenVerifier, "verify" | "verifyIdToken">;
  readonly graph: Pick<GraphClient, "request">;
  readonly fetch: Fetch;
  readonly bot: Pick<Bot, "direct" | "directChannel" | "update" | "userId">;
  readonly cards: Pick<Cards, "props">;
  readonly subscriptions: LeavingSubscriptions;
  readonly permissions: () => readonly string[];
  /** Of the bot account; none while no feature uses one. */
  readonly botPermissions: () => readonly string[];
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  /** A message to each system admin. */
  readonly tellAdmins: (message: (language: Language) => string) => Promise<void>;
  readonly log: Logger;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** The outcome of an attempt to connect, for the audit log. Codes and ids only. */
  readonly audit: (event: ConnectionEvent) => void;
}

export interface ConnectionState {
  readonly connected: boolean;
  readonly lost?: true;
  readonly account?: string;
  readonly since?: number;
  readonly scopes?: readonly string[];
  /** Permissions of enabled features that the person has not agreed to. */
  readonly missing?: readonly string[];
  readonly mayConnect: boolean;
  readonly refusal?: Outcome;
}

export interface Connections {
  /** Whether any feature needs a connection. While none does, everything here is as if it were not there. */
  isOn(): boolean;
  state(userId: string): Promise<ConnectionState>;
  /** The demand of the admin's rules on the person now. */
  askedAtLogin(userId: string, state: ConnectionState): Promise<Asked>;
  /** The person is at the web app: an invitation may follow. */
  seen(userId: string): Promise<void>;
  /** How many invitations nobody answered yet. */
  countInvited(): Promise<number>;
  begin(browser: Browser, whose?: Whose): Promise<Begun>;
  complete(browser: Browser, query: URLSearchParams, requestId: string): Promise<Ending>;
  /** Connects with the token of the tab. Throws `consent_required`, `connect_refused`, … */
  fromTab(userId: string, tabToken: string, requestId: string): Promise<void>;
  /** Connects with what an earlier plugin kept. Answers how it ended: nothing is thrown for a token that is spent. */
  fromEarlier(userId: string, token: EarlierToken, requestId: string): Promise<Outcome>;
  /** For calls of Graph as the person. */
  credential(userId: string): Credential;
  /** A feature did something for the person without their token. Noted once a day. */
  used(userId: string): void;
  /** Of the people who are connected and whose connection is not lost. */
  isConnected(userId: string): Promise<boolean>;
  list(): AsyncIterable<[userId: string, entry: ConnectionEntry]>;
  /** False: there was nothing to end. */
  disconnect(userId: string, by: { readonly userId: string; readonly requestId: string }): Promise<boolean>;
  /** A feature's own records of a person go before the connection does. Must bear being called twice. */
  onDisconnect(remove: (userId: string) => Promise<void>): void;
  onConnect(listener: (userId: string) => void): void;
  /** Somebody was connected, disconnected or lost on this node. */
  onChange(listener: () => void): void;
  /** The account that writes for people who have not connected theirs; null while there is none. */
  bot(): Promise<BotAccount | null>;
  /** For calls of Graph as the bot account. */
  botCredential(): Credential;
  /** Whether a feature uses a bot account. */
  needsBot(): boolean;
  /** Permissions that the features need of it and that it does not have. */
  missingOfBot(bot: Pick<BotAccount, "scopes">): readonly string[];
  /** False: there was none. */
  disconnectBot(by: { readonly userId: string; readonly requestId: string }): Promise<boolean>;
  /** Where `/msteams connect-bot` leads. */
  botLink(): string;
  readonly allowed: AllowedList;
  countOnce(): Promise<number>;
  /** Where `/msteams connect` leads. */
  connectLink(from: "dm" | "settings" | "close"): string;
  /** Hook userHasBeenDeactivated: nothing is done as somebody who left. */
  deactivated(userId: string): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}
