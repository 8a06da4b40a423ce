import { accountsSettings } from "../../platform/settings/index.ts";
import { foundOrNull } from "../found-or-null.ts";
import { BOT, readBot, removeBot } from "./bot-account/bot-record.ts";
import { cardProps } from "./cards.ts";
import { type Connection, isUsable, missing } from "./connection.ts";
import { ConnectionStore, DAY_MS } from "./connection-store.ts";
import type { Connections, ConnectionsApi, ConnectionsPorts } from "./connections.ts";
import { keyRingOf } from "./encryption-key.ts";
import type { Completed } from "./flow/code-flow.ts";
import { BegunFlows } from "./flow/flow-states.ts";
import type { FromTabPorts } from "./flow/from-tab.ts";
import type { Ending } from "./flow/outcomes.ts";
import { askedAtLogin, createReachability, isSetUp, teamNames } from "./invitations/enforcement.ts";
import { createInvitations } from "./invitations/invitations.ts";
import { createInvited } from "./invitations/invited.ts";
import { createMessages } from "./messages.ts";
import { PersonTokens } from "./person-tokens.ts";
import { type RemovalPorts, removeConnection } from "./removal.ts";
import { createAllowedList } from "./seats/allowed-list.ts";
import { createSeats } from "./seats/seats.ts";
import { keepUp, tellOnce, type UpkeepPorts } from "./upkeep.ts";

export type { ConnectionEvent } from "./connection.ts";
export type { ConnectionState, Connections, ConnectionsApi, ConnectionsPorts } from "./connections.ts";
export { ensureEncryptionKey } from "./encryption-key.ts";
export { neededPermissions } from "./needed-permissions.ts";

const CHANGED = "connections.changed";
const HOUR_MS = 3_600_000;

/** Loaded when somebody connects. */
const flows = () => import("./flow/flows.ts");

export function createConnections(ports: ConnectionsPorts): Connections {
  const { api, audit, bot, clock, cluster, config, kv, links, log, pluginId } = ports;
  const onDamaged = (key: string) =>
    log.error("A record of connected accounts cannot be read and begins again", { key });
  const store = new ConnectionStore(kv, onDamaged);
  const allowed = createAllowedList({ kv, api, onDamaged });
  const ring = () => keyRingOf(config.current);
  const invited = createInvited(kv, clock, onDamaged);
  const seats = createSeats({
    store,
    invited,
    cluster,
    clock,
    isListed: (userId) => allowed.has(userId),
    rules: () => ({
      limit: config.current.section(accountsSettings).connected_accounts_limit,
      restricted: config.current.section(accountsSettings).connected_accounts_restricted,
    }),
  });
  const userOf = (userId: string) => foundOrNull(api.getUser(userId));
  const flow: FromTabPorts = {
    verifier: ports.verifier,
    ...{ config, pluginId, kv, store, links, seats, clock, ring },
    readAddresses: async (token) => (await flows()).readMe(ports.graph)(token),
    begun: new BegunFlows(),
    botPermissions: ports.botPermissions,
    isSystemAdmin: ports.isSystemAdmin,
    fetch: ports.fetch,
    permissions: ports.permissions,
    verifyIdToken: (token, nonce) => ports.verifier.verifyIdToken(token, nonce),
    user: userOf,
  };
  const tokens = new PersonTokens({ config, store, ring, clock, fetch: ports.fetch, onLost });
  const reachability = createReachability({ config, fetch: ports.fetch, clock });
  const isPossible = async () => isSetUp(config.current) && (await reachability.isReachable());
  const connectPage = () => `${config.current.siteUrl?.url ?? ""}/plugins/${pluginId}/oauth2/connect`;
  const connectLink = (from: string) => `${connectPage()}?return=${from}`;
  const botLink = () => `${connectPage()}?account=bot`;
  const card = cardProps(ports.cards, clock);
  const messages = createMessages({
    ...{ api, bot, card, botLink, tellAdmins: ports.tellAdmins },
    link: () => connectLink("dm"),
  });
  const invitations = createInvitations({
    ...{ allowed, api, bot, clock, cluster, invited, isPossible, store },
    settings: () => config.current.section(accountsSettings),
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
  /** People for whom a feature worked today, on this node. */
  let used = { day: 0, people: new Set<string>() };
  let job: { stop(): Promise<void> } | null = null;
  const background = new Set<Promise<unknown>>();

  cluster.on(CHANGED, (data) => tokens.forget(new TextDecoder().decode(data)));
  links.onLinkChange((userId) => inBackground(removeUnlinked(userId)));

  const upkeep: UpkeepPorts = {
    ...{ store, tokens, ring, clock, log, tell: messages.lost },
    pause: ports.sleep,
    async tidy() {
      for (const userId of await invited.list())
        if (await store.once.get(userId)) await invited.remove(userId);
    },
    async isLinked(userId, connection) {
      // The person's record is small; the account list's has thousands of entries.
      const seen = await links.store.read(connection);
      return seen?.record.userId === userId;
    },
    remove,
    followUp,
    onLost,
    tenantId: () => config.current.registration?.tenantId ?? "",
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

  /** Notifies the other nodes and the person's browsers. Both may miss it. */
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

  function finished(userId: string, completed: Completed, requestId: string): Ending {
    const { accessToken, connection, expiresAt, ...end } = completed;
    const { isBot } = end;
    if (end.isOutage || connection) reachability.note(!end.isOutage);
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
    inBackground(followUp(userId, connection));
    return end;
  }

  /** The follow-up of a connect. The upkeep repeats it when a node stopped in between. */
  async function followUp(userId: string, connection: Connection): Promise<void> {
    const { account, noticePost } = connection;
    // A feature that fails does not undo the connection.
    for (const listener of listeners) inBackground(Promise.resolve(userId).then(listener));
    await messages.welcome(userId, account);
    // A connected person needs neither the invitation nor the list any more.
    await allowed.remove(userId);
    const asked = [noticePost, (await invited.remove(userId))?.post].filter((post) => post !== undefined);
    await messages.answered(userId, account, asked);
    await store.settle(userId, connection.id);
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
    used(userId) {
      const day = Math.floor(clock() / DAY_MS);
      if (used.day !== day) used = { day, people: new Set() };
      if (used.people.has(userId)) return;
      used.people.add(userId);
      inBackground(store.noteUse(userId, clock()));
    },
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
      const [user, seen] = await Promise.all([userOf(userId), store.read(userId)]);
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
      askedAtLogin(config.current.section(accountsSettings), {
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
    begin: async (browser, whose = "own") => (await flows()).begin(flow, browser, whose),
    complete: async (browser, query, requestId) =>
      finished(browser.userId, await (await flows()).complete(flow, browser, query), requestId),
    async fromTab(userId, tabToken, requestId) {
      const { connectFromTab, refusalError } = await flows();
      const end = finished(userId, await connectFromTab(flow, userId, tabToken), requestId);
      if (end.outcome !== "connected") throw refusalError(end);
    },
    async fromEarlier(userId, token, requestId) {
      const { connectFromEarlier } = await flows();
      return finished(userId, await connectFromEarlier(flow, userId, token), requestId).outcome;
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
