/**
 * Settings as an admin types them: sections, rules, problems. What they mean for Microsoft is decided one floor
 * above.
 */

export type { CertificateFacts } from "./certificates.ts";
export { type Problem, problemWith, translateProblem } from "./problem.ts";
export { type ProxyFault, readProxyAddress } from "./proxy-address.ts";
export { NOBODY } from "./rule.ts";
export { Secret } from "./secret.ts";
export {
  type Definitions,
  type Section,
  type SectionReader,
  type Setting,
  section,
  sectionReader,
  type ValuesOf,
} from "./section.ts";
export { accountsSettings } from "./sections/accounts.ts";
export { activitySettings } from "./sections/activity.ts";
export { calendarSettings } from "./sections/calendar.ts";
export { channelsSettings } from "./sections/channels.ts";
export { chatsSettings } from "./sections/chats.ts";
export { networkSettings } from "./sections/network.ts";
export { registrationSettings } from "./sections/registration.ts";
export { signInSettings } from "./sections/sign-in.ts";
export { teamsAppSettings } from "./sections/teams-app.ts";
export { allSettings, parseSettings, type Settings, sections } from "./settings.ts";
export { applicationIdUri, parseSiteUrl, type SiteUrl } from "./site-url.ts";
