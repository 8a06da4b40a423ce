/** The interface of connections for features, and what connections need from the product. */

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
  | "getPostsForChannel"
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
  /** Permissions of the bot account; empty while no feature uses one. */
  readonly botPermissions: () => readonly string[];
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  /** Sends a message to each system admin. */
  readonly tellAdmins: (message: (language: Language) => string) => Promise<void>;
  readonly log: Logger;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Records the outcome of an attempt to connect in the audit log: only codes and ids. */
  readonly audit: (event: ConnectionEvent) => void;
}

export interface ConnectionState {
  readonly connected: boolean;
  readonly lost?: true;
  readonly account?: string;
  readonly since?: number;
  readonly scopes?: readonly string[];
  /** Permissions of enabled features that the person has not consented to. */
  readonly missing?: readonly string[];
  readonly mayConnect: boolean;
  readonly refusal?: Outcome;
}

export interface Connections {
  /** True when any feature needs a connection. Otherwise everything here behaves as if it did not exist. */
  isOn(): boolean;
  state(userId: string): Promise<ConnectionState>;
  /** Returns whether the admin's rules now ask the person to connect, and whether they may skip it. */
  askedAtLogin(userId: string, state: ConnectionState): Promise<Asked>;
  /** Call it when the person has opened the web app: it may send them an invitation. */
  seen(userId: string): Promise<void>;
  /** Counts the invitations that nobody has answered yet. */
  countInvited(): Promise<number>;
  begin(browser: Browser, whose?: Whose): Promise<Begun>;
  complete(browser: Browser, query: URLSearchParams, requestId: string): Promise<Ending>;
  /** Connects with the tab's token. Throws `consent_required`, `connect_refused`, … */
  fromTab(userId: string, tabToken: string, requestId: string): Promise<void>;
  /**
   * Connects with the token that an earlier plugin stored. Resolves with the outcome, also for a token that is spent.
   */
  fromEarlier(userId: string, token: EarlierToken, requestId: string): Promise<Outcome>;
  /** Returns the credential for Graph calls as the person. */
  credential(userId: string): Credential;
  /** Records, once a day, that a feature did something for the person without their token. */
  used(userId: string): void;
  /** Whether the person is connected and the connection is not lost. */
  isConnected(userId: string): Promise<boolean>;
  list(): AsyncIterable<[userId: string, entry: ConnectionEntry]>;
  /** Disconnects. Resolves with false when there was nothing to disconnect. */
  disconnect(userId: string, by: { readonly userId: string; readonly requestId: string }): Promise<boolean>;
  /**
   * Registers a function that removes a feature's own records of a person, called before the connection is removed.
   * It must be safe to call twice.
   */
  onDisconnect(remove: (userId: string) => Promise<void>): void;
  onConnect(listener: (userId: string) => void): void;
  /** Calls the listener when somebody was connected, disconnected or lost on this node. */
  onChange(listener: () => void): void;
  /** Returns the account that posts for people without one; null when there is none. */
  bot(): Promise<BotAccount | null>;
  /** Returns the credential for Graph calls as the bot account. */
  botCredential(): Credential;
  /** Whether a feature uses a bot account. */
  needsBot(): boolean;
  /** Returns the permissions that the features need from the bot and that it does not have. */
  missingOfBot(bot: Pick<BotAccount, "scopes">): readonly string[];
  /** Disconnects the bot. Resolves with false when there was none. */
  disconnectBot(by: { readonly userId: string; readonly requestId: string }): Promise<boolean>;
  /** The address that `/msteams connect-bot` returns. */
  botLink(): string;
  readonly allowed: AllowedList;
  countOnce(): Promise<number>;
  /** The address that `/msteams connect` returns. */
  connectLink(from: "dm" | "settings" | "close"): string;
  /** Handler of the hook userHasBeenDeactivated: removes the connection, so that nothing is done as that person. */
  deactivated(userId: string): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}
