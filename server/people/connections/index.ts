/** A member's own connection to Microsoft 365: connecting, tokens for features, losing and ending it. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { TokenVerifier } from "../../microsoft/entra/token-verifier.ts";
import type { Credential, GraphClient } from "../../microsoft/graph/index.ts";
import type { Fetch } from "../../microsoft/network/index.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Cards } from "../../platform/bot/cards.ts";
import { type Language, languageOf } from "../../platform/i18n/index.ts";
import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import { samePerson } from "../link.ts";
import { type AllowedList, createAllowedList } from "./allowed-list.ts";
import { BOT, type BotAccount, readBot, removeBot } from "./bot-record.ts";
import { botWords } from "./bot-words.ts";
import { cardProps } from "./cards.ts";
import {
  type Begun,
  type Browser,
  begin,
  type Completed,
  complete,
  missing,
  type Whose,
} from "./code-flow.ts";
import { type Connection, type ConnectionEntry, type ConnectionEvent, isUsable } from "./connection.ts";
import { ConnectionStore } from "./connection-store.ts";
import { connectionWords } from "./connection-words.ts";
import { readMe } from "./directory-addresses.ts";
import { keyRingOf } from "./encryption-key.ts";
import { type Asked, askedAtLogin, createReachability, isSetUp, teamNames } from "./enforcement.ts";
import type { ConnectionLinks } from "./establish.ts";
import { BegunFlows } from "./flow-states.ts";
import { connectFromTab, type FromTabPorts, refusalError } from "./from-tab.ts";
import { createInvitations } from "./invitations.ts";
import { inviteWords } from "./invite-words.ts";
import { createInvited } from "./invited.ts";
import type { Ending, Outcome } from "./outcomes.ts";
import { PersonTokens } from "./person-tokens.ts";
import { type LeavingSubscriptions, type RemovalPorts, removeConnection } from "./removal.ts";
import { createSeats } from "./seats.ts";
import { keepUp, tellOnce, type UpkeepPorts } from "./upkeep.ts";

export type { ConnectionEvent } from "./connection.ts";
export { ensureEncryptionKey } from "./encryption-key.ts";
export { botPermissions, expectedOf, neededPermissions } from "./needed-permissions.ts";

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
  /** What became of an attempt to connect, for the audit log. Codes and ids only. */
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
  /** What the admin's rules ask of the person now. */
  askedAtLogin(userId: string, state: ConnectionState): Promise<Asked>;
  /** The person is at the web app: an invitation may follow. */
  seen(userId: string): Promise<void>;
  /** How many invitations nobody answered yet. */
  countInvited(): Promise<number>;
  begin(browser: Browser, whose?: Whose): Promise<Begun>;
  complete(browser: Browser, query: URLSearchParams, requestId: string): Promise<Ending>;
  /** Connects with the token of the tab. Throws `consent_required`, `connect_refused`, … */
  fromTab(userId: string, tabToken: string, requestId: string): Promise<void>;
  /** For calls of Graph as the person. */
  credential(userId: string): Credential;
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
  /** The account that speaks for people without one; null while there is none. */
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

const CHANGED = "connections.changed";
const HOUR_MS = 3_600_000;

export function createConnections(ports: ConnectionsPorts): Connections {
  const { api, audit, bot, clock, cluster, config, kv, links, log, pluginId } = ports;
  const store = new ConnectionStore(kv);
  const allowed = createAllowedList({ kv, api });
  const ring = () => keyRingOf(config.current);
  const invited = createInvited(kv);
  const seats = createSeats({
    store,
    invited,
    cluster,
    clock,
    isListed: (userId) => allowed.has(userId),
    rules: () => ({
      limit: config.current.settings.connected_accounts_limit,
      restricted: config.current.settings.connected_accounts_restricted,
    }),
  });
  const readAddresses = readMe(ports.graph);
  const flow: FromTabPorts = {
    verifier: ports.verifier,
    ...{ config, pluginId, kv, store, links, seats, readAddresses, clock, ring },
    begun: new BegunFlows(),
    botPermissions: ports.botPermissions,
    isSystemAdmin: ports.isSystemAdmin,
    fetch: ports.fetch,
    permissions: ports.permissions,
    verifyIdToken: (token, nonce) => ports.verifier.verifyIdToken(token, nonce),
    user: (userId) => api.getUser(userId),
  };
  const tokens = new PersonTokens({ config, store, ring, clock, fetch: ports.fetch, onLost });
  const reachability = createReachability({ config, fetch: ports.fetch, clock });
  const isPossible = async () => isSetUp(config.current) && (await reachability.isReachable());
  const card = cardProps(ports.cards, clock);
  const invitations = createInvitations({
    ...{ allowed, api, bot, clock, cluster, invited, isPossible, store },
    settings: () => config.current.settings,
    link: () => connectLink("dm"),
    card: (userId, language) => card("connect", userId, language),
  });
  config.onChange(() => invitations.reset());
  const removers: ((userId: string) => Promise<void>)[] = [];
  const removal: RemovalPorts = {
    ...{ store, links, clock, removers },
    forget: (userId) => tokens.forget(userId),
    announce: (userId) => announce(userId, "disconnected"),
    subscriptions: ports.subscriptions,
    credential: (userId) => tokens.credential(userId),
  };
  const listeners: ((userId: string) => void)[] = [];
  const watchers: (() => void)[] = [];
  let job: { stop(): Promise<void> } | null = null;
  const background = new Set<Promise<unknown>>();

  cluster.on(CHANGED, (data) => tokens.forget(new TextDecoder().decode(data)));
  links.onLinkChange((userId) => inBackground(removeUnlinked(userId)));

  const upkeep: UpkeepPorts = {
    ...{ store, tokens, ring, clock, log, tell },
    pause: ports.sleep,
    async tidy() {
      for (const userId of await invited.list())
        if (await store.once.get(userId)) await invited.remove(userId);
    },
    async isLinked(userId, connection) {
      const link = await links.store.byAccount(userId);
      return link !== null && samePerson(link, connection);
    },
    remove,
  };

  function inBackground(work: Promise<unknown>): void {
    const guarded = work
      .catch((error: unknown) => {
        const code = (error as { code?: unknown }).code;
        log.warn("Work on a connection failed and is done again later", { code: String(code ?? "unknown") });
      })
      .finally(() => background.delete(guarded));
    background.add(guarded);
  }

  function onLost(userId: string, code: string): void {
    const event = userId === BOT ? "bot_lost" : "connection_lost";
    audit({ event, userId, by: "", reason: code, requestId: "" });
    announce(userId, "disconnected");
    inBackground(store.read(userId).then((seen) => (seen ? tellOnce(upkeep, userId, seen) : undefined)));
  }

  /** To the other nodes and to the person's browsers; both may be missed. */
  function announce(userId: string, event: "connected" | "disconnected"): void {
    inBackground(cluster.publish(CHANGED, userId));
    if (userId === BOT) return;
    for (const watcher of watchers) watcher();
    inBackground(
      api.publishWebSocketEvent(event, {}, { UserId: userId } as Parameters<
        ConnectionsApi["publishWebSocketEvent"]
      >[2]),
    );
  }

  async function direct(
    userId: string,
    key: "welcome" | "lost",
    account: string,
  ): Promise<string | undefined> {
    const user = await api.getUser(userId);
    if (user?.DeleteAt !== 0) return undefined;
    const language = languageOf(user.Locale);
    const say = connectionWords.in(language);
    const props = await card(key === "lost" ? "connect" : "disconnect", userId, language);
    const text = say(key, { account: plain(account), link: connectLink("dm") });
    return (await bot.direct(userId, { text, props })).Id;
  }
  async function tell(userId: string, account: string): Promise<string | undefined> {
    if (userId !== BOT) return direct(userId, "lost", account);
    const values = { account: plain(account), link: botLink() };
    await ports.tellAdmins((language) => botWords.in(language)("lost", values));
    return undefined;
  }

  const connectPage = () => `${config.current.siteUrl?.url ?? ""}/plugins/${pluginId}/oauth2/connect`;
  const connectLink = (from: string) => `${connectPage()}?return=${from}`;
  const botLink = () => `${connectPage()}?account=bot`;

  function finished(userId: string, completed: Completed, requestId: string): Ending {
    const { accessToken, connection, expiresAt, isBot, ...end } = completed;
    if (end.outcome === "unreachable" || connection) reachability.note(end.outcome !== "unreachable");
    if (!connection) {
      const reason = end.detail === "" ? end.outcome : `${end.outcome} ${end.detail}`;
      audit({ event: "connect_refused", userId, by: userId, reason, requestId });
      return end;
    }
    if (accessToken !== undefined && expiresAt !== undefined)
      tokens.adopt(isBot ? BOT : userId, connection.id, accessToken, expiresAt);
    if (isBot) {
      audit({ event: "bot_connected", userId: BOT, by: userId, reason: "", requestId });
      announce(BOT, "connected");
      return end;
    }
    audit({ event: "connected", userId, by: userId, reason: "", requestId });
    announce(userId, "connected");
    for (const listener of listeners) listener(userId);
    inBackground(direct(userId, "welcome", connection.account));
    inBackground(accepted(userId, connection));
    return end;
  }

  /** Whoever connects needs neither the invitation nor the list any more. */
  async function accepted(userId: string, { account, toldPost }: Connection): Promise<void> {
    await allowed.remove(userId);
    const asked = [toldPost, (await invited.remove(userId))?.post].filter((post) => post !== undefined);
    if (asked.length === 0) return;
    const user = await api.getUser(userId);
    const say = inviteWords.in(languageOf(user?.Locale ?? ""));
    // The messages that asked for it say what became of it, and lose their buttons.
    for (const post of asked)
      await bot.update(post, { text: say("accepted", { account: plain(account) }), props: {} });
  }

  function remove(userId: string): Promise<void> {
    return removeConnection(removal, userId);
  }

  async function removeUnlinked(userId: string): Promise<void> {
    const seen = await store.read(userId);
    if (!seen || seen.connection.leaving || (await upkeep.isLinked(userId, seen.connection))) return;
    await remove(userId);
  }

  const self: Connections = {
    isOn: () => ports.permissions().length > 0,
    allowed,
    connectLink,
    credential: (userId) => tokens.credential(userId),
    list: () => store.entries.entries(),
    countOnce: () => store.countOnce(),
    onDisconnect: (one) => void removers.push(one),
    onConnect: (listener) => void listeners.push(listener),
    onChange: (watcher) => void watchers.push(watcher),
    async isConnected(userId) {
      const entry = await store.entries.get(userId);
      return entry !== null && entry.lost === undefined;
    },
    async state(userId) {
      const [user, seen] = await Promise.all([api.getUser(userId), store.read(userId)]);
      const refusal = user ? await seats.look(user) : "inactive";
      const may = { mayConnect: refusal === null, ...(refusal ? { refusal } : {}) };
      const connection = seen?.connection ?? null;
      if (connection?.lost) return { connected: false, lost: true, ...may };
      if (!isUsable(connection)) return { connected: false, ...may };
      const { account, scopes, since } = connection;
      return {
        connected: true,
        account,
        since,
        scopes,
        missing: missing(connection, ports.permissions()),
        ...may,
      };
    },
    askedAtLogin: (userId, { connected, mayConnect }) =>
      askedAtLogin(config.current.settings, {
        ...{ connected, mayConnect, isPossible },
        teams: () => teamNames(api, userId),
      }),
    seen: (userId) => invitations.seen(userId),
    countInvited: () => invited.count(),
    bot: () => readBot(store),
    botCredential: () => tokens.credential(BOT),
    botLink,
    missingOfBot: (account) => missing(account, ports.botPermissions()),
    needsBot: () => ports.botPermissions().length > 0,
    async disconnectBot(by) {
      const ended = await removeBot(store);
      tokens.forget(BOT);
      if (!ended) return false;
      announce(BOT, "disconnected");
      audit({ event: "bot_disconnected", userId: BOT, by: by.userId, reason: "", requestId: by.requestId });
      return true;
    },
    begin: (browser, whose = "own") => begin(flow, browser, whose),
    complete: async (browser, query, requestId) =>
      finished(browser.userId, await complete(flow, browser, query), requestId),
    async fromTab(userId, tabToken, requestId) {
      const end = finished(userId, await connectFromTab(flow, userId, tabToken), requestId);
      if (end.outcome !== "connected") throw refusalError(end);
    },
    async disconnect(userId, by) {
      const seen = await store.read(userId);
      const entry = await store.entries.get(userId);
      if (!seen && !entry) return false;
      await remove(userId);
      audit({ event: "disconnected", userId, by: by.userId, reason: "", requestId: by.requestId });
      return true;
    },
    async deactivated(userId) {
      if (ports.permissions().length === 0) return;
      await invited.remove(userId);
      if (await store.read(userId)) await remove(userId);
    },
    start() {
      job ??= cluster.runOnOneNode("connections", { everyMs: HOUR_MS, leaseMs: 60_000 }, (signal) =>
        keepUp(upkeep, signal),
      );
    },
    async stop() {
      await job?.stop();
      job = null;
      await Promise.allSettled([...background]);
    },
  };
  return self;
}

/** An address cannot leave its place in the sentence. */
const plain = (account: string) => account.replace(/[^\w.@+-]/g, "");
