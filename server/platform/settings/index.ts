export {
  type Cloud,
  type CloudName,
  clouds,
  customCloud,
  hostClientIds,
} from "../../microsoft/clouds/clouds.ts";
export type { Credential } from "../../microsoft/entra/credentials.ts";
export { DATA_VERSION, openStoredData } from "../store/stored-data.ts";
export type { CertificateFacts } from "./certificates.ts";
export { buildConfig, type Config, type Registration, type ServerFacts, type TeamsApp } from "./config.ts";
export { type Problem, problemWith, translateProblem } from "./problem.ts";
export { type ProxyFault, readProxyAddress } from "./proxy-address.ts";
export { Secret } from "./secret.ts";
export { parseSettings, type Settings, settingRules } from "./settings.ts";
export { applicationIdUri, parseSiteUrl, type SiteUrl } from "./site-url.ts";
export { draftWarnings } from "./warnings.ts";
export { type ConfigPorts, type ConfigSource, type WatchedConfig, watchConfig } from "./watch.ts";
