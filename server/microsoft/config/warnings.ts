/**
 * Finds values that pass every rule but are nearly always mistakes. They are shown at the field, before anybody waits
 * for Entra.
 */

import type { ProblemCode } from "../../platform/i18n/problems.ts";
import type { CertificateFacts } from "../../platform/settings/certificates.ts";
import { GUID, pastedGuid } from "../../platform/settings/pasted.ts";
import { type Problem, problemWith } from "../../platform/settings/problem.ts";
import type { SectionReader } from "../../platform/settings/section.ts";
import { registrationSettings } from "../../platform/settings/sections/registration.ts";
import { teamsAppSettings } from "../../platform/settings/sections/teams-app.ts";
import type { Settings } from "../../platform/settings/settings.ts";

const NIL = "00000000-0000-0000-0000-000000000000";
/** Microsoft's own tenants: for personal accounts, and for its services. */
const MICROSOFT_TENANTS = ["9188040d-6c67-4c5b-b112-36a304b66dad", "f8cdef31-a31e-4b4a-93e4-5f571e91255a"];
/** Microsoft's own apps that admins come across: Graph, Graph command line tools, Azure CLI. */
const MICROSOFT_APPS: readonly string[] = [
  "00000003-0000-0000-c000-000000000000",
  "14d82eec-204b-4c2f-b7e8-296a70dab67e",
  "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
];

export interface Warned {
  /** Includes secrets in clear text; only their format is checked. */
  readonly settings: Settings;
  /** Certificates by which this server authenticates at Entra. */
  readonly certificates: readonly CertificateFacts[];
  readonly authorities: readonly CertificateFacts[];
  /** Client IDs of the hosts that embed the tab: Teams, Outlook, Microsoft 365. */
  readonly hostClientIds: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function warningsOf(warned: Warned): Problem[] {
  const { settings, certificates, authorities, hostClientIds, now } = warned;
  const { m365_tenant_id: tenant, m365_client_id: client, app_id: app } = settings;
  const warnings: Problem[] = [];
  const warn = (setting: keyof Settings, code: ProblemCode, values?: Problem["values"]) =>
    warnings.push(problemWith(setting, code, values));

  if (tenant === NIL || MICROSOFT_TENANTS.includes(tenant)) warn("m365_tenant_id", "tenant_foreign");
  if (client !== "" && client === tenant) warn("m365_client_id", "client_is_tenant");
  else if (client === NIL || [...MICROSOFT_APPS, ...hostClientIds].includes(client))
    warn("m365_client_id", "client_microsoft");
  if (app !== "" && (app === tenant || app === NIL)) warn("app_id", "app_is_tenant");

  for (const setting of ["m365_client_secret", "m365_client_secret_2"] as const) {
    const secret = settings[setting];
    if (secret === "") continue;
    if (GUID.test(pastedGuid(secret))) warn(setting, "secret_id");
    else if (/^[0-9A-F]{40}$|^[0-9A-F]{64}$/i.test(secret)) warn(setting, "secret_thumbprint");
    else if (/\s/.test(secret)) warn(setting, "secret_blanks");
    else if (/^[•●*.]+$/.test(secret) || secret.endsWith("…") || secret.endsWith("..."))
      warn(setting, "secret_short");
  }
  if (settings.m365_client_secret_2 !== "" && settings.m365_client_secret_2 === settings.m365_client_secret)
    warn("m365_client_secret_2", "secret_same");

  for (const certificate of certificates) {
    if (certificate.expiresAt <= now)
      warn("m365_client_certificate", "certificate_expired", expired(certificate));
  }
  for (const authority of authorities) {
    if (authority.expiresAt <= now) warn("custom_ca_certificates", "certificate_expired", expired(authority));
  }
  return warnings;
}

const expired = ({ subject, expiresAt }: CertificateFacts) => ({
  subject,
  date: new Date(expiresAt).toISOString().slice(0, 10),
});

/**
 * Finds values of a draft that differ from what others depend on: the saved settings, and the app package that was
 * downloaded last.
 */
export function draftWarnings(
  draft: SectionReader,
  saved: SectionReader,
  handedOut: { readonly appId: string | null },
): Problem[] {
  const warnings: Problem[] = [];
  const { national_cloud: cloud } = saved(registrationSettings);
  if (draft(registrationSettings).national_cloud !== cloud) {
    warnings.push(problemWith("national_cloud", "cloud_unsaved", { saved: cloud }));
  }
  const { appId } = handedOut;
  const { app_id } = draft(teamsAppSettings);
  if (appId !== null && app_id !== "" && app_id !== appId) {
    warnings.push(problemWith("app_id", "app_id_changed", { before: appId }));
  }
  return warnings;
}
