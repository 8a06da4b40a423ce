/**
 * A runtime for Mattermost plugins in TypeScript: `servePlugin(definePlugin({ … }))`. It does not depend on any
 * plugin; see examples/hello.
 */
export type { Cluster, LockOptions, PublishOptions } from "./cluster.ts";
export {
  ApiLost,
  ApiTimeout,
  AppError,
  type AppErrorDetails,
  ConfigOfAnotherVersion,
  GoError,
  NotActivated,
  NotSupportedByServer,
} from "./errors.ts";
export type { PluginHost } from "./host.ts";
export type { Job, JobOptions } from "./job.ts";
export { type JsonStore, type KeyValueStore, type SetOptions, TooMuchContention } from "./kv.ts";
export type { Lease } from "./lease.ts";
export type { Logger } from "./log.ts";
export type { OpenFile } from "./open-file.ts";
export { pause } from "./pause.ts";
export {
  definePlugin,
  type Plugin,
  type PluginDefinition,
  servePlugin,
  servePluginSession,
} from "./plugin.ts";
export type { Api } from "./wire/api.gen.ts";
export type * from "./wire/config.gen.ts";
export type { Hooks } from "./wire/hooks.gen.ts";
export type * from "./wire/model.gen.ts";
export type { Awaitable, ByteSource, Input, RequestContext } from "./wire/shapes.ts";
