/** Values that pass every rule and are nearly always a mistake: said at the field, before anybody waits for Entra. */

import type { CertificateFacts } from "./certificates.ts";
import { hostClientIds } from "./clouds.ts";
import type { Credential } from "./credentials.ts";
import { GUID, pastedGuid } from "./pasted.ts";
import { type Problem, problem } from "./problem.ts";
import type { Settings } from "./settings.ts";

const NIL = "00000000-0000-0000-0000-000000000000";
/** Tenants of Microsoft's own: personal accounts, and its services. */
const MICROSOFT_TENANTS = ["9188040d-6c67-4c5b-b112-36a304b66dad", "f8cdef31-a31e-4b4a-93e4-5f571e91255a"];
/** Microsoft's own apps that admins meet on the way: Graph, Graph command line tools, Azure CLI. */
const MICROSOFT_APPS: readonly string[] = [
  ...hostClientIds,
  "00000003-0000-0000-c000-000000000000",
  "14d82eec-204b-4c2f-b7e8-296a70dab67e",
  "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
];

export interface Warned {
  /** With secrets in clear: only their shape is looked at. */
  readonly settings: Settings;
  readonly credentials: readonly Credential[];
  readonly authorities: readonly CertificateFacts[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function warningsOf({ settings, credentials, authorities, now }: Warned): Problem[] {
  const { m365_tenant_id: tenant, m365_client_id: client, app_id: app } = settings;
  const warnings: Problem[] = [];
  const warn = (setting: keyof Settings, says: string, values: Record<string, string> = {}) =>
    warnings.push(problem(setting, says, values));

  if (tenant === NIL || MICROSOFT_TENANTS.includes(tenant))
    warn(
      "m365_tenant_id",
      "is not a directory of your own: copy the Directory (tenant) ID of the registration",
    );
  if (client !== "" && client === tenant)
    warn("m365_client_id", "is the same as the tenant ID: copy the Application (client) ID");
  else if (client === NIL || MICROSOFT_APPS.includes(client))
    warn(
      "m365_client_id",
      "is an app of Microsoft's own: copy the Application (client) ID of your registration",
    );
  if (app !== "" && (app === tenant || app === NIL))
    warn("app_id", "is the same as the tenant ID or empty: generate one for the Teams app");

  for (const setting of ["m365_client_secret", "m365_client_secret_2"] as const) {
    const secret = settings[setting];
    if (secret === "") continue;
    if (GUID.test(pastedGuid(secret)))
      warn(setting, "looks like the ID of the secret: copy its value, which Entra shows only once");
    else if (/^[0-9A-F]{40}$|^[0-9A-F]{64}$/i.test(secret))
      warn(setting, "looks like the thumbprint of a certificate: copy the value of a client secret");
    else if (/\s/.test(secret)) warn(setting, "has blanks inside: copy the value again");
    else if (/^[•●*.]+$/.test(secret) || secret.endsWith("…") || secret.endsWith("..."))
      warn(setting, "looks like a shortened value: copy it with the button beside it in Entra");
  }
  if (settings.m365_client_secret_2 !== "" && settings.m365_client_secret_2 === settings.m365_client_secret)
    warn("m365_client_secret_2", "is the same as the first secret: it cannot take its place");

  for (const credential of credentials) {
    if (credential.kind === "certificate" && credential.expiresAt <= now)
      warn("m365_client_certificate", EXPIRED, expired(credential));
  }
  for (const authority of authorities) {
    if (authority.expiresAt <= now) warn("custom_ca_certificates", EXPIRED, expired(authority));
  }
  return warnings;
}

const EXPIRED = "has a certificate that expired on {date}: {subject}";

const expired = ({ subject, expiresAt }: CertificateFacts) => ({
  subject,
  date: new Date(expiresAt).toISOString().slice(0, 10),
});

/** What a draft changes that others hold on to: the settings that are saved, and the package handed out last. */
export function draftWarnings(
  draft: Settings,
  saved: Settings,
  handedOut: { readonly appId: string | null },
): Problem[] {
  const warnings: Problem[] = [];
  if (draft.national_cloud !== saved.national_cloud) {
    const says = "is not saved yet: set-up, checks and sign-in go on in the cloud {saved} until you save";
    warnings.push(problem("national_cloud", says, { saved: saved.national_cloud }));
  }
  const { appId } = handedOut;
  if (appId !== null && draft.app_id !== "" && draft.app_id !== appId) {
    const says =
      "differs from the package handed out before, {before}: Teams takes it for another app, and people have to add it again";
    warnings.push(problem("app_id", says, { before: appId }));
  }
  return warnings;
}
