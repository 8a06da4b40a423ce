/** The admin's side of the plugin: console routes, checks, set-up, migration, metrics, support packet. */

import { z } from "zod";
import type { Config, ConfigSource } from "../microsoft/config/index.ts";
import type { GraphClient } from "../microsoft/graph/index.ts";
import type { Fetch } from "../microsoft/network/index.ts";
import { foundOrNull } from "../people/found-or-null.ts";
import { type LinksPort, linkImport } from "../people/link-import.ts";
import type { AdminAction, Audit } from "../platform/audit/audit.ts";
import { type MessageApi, tellSystemAdmins } from "../platform/bot/admin-messages.ts";
import type { Feature } from "../platform/feature.ts";
import type { Routes } from "../platform/http/index.ts";
import { createMetrics, type Metrics } from "../platform/metrics/metrics.ts";
import type { DeclaredPermissions } from "../platform/permissions.ts";
import { product } from "../platform/product.ts";
import type { Problem } from "../platform/settings/index.ts";
import { lazy } from "../runtime/lazy.ts";
import type { Api, Cluster, KeyValueStore, Logger, PluginHost } from "../runtime/mattermost/index.ts";
import type { ChangesRoutesPorts } from "./changes-routes.ts";
import { type CheckPorts, type Checks, createChecks } from "./checks/index.ts";
import { countSecondFactors } from "./checks/member-checks.ts";
import type { TokenSource } from "./checks/microsoft-checks.ts";
import { createImport } from "./earlier-plugin.ts";
import { createMicrosoftSignIns } from "./microsoft-sign-in.ts";
import type { PackagePort } from "./package-routes.ts";
import { adminRoutes } from "./routes.ts";
import { readServerFacts } from "./server-facts.ts";
import type { SettingsStore } from "./setup/settings-store.ts";
import { diagnosticsOf, type SupportFile, supportFiles } from "./support-packet.ts";
import { createSystems } from "./systems.ts";

export { measuredApi, watchProcess } from "../platform/metrics/measured.ts";
export { createMetrics, type Metrics, metricsResponse } from "../platform/metrics/metrics.ts";
export { explainForAdmins } from "./explain.ts";
export { type AdminPorts, adminRoutes } from "./routes.ts";
export { readServerFacts, type ServerFacts } from "./server-facts.ts";
export { statusCommands } from "./status-command.ts";
export type { SupportFile } from "./support-packet.ts";

export type AdminApi = MessageApi &
  Pick<
    Api,
    | "getConfig"
    | "getUnsanitizedConfig"
    | "getUser"
    | "getUserByUsername"
    | "getUsers"
    | "hasPermissionTo"
    | "loadPluginConfiguration"
    | "logAuditRec"
    | "savePluginConfig"
  >;

export interface AdminHost {
  readonly api: AdminApi;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "runOnOneNode">;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly supports: PluginHost["supports"];
  readonly serverVersion: PluginHost["serverVersion"];
  readonly config: ConfigSource;
  readonly permissions: DeclaredPermissions;
  readonly subscriptions: ChangesRoutesPorts["subscriptions"];
  /** The features, whose checks and diagnostics are shown besides ours. */
  readonly features: readonly Feature[];
  readonly fetch: Fetch;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Aborted when the plugin is deactivated. */
  readonly signal?: AbortSignal;
  readonly proxyEnvironment: Readonly<Record<string, string | undefined>>;
  readonly tokens: TokenSource;
  readonly graph: GraphClient;
  readonly teamsApp: PackagePort & {
    preview(settings: Config): Promise<{
      readonly lastVersion: string | null;
      readonly lastAppId: string | null;
      readonly problems: readonly Problem[];
    }>;
    catalogVersionSeen(version: string | null): void;
  };
  readonly compareVersions: (a: string, b: string) => number;
  readonly links: LinksPort;
  readonly consentTrouble?: () => string | null;
  readonly tokenVersion?: () => "1.0" | "2.0" | null;
  readonly departures?: CheckPorts["departures"];
  readonly keysInUse?: CheckPorts["keysInUse"];
  readonly metrics?: Metrics;
  readonly now?: () => Date;
}

export interface Admin {
  readonly routes: Routes;
  readonly checks: Checks;
  /** Starts the daily checks on one node, and checks after changes. */
  start(): void;
  stop(): Promise<void>;
  /** Handler of the hook GenerateSupportData. */
  supportData(): Promise<SupportFile[]>;
}

const HOUR_MS = 3_600_000;
const CREDENTIAL_KEY = "setup/credential";
const credentialShape = lazy(() => z.object({ clientId: z.string(), ends: z.string() }));

export function createAdmin(host: AdminHost): Admin {
  const { api, kv, cluster, config, fetch, graph, log, teamsApp } = host;
  const now = host.now ?? (() => new Date());
  const metrics = host.metrics ?? createMetrics();
  const settings: SettingsStore = {
    load: async () => z.record(z.string(), z.unknown()).parse(await api.loadPluginConfiguration()),
    save: (next) => api.savePluginConfig(next as Parameters<AdminApi["savePluginConfig"]>[0]),
  };
  const audit: Audit = (action) => {
    record(host, action).catch((error: unknown) =>
      log.warn("The audit log did not take a record", { event: action.event, error: String(error) }),
    );
  };
  const lastPackageVersion = async () => (await teamsApp.preview(config.current)).lastVersion;
  const serverFacts = () => readServerFacts(api);
  const about = async () => ({
    Plugin: product.version,
    Mattermost: await host.serverVersion(),
    "Microsoft cloud": config.current.cloud.name,
  });

  const checks = createChecks({
    ...{ config, permissions: host.permissions },
    contributed: host.features.flatMap(({ checks = [] }) => checks),
    store: kv,
    serverSettings: serverFacts,
    fetch,
    ...(host.signal ? { signal: host.signal } : {}),
    proxyEnvironment: host.proxyEnvironment,
    tokens: host.tokens,
    graph,
    objectIdOf: async (userId) => (await host.links.byMattermostUser([userId])).get(userId)?.objectId ?? null,
    ...(host.consentTrouble ? { consentTrouble: host.consentTrouble } : {}),
    secondFactors: () => countSecondFactors(api),
    ...(host.tokenVersion ? { tokenVersion: host.tokenVersion } : {}),
    ...(host.keysInUse ? { keysInUse: host.keysInUse } : {}),
    ...(host.departures ? { departures: host.departures } : {}),
    knownCredentialEnd,
    secretEndSeen: (end) => {
      secretEnds = end;
    },
    lastPackageVersion,
    compareVersions: host.compareVersions,
    catalogVersionSeen: teamsApp.catalogVersionSeen,
    tellAdmins: (message) => tellSystemAdmins(api, product.id, message),
    lock: (name) => cluster.lock(name),
    log,
    now,
  });

  let secretEnds: Date | null = null;
  metrics.watch("credential_days_left", "Days until the credential in use ends; NaN where unknown", () =>
    daysLeft(config.current, secretEnds, now()),
  );
  metrics.watch(
    "credential_end_timestamp_seconds",
    "When the credential in use ends; NaN where unknown",
    () => endOf(config.current, secretEnds) / 1000,
    "msgraph_client_secret_end_date_timestamp_seconds",
  );
  /** The end of the set-up's own secret is known on every node without running the checks. */
  const lookAtSecret = () =>
    knownCredentialEnd().then(
      (end) => {
        secretEnds = end;
      },
      () => {},
    );

  /** The end is known only for the credential that the set-up created, not for another client's or a pasted one. */
  async function knownCredentialEnd(): Promise<Date | null> {
    const bytes = await kv.get(CREDENTIAL_KEY);
    if (!bytes) return null;
    const { clientId, ends } = credentialShape().parse(JSON.parse(new TextDecoder().decode(bytes)));
    return clientId === fingerprint(config.current) ? new Date(ends) : null;
  }

  const routes = adminRoutes({
    teamsApp,
    audit,
    draft: { serverFacts, savedSettings: settings.load, previewPackage: teamsApp.preview },
    checks: { checks, config, serverFacts, about },
    microsoft: {
      ...{ config, permissions: host.permissions, pluginId: product.id },
      secondFactors: () => countSecondFactors(api),
      signIns: createMicrosoftSignIns({ config, fetch, now }),
      graph,
      settings,
      catalogVersionSeen: teamsApp.catalogVersionSeen,
      compareVersions: host.compareVersions,
      credentialMade: async ({ clientId, secret, ends }) => {
        const value = { clientId: fingerprintOf(clientId, secret), ends: ends.toISOString() };
        await kv.set(CREDENTIAL_KEY, JSON.stringify(value));
      },
      newId: () => crypto.randomUUID(),
      now,
      sleep: host.sleep ?? Bun.sleep,
      audit,
    },
    changes: { subscriptions: host.subscriptions, audit },
    systems: {
      ...{ checks, audit },
      systems: createSystems({
        ...{ features: host.features, log, latest: checks.latest, wording: checks.wording },
        config: () => config.current,
      }),
      userIdOf: async (name) => (await foundOrNull(api.getUserByUsername(name)))?.Id ?? null,
    },
    imports: {
      earlier: createImport({
        settings,
        allPluginSettings: async () => (await api.getUnsanitizedConfig())?.PluginSettings.Plugins ?? {},
        store: kv,
      }),
      links: linkImport(host.links, api),
      config,
      audit,
    },
  });

  let job: { stop(): Promise<void> } | null = null;
  let endWatch: (() => void) | null = null;
  return {
    routes,
    checks,
    start() {
      // Runs hourly: the round itself checks whether a day has passed, also after a restart or on another node.
      job ??= cluster.runOnOneNode("admin.checks", { everyMs: HOUR_MS, leaseMs: 120_000 }, () =>
        checks.daily(),
      );
      void lookAtSecret();
      const endChecks = checks.watchChanges();
      const endLook = config.onChange(() => void lookAtSecret());
      endWatch ??= () => {
        endChecks();
        endLook();
      };
    },
    async stop() {
      endWatch?.();
      endWatch = null;
      await job?.stop();
      job = null;
    },
    supportData: async () =>
      supportFiles({
        config: config.current,
        report: await checks.latest(),
        wording: checks.wording,
        metrics: metrics.text(),
        about: await about(),
        diagnostics: await diagnosticsOf(host.features),
      }),
  };
}

/** The end of the preferred credential, in milliseconds since 1970; a federated one never ends. */
function endOf({ credentials: [best] }: Config, secretEnds: Date | null): number {
  const ends =
    best?.kind === "certificate" ? best.expiresAt : best?.kind === "secret" && secretEnds?.getTime();
  return typeof ends === "number" ? ends : Number.NaN;
}

const daysLeft = (config: Config, secretEnds: Date | null, now: Date): number =>
  (endOf(config, secretEnds) - now.getTime()) / 86_400_000;

function fingerprint({ registration, credentials }: Config): string | null {
  const secret = credentials.find((credential) => credential.kind === "secret")?.secret;
  return registration && secret ? fingerprintOf(registration.clientId, secret.reveal()) : null;
}

/** Recognises a credential without storing it: eight hex digits of a hash cannot be reversed. */
function fingerprintOf(clientId: string, secret: string): string {
  return new Bun.CryptoHasher("sha256").update(`${clientId} ${secret}`).digest("hex").slice(0, 8);
}

async function record({ api, supports, log }: AdminHost, action: AdminAction): Promise<void> {
  const { event, userId, success, meta } = action;
  if (!(await supports("logAuditRec"))) {
    log.info(event, { ...meta, user_id: userId, success });
    return;
  }
  await api.logAuditRec({
    EventName: `microsoft365_${event}`,
    Status: success ? "success" : "fail",
    EventData: { Parameters: { ...meta }, ObjectType: "plugin" },
    Actor: { UserId: userId },
    Meta: {},
  });
}
