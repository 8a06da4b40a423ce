import { type Broker, type RpcClient, StreamBroken } from "../goplugin/index.ts";
import { within } from "../within.ts";
import { type ApiName, asApiError, callerOver, makeApi } from "./api.ts";
import { type ApiLimits, apiLimits, limitsOf } from "./api-limits.ts";
import { type ApiConnection, makeStreamingApi } from "./api-streams.ts";
import { type Cluster, type ClusterControl, makeCluster } from "./cluster.ts";
import { ApiLost, NotActivated } from "./errors.ts";
import { type KeyValueStore, makeKeyValueStore } from "./kv.ts";
import { type Logger, makeLogger } from "./log.ts";
import type { OpenFile } from "./open-file.ts";
import { readSiteUrl } from "./site-url.ts";
import { isAtLeast } from "./version.ts";
import { type Api, apiMethods } from "./wire/api.gen.ts";

/** The server as a plugin sees it. The API works from `onConfigurationChange` and `onActivate` on. */
export interface PluginHost {
  readonly api: Api;
  readonly kv: KeyValueStore;
  /** Writes to the server's log. Before activation it writes to stderr, which the server logs too. */
  readonly log: Logger;
  readonly cluster: Cluster;
  /** Aborted when the plugin is deactivated or the server has ended. */
  readonly signal: AbortSignal;
  /**
   * Reads the plugin's settings. The server sends their keys in lower case. `parse` throws for values it does not
   * accept.
   */
  settings<T>(parse: (settings: Record<string, unknown>) => T): Promise<T>;
  /** Whether the server's version has an API method. */
  supports(method: keyof Api): Promise<boolean>;
  /** For example "11.6.0". The server is asked once. */
  serverVersion(): Promise<string>;
  /** Absolute path of the unpacked bundle. The server is asked once. */
  bundlePath(): Promise<string>;
  /**
   * Like `api.getFile`, but does not hold the file in memory: a large one stays in the temporary folder until it is
   * closed.
   */
  openFile(fileId: string): Promise<OpenFile>;
  /** The server's address from its configuration, or "". Much cheaper than `api.getConfig()`. */
  siteUrl(): Promise<string>;
}

/** The host as the runtime sees it, with its connection. */
export interface HostControl {
  readonly host: PluginHost;
  readonly cluster: ClusterControl;
  /** `broken` is called when the API stream fails: without its API a plugin only looks alive. */
  connect(rpc: RpcClient, broker: Broker, broken: (fault: StreamBroken) => void): void;
  /** Ends jobs, releases leases and aborts `signal`. The API still answers. */
  retire(reason: string): Promise<void>;
}

/** A deactivation may take 2 s, and the plugin needs a part of that. */
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
      if (!(await within(MAX_STOPPING_MS, stopped, false)))
        log.warn("a job did not stop when it was asked to");
    },
  };
}

/** Remembers an answer, but not a failure. */
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
