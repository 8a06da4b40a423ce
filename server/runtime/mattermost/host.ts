import type { Broker, RpcClient } from "../goplugin/index.ts";
import { callerOver, makeApi } from "./api.ts";
import { type ApiConnection, makeStreamingApi } from "./api-streams.ts";
import { type Cluster, type ClusterControl, makeCluster } from "./cluster.ts";
import { NotActivated } from "./errors.ts";
import { type KeyValueStore, makeKeyValueStore } from "./kv.ts";
import { type Logger, makeLogger } from "./log.ts";
import { pause } from "./pause.ts";
import { readSiteUrl } from "./site-url.ts";
import { isAtLeast } from "./version.ts";
import { type Api, apiMethods } from "./wire/api.gen.ts";

/** What a plugin gets from the server. The API answers from `onConfigurationChange` and `onActivate` on. */
export interface PluginHost {
  readonly api: Api;
  readonly kv: KeyValueStore;
  /** Writes to the server's log; to stderr, which the server logs too, until the plugin is activated. */
  readonly log: Logger;
  readonly cluster: Cluster;
  /** Aborted when the plugin is deactivated or the server is gone. */
  readonly signal: AbortSignal;
  /** The plugin's settings. The server hands their keys over in lower case. `parse` throws for what it does not accept. */
  settings<T>(parse: (settings: Record<string, unknown>) => T): Promise<T>;
  /** Whether the server has an API method, by its version. */
  supports(method: keyof Api): Promise<boolean>;
  /** e.g. "11.6.0". Asked once. */
  serverVersion(): Promise<string>;
  /** Absolute path of the unpacked bundle. Asked once. */
  bundlePath(): Promise<string>;
  /** The server's address as it stands in its configuration, or "". Far cheaper than `api.getConfig()`. */
  siteUrl(): Promise<string>;
}

/** The host as the runtime sees it: with the connection it speaks through. */
export interface HostControl {
  readonly host: PluginHost;
  readonly cluster: ClusterControl;
  connect(rpc: RpcClient, broker: Broker): void;
  /** Ends jobs, gives leases back and tells `signal`. The API still answers. */
  retire(reason: string): Promise<void>;
}

/** The server gives OnDeactivate 10 s, and the plugin wants some of them. */
const MAX_STOPPING_MS = 3_000;

export function makeHost(): HostControl {
  let connection: ApiConnection | null = null;
  const retired = new AbortController();

  // The logger needs the API, and the streaming methods of the API need a logger.
  const log = makeLogger(
    {
      logDebug: (...args) => api.logDebug(...args),
      logInfo: (...args) => api.logInfo(...args),
      logWarn: (...args) => api.logWarn(...args),
      logError: (...args) => api.logError(...args),
    },
    () => connection !== null,
  );
  const api = makeApi(
    callerOver(() => connection?.rpc ?? null),
    makeStreamingApi(() => connection, log),
  );
  const kv = makeKeyValueStore(api);
  const activated = Promise.withResolvers<void>();
  const cluster = makeCluster(api, kv, log, activated.promise);
  const serverVersion = once(() => api.getServerVersion());
  const bundlePath = once(() => api.getBundlePath());

  const host: PluginHost = {
    api,
    kv,
    log,
    cluster,
    signal: retired.signal,
    serverVersion,
    bundlePath,
    async settings(parse) {
      const settings = await api.loadPluginConfiguration();
      return parse(isObject(settings) ? settings : {});
    },
    async siteUrl() {
      if (!connection) throw new NotActivated("getConfig");
      return readSiteUrl(connection.rpc);
    },
    supports: async (method) => isAtLeast(await serverVersion(), apiMethods[method].since),
  };

  return {
    host,
    cluster,
    connect(rpc, broker) {
      connection = { rpc, broker };
      activated.resolve();
      rpc.onClose = () => {
        connection = null;
        retired.abort(new Error("the server is gone"));
      };
    },
    async retire(reason) {
      retired.abort(new Error(reason));
      const stopped = cluster.stopJobs().then(() => true);
      if (!(await Promise.race([stopped, pause(MAX_STOPPING_MS)])))
        log.warn("a job did not stop when it was told to");
    },
  };
}

/** Remembers an answer, not a failure. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => {
    asked ??= ask().catch((error) => {
      asked = null;
      throw error;
    });
    return asked;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
