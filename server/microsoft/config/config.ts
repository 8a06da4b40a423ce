/** Combines the settings and the server's own configuration into one frozen Config. Nothing else reads settings. */

import type { ProblemCode } from "../../platform/i18n/problems.ts";
import { type CertificateFacts, readAuthorities } from "../../platform/settings/certificates.ts";
import { deepFreeze } from "../../platform/settings/deep-freeze.ts";
import { type Problem, problemWith } from "../../platform/settings/problem.ts";
import { Secret } from "../../platform/settings/secret.ts";
import { type SectionReader, sectionReader, withoutSecrets } from "../../platform/settings/section.ts";
import { allSettings, parseSettings, type Settings } from "../../platform/settings/settings.ts";
import { applicationIdUri, parseSiteUrl, type SiteUrl } from "../../platform/settings/site-url.ts";
import { type Cloud, clouds, customCloud, hostClientIds } from "../clouds/clouds.ts";
import { type Credential, readCredentials } from "../entra/credentials.ts";
import { warningsOf } from "./warnings.ts";

/** The Entra app registration. Present only when it is complete, because nothing works with a part of it. */
export interface Registration {
  readonly tenantId: string;
  readonly clientId: string;
  readonly applicationIdUri: string;
}

export interface TeamsApp {
  /** The manifest's `id`, a GUID. Microsoft calls it the external id. */
  readonly id: string;
  readonly version: string;
  readonly name: string;
}

export interface Config {
  readonly siteUrl: SiteUrl | null;
  readonly cloud: Cloud;
  /**
   * Needed to sign in: site URL, tenant, client. When it is `null`, every sign-in is refused with `not_configured`.
   */
  readonly registration: Registration | null;
  /**
   * Credentials for calls to Graph, the preferred one first. Without any, notifications and directory look-ups are
   * off.
   */
  readonly credentials: readonly Credential[];
  readonly teamsApp: TeamsApp | null;
  readonly notificationsEnabled: boolean;
  /** In PEM, one certificate per entry; all of them are valid. */
  readonly caCertificates: readonly string[];
  /** Keys for encryption at rest, in base64. null: none is set, so features that need one do not work. */
  readonly encryption: { readonly current: Secret; readonly previous: Secret | null } | null;
  readonly caFacts: readonly CertificateFacts[];
  /** All sections together, without secrets, for the support packet. Rooms read their own with `section`. */
  readonly settings: Settings;
  /** The proxy for calls to Microsoft. It may contain a password. */
  readonly outgoingProxy: Secret | null;
  /**
   * Returns the settings of one section, without secrets; those are only in `credentials`, `encryption` and
   * `outgoingProxy`.
   */
  readonly section: SectionReader;
  readonly problems: readonly Problem[];
  /** Values that are allowed but look like mistakes. They switch nothing off. */
  readonly warnings: readonly Problem[];
}

/** The part of the Mattermost server's configuration that we read. */
export interface ServerFacts {
  readonly siteUrl: string;
}

/** Builds the configuration. `now` only decides which certificates have expired. */
export function buildConfig(rawSettings: unknown, server: ServerFacts, now: Date = new Date()): Config {
  const { settings, problems } = parseSettings(rawSettings);
  const missing = (setting: keyof Settings, code: ProblemCode) => problems.push(problemWith(setting, code));

  const siteUrl = parseSiteUrl(server.siteUrl);
  if (!siteUrl) problems.push(problemWith("SiteURL", "site_url_missing"));
  else if (!siteUrl.secure) problems.push(problemWith("SiteURL", "site_url_https"));

  const cloud = chooseCloud(settings, problems);
  if (settings.m365_tenant_id === "") missing("m365_tenant_id", "tenant_missing");
  if (settings.m365_client_id === "") missing("m365_client_id", "client_missing");
  const credentials = readCredentials(settings, problems);
  if (credentials.length === 0) {
    missing("m365_client_secret", "secret_missing");
  }
  const authorities = readAuthorities(settings.custom_ca_certificates);
  problems.push(...authorities.problems);
  if (settings.app_id === "") missing("app_id", "app_id_missing");

  const registration =
    siteUrl?.secure && cloud && settings.m365_tenant_id !== "" && settings.m365_client_id !== ""
      ? {
          tenantId: settings.m365_tenant_id,
          clientId: settings.m365_client_id,
          applicationIdUri: applicationIdUri(siteUrl, settings.m365_client_id),
        }
      : null;

  return deepFreeze({
    siteUrl,
    cloud: withAncestors(cloud ?? clouds.commercial, settings.extra_frame_ancestors),
    registration,
    credentials,
    teamsApp:
      settings.app_id === ""
        ? null
        : { id: settings.app_id, version: settings.app_version, name: settings.app_name },
    notificationsEnabled: !settings.disable_user_activity_notifications,
    encryption:
      settings.encryption_key === ""
        ? null
        : {
            current: new Secret(settings.encryption_key),
            previous:
              settings.encryption_key_previous === "" ? null : new Secret(settings.encryption_key_previous),
          },
    caCertificates: authorities.certificates,
    caFacts: authorities.facts,
    outgoingProxy: settings.outgoing_proxy === "" ? null : new Secret(settings.outgoing_proxy),
    settings: withoutSecrets(settings, allSettings),
    section: sectionReader(rawSettings),
    problems,
    warnings: warningsOf({
      settings,
      certificates: credentials.filter((one) => one.kind === "certificate"),
      authorities: authorities.facts,
      hostClientIds,
      now: now.getTime(),
    }),
  });
}

/** Returns `null` when a custom cloud is incomplete: then no endpoint may be called, least of all Microsoft's. */
function chooseCloud(settings: Settings, problems: Problem[]): Cloud | null {
  if (settings.national_cloud !== "custom") {
    // A bad value must not send a government tenant's users to the commercial cloud.
    return problems.some((problem) => problem.setting === "national_cloud")
      ? null
      : clouds[settings.national_cloud];
  }
  const urls = {
    login: settings.custom_login_url,
    graph: settings.custom_graph_url,
    teams: settings.custom_teams_url,
  };
  for (const [name, url] of Object.entries(urls)) {
    if (url === "") problems.push(problemWith(`custom_${name}_url`, "custom_url_missing"));
  }
  return urls.login !== "" && urls.graph !== "" && urls.teams !== "" ? customCloud(urls) : null;
}

function withAncestors(cloud: Cloud, extra: string): Cloud {
  const sources = extra.split(/[\s,]+/).filter((source) => source !== "");
  return { ...cloud, frameAncestors: [...new Set([...cloud.frameAncestors, ...sources])] };
}
