/** Validates a manifest with Microsoft's schema, and with rules that the schema does not contain. */

import type { ErrorObject } from "ajv";
import { type Problem, problemWith, type SiteUrl } from "../../platform/settings/index.ts";
import type { Manifest } from "./manifest.ts";
import type { ManifestVersion } from "./manifest-versions.ts";
import { schemaErrors } from "./schemas.ts";

/** Maps a value of the manifest to the setting it comes from, so that a problem is shown at that field. */
const settingOf: Readonly<Record<string, string>> = {
  "/id": "app_id",
  "/version": "app_version",
  "/name/short": "app_name",
  "/name/full": "app_full_name",
  "/description/short": "app_short_description",
  "/description/full": "app_full_description",
  "/developer/name": "app_publisher",
  "/developer/websiteUrl": "app_website_url",
  "/developer/privacyUrl": "app_privacy_url",
  "/developer/termsOfUseUrl": "app_terms_url",
  "/accentColor": "app_accent_color",
  "/staticTabs": "app_extra_tabs",
  "/webApplicationInfo/id": "m365_client_id",
  "/webApplicationInfo/resource": "SiteURL",
  "/validDomains": "SiteURL",
};

export function manifestProblems(
  manifest: Manifest,
  localisation: Record<string, Manifest>,
  version: ManifestVersion,
  site: SiteUrl,
): Problem[] {
  const problems = schemaErrors(version, "manifest", manifest).map((error) => fromSchema(error));
  for (const [file, strings] of Object.entries(localisation)) {
    for (const error of schemaErrors(version, "localisation", strings)) {
      const { setting, says } = fromSchema(error);
      problems.push({ setting, says: `in ${file}: ${says}` });
    }
    problems.push(...placeholderProblems(manifest, file, strings));
  }
  problems.push(...tabProblems(manifest, site), ...addressProblems(manifest, site));
  return problems;
}

function fromSchema({ instancePath, message = "is not valid", params }: ErrorObject): Problem {
  // A translation names the same values with dots: "/description.short".
  const where = instancePath.replaceAll(".", "/");
  const path = Object.keys(settingOf).find((known) => where.startsWith(known));
  const extra = "additionalProperty" in params ? ` (${String(params.additionalProperty)})` : "";
  return {
    setting: path ? (settingOf[path] ?? "app_manifest_version") : "app_manifest_version",
    says: `is refused by Microsoft's schema at ${instancePath || "the top"}: ${message}${extra}`,
  };
}

const RESERVED = new Set(["conversations", "about"]);

function tabProblems(manifest: Manifest, site: SiteUrl): Problem[] {
  const problems: Problem[] = [];
  const wrong = (code: "tab_reserved" | "tab_same_id" | "tab_other_host", values: Problem["values"]) =>
    problems.push(problemWith("app_extra_tabs", code, values));
  const seen = new Set<string>();
  for (const tab of list(manifest.staticTabs)) {
    const id = String(tab.entityId);
    // A reserved id means a page of Teams itself, so it cannot have one of our addresses.
    if (RESERVED.has(id.toLowerCase()) && tab.contentUrl !== undefined) wrong("tab_reserved", { id });
    if (seen.has(id)) wrong("tab_same_id", { id });
    seen.add(id);
    const content = tab.contentUrl;
    if (content === undefined) continue;
    // Single sign-on works only when the tab's host is the host of the Application ID URI.
    if (!sameHost(content, site)) wrong("tab_other_host", { host: site.host });
  }
  return problems;
}

function addressProblems(manifest: Manifest, site: SiteUrl): Problem[] {
  const problems: Problem[] = [];
  const developer = object(manifest.developer);
  for (const [field, setting] of [
    ["websiteUrl", "app_website_url"],
    ["privacyUrl", "app_privacy_url"],
    ["termsOfUseUrl", "app_terms_url"],
  ] as const) {
    const address = String(developer[field] ?? "");
    if (!address.startsWith("https://") && !isLoopback(address))
      problems.push(problemWith(setting, "https_start"));
  }
  const resource = String(object(manifest.webApplicationInfo).resource ?? "");
  if (!resource.startsWith(`api://${site.hostname}/`)) {
    problems.push(problemWith("SiteURL", "site_url_uri", { uri: resource }));
  }
  if (site.hostname !== site.hostname.toLowerCase()) {
    problems.push(problemWith("SiteURL", "site_url_case"));
  }
  return problems;
}

/** Teams replaces `{author}` and the like; a translation with other names would show them unreplaced. */
function placeholderProblems(manifest: Manifest, file: string, strings: Manifest): Problem[] {
  return list(object(manifest.activities).activityTypes).flatMap((activity, index) => {
    const ours = names(activity.templateText);
    const theirs = names(strings[`activities.activityTypes[${index}].templateText`]);
    return ours === theirs
      ? []
      : [
          {
            setting: "app_manifest_version",
            says: `in ${file}: "${activity.type}" has other placeholders`,
          },
        ];
  });
}

const names = (text: unknown): string =>
  [...String(text ?? "").matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name)
    .sort()
    .join();

const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(object) : []);

function sameHost(address: unknown, site: SiteUrl): boolean {
  try {
    return new URL(String(address)).origin === site.origin;
  } catch {
    return false;
  }
}

function isLoopback(address: string): boolean {
  return /^http:\/\/localhost(:\d+)?(\/|$)/.test(address);
}
