import type { CallLimit } from "../goplugin/index.ts";
import type { ApiName } from "./api.ts";

/**
 * Time limits of API calls, in seconds (docs/plugin-protocol.md, section 12). A query during a database failover
 * takes 10 to 20 s. A plugin that waits longer than these limits for one answer would seem dead.
 */
export interface ApiLimits {
  /** For every call except those below. */
  readonly usual: number;
  /** For calls that carry a whole file, write the server's configuration, or start something. */
  readonly slow: number;
  /**
   * For calls that lend a stream: time without any byte in either direction, including after the stream has ended.
   */
  readonly idle: number;
}

export const apiLimits: ApiLimits = { usual: 30, slow: 120, idle: 60 };

const slow: ReadonlySet<ApiName> = new Set<ApiName>([
  "copyFileInfos",
  "disablePlugin",
  "enablePlugin",
  "getFile",
  "readFile",
  "receiveSharedChannelProfileImageSyncMsg",
  "removePlugin",
  "saveConfig",
  "savePluginConfig",
  "sendMail",
  "setProfileImage",
  "setTeamIcon",
  "uploadFile",
]);

/** Returns shared objects, so that a call allocates none. */
export function limitsOf(limits: ApiLimits): (name: ApiName) => CallLimit {
  const usualLimit: CallLimit = { seconds: limits.usual };
  const slowLimit: CallLimit = { seconds: limits.slow };
  return (name) => (slow.has(name) ? slowLimit : usualLimit);
}
