import type { Cluster } from "./cluster.ts";
import type { KeyValueStore } from "./kv.ts";
import type { Logger } from "./log.ts";
import type { Api } from "./wire/api.gen.ts";

/** What a plugin gets from the server. The API answers from `onActivate` (or `onConfigurationChange`) on. */
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
}
