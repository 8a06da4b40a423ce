/**
 * The services that every feature may use: the server, the settings, Microsoft, people. Created once, before the
 * features.
 */

import { join } from "node:path";
import { type ConfigSource, type WatchedConfig, watchConfig } from "../microsoft/config/index.ts";
import { type AppTokens, createAppTokens } from "../microsoft/entra/app-token.ts";
import { createOnBehalfOf } from "../microsoft/entra/on-behalf-of.ts";
import { createTokenVerifier, type TokenVerifier } from "../microsoft/entra/token-verifier.ts";
import { createGraph, type Graph } from "../microsoft/graph/index.ts";
import { type Fetch, OUTGOING_TIMEOUT_MS, outgoingFetch } from "../microsoft/network/index.ts";
import { measuredFetch } from "../microsoft/network/measured-fetch.ts";
import type { Subscriptions } from "../microsoft/subscriptions/index.ts";
import { subscriptionsOnDemand } from "../microsoft/subscriptions/on-demand.ts";
import { tellSystemAdmins } from "../platform/bot/admin-messages.ts";
import { type Bot, createBot } from "../platform/bot/bot.ts";
import { type Cards, createCards } from "../platform/bot/cards.ts";
import { createDialogs, type Dialogs } from "../platform/bot/dialogs.ts";
import { CARDS_PATH, DIALOGS_PATH } from "../platform/bot/interaction-routes.ts";
import { measuredApi } from "../platform/metrics/measured.ts";
import { createMetrics, type Metrics } from "../platform/metrics/metrics.ts";
import { type DeclaredPermissions, declaredPermissions } from "../platform/permissions.ts";
import { type DeclaredStore, declaredStore } from "../platform/store/key-families.ts";
import { type PluginHost, pause } from "../runtime/mattermost/index.ts";
import { connectionAudit } from "./connections/audit.ts";
import { keyRingOf } from "./connections/encryption-key.ts";
import { type Connections, createConnections, neededPermissions } from "./connections/index.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { createLinks, type Links } from "./links.ts";
import { type ServerRulesSource, serverRules } from "./server-rules.ts";

export interface Services
  extends Pick<PluginHost, "api" | "cluster" | "log" | "serverVersion" | "signal" | "supports"> {
  readonly pluginId: string;
  /** Refuses keys that no feature declares. */
  readonly kv: DeclaredStore;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Rejects when the plugin is deactivated. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly config: WatchedConfig & ConfigSource;
  /** Loads the stored settings, with secrets in clear text. */
  readonly loadSettings: () => Promise<unknown>;
  readonly proxyEnvironment: Readonly<Record<string, string | undefined>>;
  readonly fetch: Fetch;
  readonly verifier: TokenVerifier;
  readonly tokens: AppTokens;
  readonly graph: Graph;
  /** Features that need changes from Microsoft register here, before the start. */
  readonly subscriptions: Subscriptions;
  /** The permissions that features declare. */
  readonly permissions: DeclaredPermissions;
  readonly bot: Bot;
  /** Buttons and menus on posts of the bot. */
  readonly cards: Cards;
  readonly dialogs: Dialogs;
  /** Members' own Microsoft accounts. */
  readonly connections: Connections;
  readonly directory: Directory;
  readonly links: Links;
  readonly serverRules: ServerRulesSource;
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  /** Returns a file of the unpacked bundle. Not before activation, because the server is asked for the folder. */
  readonly bundleFile: (path: string) => Promise<Bun.BunFile>;
  /** Opens a file of a post without holding it in memory. */
  readonly openFile: PluginHost["openFile"];
}

/** Time for the last calls of a plugin that is switched off: it must end within 2 s. */
const LAST_CALLS_MS = 1_000;

export function createServices(
  host: PluginHost,
  { id: pluginId, name }: { readonly id: string; readonly name: string },
  proxyEnvironment: Record<string, string | undefined>,
): Services {
  const { cluster, log, serverVersion, signal, supports } = host;
  const kv = declaredStore(host.kv);
  const metrics = createMetrics();
  const api = measuredApi(host.api, metrics);
  const clock = Date.now;
  const sleep = async (ms: number) => {
    await pause(ms, signal);
    signal.throwIfAborted();
  };
  const loadSettings = () => host.settings((settings) => settings);
  const config = watchConfig({
    loadSettings,
    loadServerFacts: async () => ({ siteUrl: await host.siteUrl() }),
  });
  const outgoing = outgoingFetch(config, proxyEnvironment, OUTGOING_TIMEOUT_MS, signal);
  const fetch = measuredFetch(outgoing, metrics, config);
  const tokens = createAppTokens({ config, fetch });
  const graph = createGraph({ config, tokens, fetch, sleep });
  const onBehalfOf = createOnBehalfOf({ config, fetch });
  const verifier = createTokenVerifier({ config, fetch, log, clock });
  const subscriptions = subscriptionsOnDemand({
    ...{ config, graph, tokens, fetch, verifier, kv, cluster, log, metrics, pluginId },
    clock: { now: clock, sleep: pause, random: Math.random },
    keyRing: () => keyRingOf(config.current),
    end: {
      async isSwitchedOff() {
        const { PluginSettings: settings } = (await host.api.getConfig()) ?? {};
        return settings?.Enable === false || settings?.PluginStates[pluginId]?.Enable === false;
      },
      graph() {
        // All other calls are aborted by then.
        const last = outgoingFetch(config, proxyEnvironment, LAST_CALLS_MS);
        return createGraph({ config, tokens: createAppTokens({ config, fetch: last }), fetch: last, sleep });
      },
    },
  });
  const permissions = declaredPermissions();
  const bot = createBot(api, {
    username: pluginId,
    displayName: name,
    description: "Microsoft 365 in Mattermost.",
  });
  const interactions = { api, kv, bot, now: clock };
  // Without the site's sub-path: the server calls these itself, and knows its plugins by this path alone
  // (app/integration_action.go, DoActionRequest). A sub-path before it would be an address without a host.
  const address = (path: string) => `/plugins/${pluginId}${path}`;
  const links = createLinks({ api, clock, cluster, kv, log });
  const isSystemAdmin = (userId: string) => api.hasPermissionTo(userId, { Id: "manage_system" });
  const delegated = () => neededPermissions(permissions.needed("delegated", config.current.section));
  const cards = createCards({ ...interactions, url: address(CARDS_PATH) });
  const connections = createConnections({
    ...{
      cards,
      subscriptions,
      pluginId,
      config,
      api,
      kv,
      cluster,
      links,
      verifier,
      graph,
      fetch,
      bot,
      log,
      clock,
      sleep,
    },
    ...{ isSystemAdmin, permissions: delegated },
    botPermissions: () => neededPermissions(permissions.ofBotAccount(config.current.section)),
    tellAdmins: (message) => tellSystemAdmins(api, pluginId, message),
    audit: connectionAudit({ api, log, metrics, supports }),
  });
  return {
    ...{ api, cluster, kv, log, serverVersion, signal, supports },
    ...{ pluginId, metrics, clock, sleep, config, loadSettings, proxyEnvironment, fetch, tokens, graph },
    ...{ verifier, subscriptions, permissions, bot, connections, links },
    cards,
    dialogs: createDialogs({ ...interactions, url: address(DIALOGS_PATH) }),
    directory: createDirectory({ onBehalfOf, graph, clock }),
    serverRules: serverRules(api),
    isSystemAdmin,
    openFile: host.openFile,
    bundleFile: async (path) => Bun.file(join(await host.bundlePath(), path)),
  };
}
