/** The Mattermost stand-in. Unit tests need the first two: `const api = pluginApi(new World())`. */

export type { Caller } from "./caller.ts";
export { type KvOptions, KvStore } from "./kv.ts";
export { type Fault, pluginApi, type StandInApi, watched } from "./plugin-api.ts";
export { publish } from "./publish.ts";
export { type AuditEntry, FIRST_NODE, type HookSink, type LogEntry, World } from "./world.ts";
