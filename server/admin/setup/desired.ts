/** Derives the desired registration from the saved settings. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import { ProductError } from "../../platform/errors.ts";
import type { DeclaredPermissions } from "../../platform/permissions.ts";
import { type Desired, desiredRegistration, type RegistrationNeeds, registrationNeeds } from "./plan.ts";

export interface DesiredPorts {
  readonly config: ConfigSource;
  readonly permissions: DeclaredPermissions;
  readonly pluginId: string;
}

export function needsOf({ config, permissions, pluginId }: DesiredPorts): RegistrationNeeds {
  const { settings, siteUrl } = config.current;
  return registrationNeeds(permissions, settings, `${siteUrl?.url ?? ""}/plugins/${pluginId}`);
}

export function desiredOf(ports: DesiredPorts, secretMonths: number | null): Desired {
  const { siteUrl, settings, teamsApp } = ports.config.current;
  if (!siteUrl?.secure) throw new ProductError("site_url_invalid");
  return desiredRegistration({
    displayName: teamsApp?.name ?? "Mattermost",
    hostname: siteUrl.hostname,
    secretMonths,
    keepsVersion1: settings.mfa_accounts === "claim",
    needs: needsOf(ports),
    moreClientIds: settings.additional_client_ids,
  });
}
