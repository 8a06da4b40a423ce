/**
 * A Mattermost plugin in TypeScript: `servePlugin(definePlugin({ … }))`.
 * Nothing here knows what the plugin does; see examples/hello.
 */
export type { Cluster, Job, JobOptions, Lease, LockOptions, PublishOptions } from "./cluster.ts";
export { AppError, GoError, NotActivated, NotSupportedByServer } from "./errors.ts";
export type { PluginHost } from "./host.ts";
export type { JsonStore, KeyValueStore, SetOptions } from "./kv.ts";
export type { Logger } from "./log.ts";
export { definePlugin, type Plugin, type PluginDefinition } from "./plugin.ts";
export type { Api } from "./wire/api.gen.ts";
export type * from "./wire/config.gen.ts";
export type { Hooks } from "./wire/hooks.gen.ts";
export type * from "./wire/model.gen.ts";
export type { Awaitable, ByteSource, Input, RequestContext } from "./wire/shapes.ts";
