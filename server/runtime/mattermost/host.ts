import { type Broker, type RpcClient, StreamBroken } from "../goplugin/index.ts";
import { type ApiName, asApiError, callerOver, makeApi } from "./api.ts";
import { type ApiLimits, apiLimits, limitsOf } from "./api-limits.ts";
import { type ApiConnection, makeStreamingApi } from "./api-streams.ts";
import { type Cluster, type ClusterControl, makeCluster } from "./cluster.ts";
import { ApiLost, NotActivated } from "./errors.ts";
import { type KeyValueStore, makeKeyValueStore } from "./kv.ts";
import { type Logger, makeLogger } from "./log.ts";
import type { OpenFile } from "./open-file.ts";
import { pause } from "./pause.ts";
import { readSiteUrl } from "./site-url.ts";
import { isAtLeast } from "./version.ts";
import { type Api, apiMethods } from "./wire/api.gen.ts";

/** The server, as a plugin sees it. The API answers from `onConfigurationChange` and `onActivate` on. */
export interface PluginHost {
  readonly api: Api;
  readonly kv: KeyValueStore;
  /** Writes to the server's log; to stderr, which the server logs too, until the plugin is activated. */
  readonly log: Logger;
  readonly cluster: Cluster;
  /** Aborted when the plugin is deactivated or the server has ended. */
  readonly signal: AbortSignal;
  /** The plugin's settings. The server hands their keys over in lower case. `parse` throws for what it does not accept. */
  settings<T>(parse: (settings: Record<string, unknown>) => T): Promise<T>;
  /** Whether the server has an API method, by its version. */
  supports(method: keyof Api): Promise<boolean>;
  /** e.g. "11.6.0". Asked once. */
  serverVersion(): Promise<string>;
  /** Absolute path of the unpacked bundle. Asked once. */
  bundlePath(): Promise<string>;
  /** As `api.getFile`, without holding the file: a large one rests in the temporary folder until it is closed. */
  openFile(fileId: string): Promise<OpenFile>;
  /** The server's address from its configuration, or "". Far cheaper than `api.getConfig()`. */
  siteUrl(): Promise<string>;
}

/** The host as the runtime sees it: with the connection it speaks through. */
export interface HostControl {
  readonly host: PluginHost;
  readonly cluster: ClusterControl;
  /** `broken`: without its API a plugin only looks alive. */
  connect(rpc: RpcClient, broker: Broker, broken: (fault: StreamBroken) => void): void;
  /** Ends jobs, gives leases back and tells `signal`. The API still answers. */
  retire(reason: string): Promise<void>;
}

/** A deactivation takes less than 2 s, and the plugin wants some of them. */
const MAX_STOPPING_MS = 1_500;

export function makeHost(limits: ApiLimits = apiLimits): HostControl {
  let connection: ApiConnection | null = null;
  let lost = false;
  const connected = (name: ApiName): ApiConnection => {
    if (!connection) throw lost ? new ApiLost(name) : new NotActivated(name);
    return connection;
  };
  const limitOf = limitsOf(limits);
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
    callerOver((name) => connected(name).rpc, limitOf),
    makeStreamingApi(connected, log, limits),
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
      const { rpc } = connected("getConfig");
      return readSiteUrl(rpc, limitOf("getConfig")).catch((error) => {
        throw asApiError(error, "getConfig");
      });
    },
    async openFile(fileId) {
      const { rpc } = connected("getFile");
      const { openFile } = await import("./open-file.ts");
      const file = await openFile(rpc, fileId, limitOf("getFile")).catch((error) => {
        throw asApiError(error, "getFile");
      });
      if (file) return file;
      const bytes = await api.getFile(fileId);
      return { size: bytes.length, parts: () => [bytes], close: () => {} };
    },
    supports: async (method) => isAtLeast(await serverVersion(), apiMethods[method].since),
  };

  return {
    host,
    cluster,
    connect(rpc, broker, broken) {
      connection = { rpc, broker };
      lost = false;
      activated.resolve();
      rpc.onClose = (reason, call) => {
        broken(new StreamBroken("API", reason.message, call));
        connection = null;
        lost = true;
        retired.abort(new Error("the server is gone"));
      };
    },
    async retire(reason) {
      retired.abort(new Error(reason));
      const stopped = cluster.stopJobs().then(() => true);
      if (!(await Promise.race([stopped, pause(MAX_STOPPING_MS)])))
        log.warn("a job did not stop when it was asked to");
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
