/** Derives the desired registration from the saved settings. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import { ProductError } from "../../platform/errors.ts";
import type { DeclaredPermissions } from "../../platform/permissions.ts";
import { signInSettings } from "../../platform/settings/index.ts";
import { type Desired, desiredRegistration, type RegistrationNeeds, registrationNeeds } from "./plan.ts";

export interface DesiredPorts {
  readonly config: ConfigSource;
  readonly permissions: DeclaredPermissions;
  readonly pluginId: string;
}

export function needsOf({ config, permissions, pluginId }: DesiredPorts): RegistrationNeeds {
  const { section, siteUrl } = config.current;
  return registrationNeeds(permissions, section, `${siteUrl?.url ?? ""}/plugins/${pluginId}`);
}

export function desiredOf(ports: DesiredPorts, secretMonths: number | null): Desired {
  const { section, siteUrl, teamsApp } = ports.config.current;
  const { additional_client_ids, mfa_accounts } = section(signInSettings);
  if (!siteUrl?.secure) throw new ProductError("site_url_invalid");
  return desiredRegistration({
    displayName: teamsApp?.name ?? "Mattermost",
    hostname: siteUrl.hostname,
    secretMonths,
    keepsVersion1: mfa_accounts === "claim",
    needs: needsOf(ports),
    moreClientIds: additional_client_ids,
  });
}
