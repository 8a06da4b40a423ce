/** The plugin's configuration for the floors that know Microsoft: one frozen Config, and an event when it changes. */

export {
  type Cloud,
  type CloudName,
  clouds,
  customCloud,
  hostClientIds,
} from "../clouds/clouds.ts";
export type { Credential } from "../entra/credentials.ts";
export { buildConfig, type Config, type Registration, type ServerFacts, type TeamsApp } from "./config.ts";
export { draftWarnings } from "./warnings.ts";
export { type ConfigPorts, type ConfigSource, type WatchedConfig, watchConfig } from "./watch.ts";
