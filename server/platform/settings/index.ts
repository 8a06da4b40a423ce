export {
  type Cloud,
  type CloudName,
  clouds,
  customCloud,
  hostClientIds,
} from "../../microsoft/clouds/clouds.ts";
export type { Credential } from "../../microsoft/entra/credentials.ts";
export { DATA_VERSION, openStoredData } from "../store/stored-data.ts";
export { buildConfig, type Config, type Registration, type ServerFacts, type TeamsApp } from "./config.ts";
export { Secret } from "./secret.ts";
export {
  type Problem,
  parseSettings,
  problemWith,
  type Settings,
  settingRules,
  translateProblem,
} from "./settings.ts";
export { applicationIdUri, parseSiteUrl, type SiteUrl } from "./site-url.ts";
export { type ConfigPorts, type ConfigSource, type WatchedConfig, watchConfig } from "./watch.ts";
