/** What an admin types: rules, defaults, problems in words; nothing of what it means for Microsoft. */

export type { CertificateFacts } from "./certificates.ts";
export { type Problem, problemWith, translateProblem } from "./problem.ts";
export { type ProxyFault, readProxyAddress } from "./proxy-address.ts";
export { Secret } from "./secret.ts";
export { parseSettings, type Settings, settingRules } from "./settings.ts";
export { applicationIdUri, parseSiteUrl, type SiteUrl } from "./site-url.ts";
export { draftWarnings } from "./warnings.ts";
