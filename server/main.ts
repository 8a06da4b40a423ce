/** The whole product in one screen: which room gets what from which. Nothing is decided here. */

import { join } from "node:path";
import manifest from "../plugin.json" with { type: "json" };
import { runCommandLine } from "./admin/command-line.ts";
import {
  type Admin,
  createAdmin,
  createMetrics,
  explainForAdmins,
  measuredApi,
  metricsResponse,
  statusCommands,
  watchProcess,
} from "./admin/index.ts";
import { createNotifications, moveOldOutbox, notificationRoutes } from "./features/activity/index.ts";
import { handedOutRoutes } from "./features/sign-in/handed-out.ts";
import {
  createAudit,
  createDepartures,
  createDirectory,
  createIdentity,
  linkRoutes,
  MAY_READ_USERS,
  unlinkCommand,
} from "./features/sign-in/index.ts";
import { pageRoutes, readPageParts } from "./features/sign-in/page.ts";
import { sessionRoutes } from "./features/sign-in/session.ts";
import { compareVersions, createTeamsApp } from "./features/teams-app/index.ts";
import { watchConfig } from "./microsoft/config/index.ts";
import { createAppTokens } from "./microsoft/entra/app-token.ts";
import { createOnBehalfOf } from "./microsoft/entra/on-behalf-of.ts";
import { rolesOf } from "./microsoft/entra/token-roles.ts";
import { createTokenVerifier } from "./microsoft/entra/token-verifier.ts";
import { createGraph } from "./microsoft/graph/index.ts";
import { OUTGOING_TIMEOUT_MS, outgoingFetch, takeProxyEnvironment } from "./microsoft/network/index.ts";
import { measuredFetch } from "./microsoft/network/measured-fetch.ts";
import { connectionStatus } from "./people/connections/command.ts";
import { connectionsFeature } from "./people/connections/feature.ts";
import { createCommand } from "./platform/commands/index.ts";
import { createDoor } from "./platform/http/index.ts";
import { DATA_VERSION, openStoredData } from "./platform/store/stored-data.ts";
import { definePlugin, pause, servePlugin } from "./runtime/mattermost/index.ts";

const environment = takeProxyEnvironment(process.env);

const plugin = definePlugin((host) => {
  const { kv, log, cluster } = host;
  const metrics = createMetrics();
  const api = measuredApi(host.api, metrics);
  const clock = Date.now;
  const now = () => new Date();
  const loadSettings = () => host.settings((settings) => settings);
  const loadServerFacts = async () => ({ siteUrl: await host.siteUrl() });

  const config = watchConfig({ loadSettings, loadServerFacts });
  const outgoing = outgoingFetch(config, environment, OUTGOING_TIMEOUT_MS, host.signal);
  const fetch = measuredFetch(outgoing, metrics, config);
  const sleep = async (ms: number) => {
    await pause(ms, host.signal);
    host.signal.throwIfAborted();
  };
  const verifier = createTokenVerifier({ config, fetch, log, clock });
  const tokens = createAppTokens({ config, fetch });
  const graph = createGraph({ config, tokens, fetch, sleep });
  const directory = createDirectory({ onBehalfOf: createOnBehalfOf({ config, fetch }), graph, clock });
  const audit = createAudit({ api, supports: host.supports, log, metrics });
  const identity = createIdentity({ config, api, kv, cluster, directory, log, clock });
  const { links, serverRules } = identity;
  const roles = async () => rolesOf(await tokens.token(5));
  const departures = createDepartures({ config, roles, graph, links, kv, cluster, audit, log, clock });
  const microsoft = { config, graph, tokens };
  const notifications = createNotifications({ ...microsoft, links, api, kv, cluster, log, metrics });
  const connected = connectionsFeature({
    ...{
      pluginId: manifest.id,
      botName: manifest.name,
      config,
      api,
      kv,
      cluster,
      links,
      verifier,
      graph,
      fetch,
    },
    ...{ log, clock, sleep, audit: audit.connection, loadSettings, reload: config.reload },
  });
  const { connections } = connected;
  // With the runtime's jobs, not after them: both wait for what Microsoft has not answered yet.
  host.signal.addEventListener("abort", () => void notifications.stop());
  let admin: Admin | null = null;
  const isSystemAdmin = (userId: string) => api.hasPermissionTo(userId, { Id: "manage_system" });
  const status = statusCommands({
    config,
    isSystemAdmin,
    notificationsOn: (userId) => notifications.command.isOn(userId),
    linkedAt: async (userId) => (await links.byMattermostUser([userId])).get(userId)?.linkedAt ?? null,
    connection: (userId, language) => connectionStatus(connections, userId, language),
    notificationsAvailable: () => notifications.state().enabled,
    runChecks: (userId) => (admin ? admin.checks.run(userId) : Promise.reject(new Error("not active"))),
  });
  const subcommands = [notifications.command, ...status, unlinkCommand(links, audit), ...connected.commands];
  const command = createCommand({
    ...{ api, log, isSystemAdmin, subcommands, hasEarlierName: connections.isOn },
  });
  const door = createDoor({ isSystemAdmin, log, explain: explainForAdmins, ending: host.signal });
  door.add(sessionRoutes({ config, verifier, identity, serverRules, api, audit: audit.signIn, log, clock }));
  door.add(handedOutRoutes({ config, serverRules, api, kv, log, clock }));
  door.add(linkRoutes({ links, api, audit }));
  door.add(notificationRoutes({ notifications, config }));
  door.add(connected.routes);

  return {
    ...notifications.hooks,
    async onActivate() {
      const [bundle] = await Promise.all([
        host.bundlePath(),
        openStoredData(kv, cluster, { version: DATA_VERSION, steps: { 1: moveOldOutbox } }),
      ]);
      const asset = (name: string) => Bun.file(join(bundle, "assets", name)).bytes();
      const parts = readPageParts(await Bun.file(join(bundle, "public/tab/assets.json")).json());
      const teamsApp = createTeamsApp({ config, store: kv, asset, now });
      door.add(pageRoutes({ pluginId: manifest.id, config, parts }));
      admin = createAdmin({
        api,
        kv,
        cluster,
        log,
        supports: host.supports,
        serverVersion: host.serverVersion,
        config,
        fetch,
        sleep,
        signal: host.signal,
        proxyEnvironment: environment,
        tokens,
        graph,
        teamsApp,
        compareVersions,
        links,
        metrics,
        consentTrouble: directory.consentTrouble,
        tokenVersion: () => verifier.lastVersion,
        keysInUse: () => verifier.describeKeys("2.0"),
        departures: { last: departures.last, rights: MAY_READ_USERS },
      });
      door.add(admin.routes);
      // Before the work in the background asks for anything: this is what the server waits for.
      const registered = command.register();
      admin.start();
      watchProcess(metrics, manifest.version);
      identity.start();
      departures.start();
      notifications.resume();
      connected.start();
      await registered;
    },
    async onDeactivate() {
      await Promise.all([
        notifications.stop(),
        identity.stop(),
        departures.stop(),
        connected.stop(),
        admin?.stop(),
      ]);
    },
    async onConfigurationChange() {
      await config.reload();
      // Called once before onActivate, too, when the stored data may still turn out to be somebody else's.
      if (!admin) return;
      identity.configurationChanged();
      void command.refresh();
      connected.settingsChanged();
    },
    serveMetrics: () => metricsResponse(metrics),
    generateSupportData: () => admin?.supportData(),
    serveHTTP: door.fetch,
    executeCommand: command.execute,
    messageHasBeenPosted: (context, post) => notifications.about(context, post),
    async userHasBeenDeactivated(context, user) {
      await Promise.all([
        identity.deactivated(user.Id),
        connections.deactivated(user.Id),
        notifications.hooks.userHasBeenDeactivated?.(context, user),
      ]);
    },
  };
});

// `plugin-linux-amd64 setup …`: the set-up of the registration from a shell. Mattermost gives no arguments.
const [, , ...argv] = Bun.argv;
if (argv.length === 0) void servePlugin(plugin);
else void runCommandLine(argv, environment).then((code) => process.exit(code));
