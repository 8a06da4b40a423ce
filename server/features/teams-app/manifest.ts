/** Builds the manifest from settings and template, as objects throughout, so that no quote in a name can break it. */

import de from "../../../manifest-template/de.json" with { type: "json" };
import en from "../../../manifest-template/en.json" with { type: "json" };
import es from "../../../manifest-template/es.json" with { type: "json" };
import fr from "../../../manifest-template/fr.json" with { type: "json" };
import ja from "../../../manifest-template/ja.json" with { type: "json" };
import template from "../../../manifest-template/manifest.json" with { type: "json" };
import type { Config } from "../../microsoft/config/index.ts";
import type { Problem, SiteUrl } from "../../platform/settings/index.ts";
import { channelsSettings, teamsAppSettings } from "../../platform/settings/index.ts";
import { type ExtraTab, readExtraTabs } from "./extra-tabs.ts";
import { type ManifestVersion, withSmallIcon } from "./manifest-versions.ts";

export type Strings = Readonly<Record<keyof typeof en, string>>;
/** The default language comes first; its strings are in the manifest itself. */
export const languages: Readonly<Record<string, Strings>> = { en, de, fr, es, ja };
const defaultLanguage = template.localizationInfo.defaultLanguageTag;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Manifest = { [key: string]: Json };

/** The input of a manifest, validated and with defaults filled in. */
export interface ManifestInput {
  readonly appId: string;
  readonly version: string;
  readonly manifestVersion: ManifestVersion;
  readonly site: SiteUrl;
  readonly clientId: string;
  readonly applicationIdUri: string;
  readonly shortName: string;
  readonly fullName: string;
  /** "": the template's own text, in each language. */
  readonly shortDescription: string;
  readonly fullDescription: string;
  readonly publisherName: string;
  readonly websiteUrl: string;
  readonly privacyUrl: string;
  readonly termsOfUseUrl: string;
  readonly accentColor: string;
  readonly extraTabs: readonly ExtraTab[];
  /** False leaves the activity types out, because a cloud without an activity feed refuses unknown properties. */
  readonly activityFeed: boolean;
  readonly resourceSpecificConsent: boolean;
  /** A Mattermost channel can be pinned as a tab of a Teams channel, chat or meeting. */
  readonly pinnedChannels: boolean;
  /** Whether the package has the small colour icon that Outlook and Microsoft 365 use. */
  readonly smallIcon: boolean;
}

export const LATEST: ManifestVersion = "1.29";
export const pluginPath = "/plugins/mission-collaboration";

/** `version` is the version of the package; versions.ts decides it. */
export function manifestInput(
  config: Config,
  version: string,
  { smallIcon }: { smallIcon: boolean },
): ManifestInput | Problem[] {
  const { siteUrl: site, registration, teamsApp } = config;
  const settings = config.section(teamsAppSettings);
  const { tabs, problems: tabProblems } = readExtraTabs(settings.app_extra_tabs, site);
  const problems = [
    ...config.problems.filter(({ setting }) => neededBySettings.has(setting)),
    ...tabProblems,
  ];
  if (!site || !registration || !teamsApp || problems.length > 0) return problems;
  return {
    appId: teamsApp.id,
    version,
    manifestVersion: settings.app_manifest_version === "latest" ? LATEST : settings.app_manifest_version,
    site,
    clientId: registration.clientId,
    applicationIdUri: registration.applicationIdUri,
    shortName: teamsApp.name,
    fullName: settings.app_full_name || teamsApp.name,
    shortDescription: settings.app_short_description,
    fullDescription: settings.app_full_description,
    publisherName: settings.app_publisher || [...site.hostname].slice(0, 32).join(""),
    websiteUrl: settings.app_website_url || site.url,
    privacyUrl: settings.app_privacy_url || site.url,
    termsOfUseUrl: settings.app_terms_url || site.url,
    accentColor: settings.app_accent_color.toUpperCase(),
    extraTabs: tabs,
    activityFeed: config.cloud.activityFeed,
    resourceSpecificConsent: settings.app_resource_specific_consent,
    pinnedChannels: config.section(channelsSettings).channels_enabled,
    smallIcon,
  };
}

/** The package works without a client secret and without anything that only notifications need. */
const neededBySettings = new Set([
  "SiteURL",
  "m365_tenant_id",
  "m365_client_id",
  "national_cloud",
  "custom_login_url",
  "custom_graph_url",
  "custom_teams_url",
  "app_id",
  "app_version",
  "app_name",
  "app_full_name",
  "app_short_description",
  "app_full_description",
  "app_publisher",
  "app_website_url",
  "app_privacy_url",
  "app_terms_url",
  "app_accent_color",
  "app_manifest_version",
  "app_extra_tabs",
]);

export function buildManifest(input: ManifestInput): Manifest {
  const filled = fill(template, placeholders(input, en)) as Manifest & typeof template;
  const { icons, staticTabs, configurableTabs, authorization, activities, ...rest } = filled;
  const [mattermost, ...others] = staticTabs;
  const extraTabs = input.extraTabs.map(({ entityId, name, path }) => ({
    entityId,
    name,
    contentUrl: `${contentUrl(input.site)}&open=${encodeURIComponent(path)}`,
    websiteUrl: `${input.site.url}${path}`,
    scopes: ["personal"],
  }));
  const { color32x32, ...twoIcons } = icons;
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${input.manifestVersion}/MicrosoftTeams.schema.json`,
    manifestVersion: input.manifestVersion,
    ...rest,
    icons:
      input.smallIcon && withSmallIcon.has(input.manifestVersion) ? { ...twoIcons, color32x32 } : twoIcons,
    staticTabs: [...(mattermost ? [mattermost] : []), ...extraTabs, ...others],
    ...(input.pinnedChannels ? { configurableTabs } : {}),
    ...(input.activityFeed ? { activities } : {}),
    ...(input.activityFeed && input.resourceSpecificConsent ? { authorization } : {}),
    // Full screen hides the tab bar, so several tabs cannot use it.
    isFullScreen: input.extraTabs.length === 0,
  };
}

/** Returns the translations by the file name in the manifest. */
export function buildLocalisation(input: ManifestInput, manifest: Manifest): Record<string, Manifest> {
  const activityTypes = input.activityFeed ? template.activities.activityTypes : [];
  const files: Record<string, Manifest> = {};
  for (const { languageTag, file } of template.localizationInfo.additionalLanguages) {
    const values = placeholders(input, languages[languageTag] ?? en);
    files[file] = {
      $schema: String(manifest.$schema).replace("MicrosoftTeams.", "MicrosoftTeams.Localization."),
      "name.short": input.shortName,
      "name.full": input.fullName,
      "description.short": values.shortDescription ?? "",
      "description.full": values.fullDescription ?? "",
      "staticTabs[0].name": values["strings.tab"] ?? "",
      ...Object.fromEntries(
        activityTypes.flatMap(({ type }, index) => [
          [`activities.activityTypes[${index}].description`, values[`strings.${type}`] ?? ""],
          [`activities.activityTypes[${index}].templateText`, values[`strings.${type}.text`] ?? ""],
        ]),
      ),
    };
  }
  return files;
}

export const activityTypes: readonly string[] = template.activities.activityTypes.map(({ type }) => type);
export { defaultLanguage };

export const tabUrl = (site: SiteUrl): string => `${site.url}${pluginPath}/tab`;

/**
 * The host fills in its theme and language, so that the first paint uses them. If a host leaves the placeholders as
 * they are, only that is lost (learn.microsoft.com, access-teams-context).
 */
const contentUrl = (site: SiteUrl, page = ""): string =>
  `${tabUrl(site)}${page}?theme={app.theme}&locale={app.locale}`;

function placeholders(input: ManifestInput, strings: Strings): Record<string, string> {
  return {
    version: input.version,
    appId: input.appId,
    publisherName: input.publisherName,
    websiteUrl: input.websiteUrl,
    privacyUrl: input.privacyUrl,
    termsOfUseUrl: input.termsOfUseUrl,
    shortName: input.shortName,
    fullName: input.fullName,
    shortDescription: input.shortDescription || strings["description.short"],
    fullDescription: input.fullDescription || strings["description.full"],
    accentColor: input.accentColor,
    tabUrl: contentUrl(input.site),
    configureUrl: contentUrl(input.site, "/configure"),
    siteUrl: input.site.url,
    host: input.site.host,
    clientId: input.clientId,
    applicationIdUri: input.applicationIdUri,
    ...Object.fromEntries(Object.entries(strings).map(([key, value]) => [`strings.${key}`, value])),
  };
}

/** Replaces `{{name}}` in every string of the template; an unknown name is a mistake in the template. */
function fill(value: unknown, values: Record<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
      const found = values[name];
      if (found === undefined) throw new Error(`manifest-template: no value for {{${name}}}`);
      return found;
    });
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, values)]));
  }
  return value;
}
