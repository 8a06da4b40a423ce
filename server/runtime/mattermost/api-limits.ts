import type { CallLimit } from "../goplugin/index.ts";
import type { ApiName } from "./api.ts";

/**
 * How long a call of the API may take, in seconds (docs/plugin-protocol.md, section 12). A query that waits for a
 * database which is changing over takes 10 to 20; a plugin that waits longer than this for one answer does not work.
 */
export interface ApiLimits {
  /** Every call but those below. */
  readonly usual: number;
  /** Calls that carry a whole file, write the server's configuration, or start something. */
  readonly slow: number;
  /** Without any byte in either direction, for calls that lend a stream, also after the stream has ended. */
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

/** One object for each: a call adds none. */
export function limitsOf(limits: ApiLimits): (name: ApiName) => CallLimit {
  const usualLimit: CallLimit = { seconds: limits.usual };
  const slowLimit: CallLimit = { seconds: limits.slow };
  return (name) => (slow.has(name) ? slowLimit : usualLimit);
}
