/** Routes for registering by hand: the values of the guide, the scripts, and the purpose of each permission. */

import type { Context } from "hono";
import { Routes } from "../platform/http/index.ts";
import { registrationSettings, signInSettings } from "../platform/settings/index.ts";
import { languageFor } from "./checks-routes.ts";
import { type DesiredPorts, desiredOf } from "./setup/desired.ts";
import { guideOf } from "./setup/guide.ts";
import { permissionRows } from "./setup/permission-rows.ts";
import { azureCliScript, graphPowerShellScript } from "./setup/scripts.ts";

export const permissionsFor = ({ config, permissions }: DesiredPorts, c: Context) =>
  permissionRows(permissions, config.current.section, languageFor(c));

export function guideRoutes(ports: DesiredPorts): Routes {
  return new Routes()
    .get("/api/v1/admin/permissions", "admin", (c) => c.json({ permissions: permissionsFor(ports, c) }))
    .get("/api/v1/admin/setup/guide", "admin", (c) => {
      const { cloud, section } = ports.config.current;
      const { m365_client_id, m365_tenant_id } = section(registrationSettings);
      const desired = desiredOf(ports, null);
      const script = {
        ...desired,
        cloud: cloud.name,
        tenantId: m365_tenant_id,
        secretMonths: 12,
        moreClientIds: section(signInSettings).additional_client_ids,
      };
      return c.json({
        portalUrl: cloud.portalUrl,
        ...guideOf(desired, m365_client_id),
        permissions: permissionsFor(ports, c),
        azureCli: azureCliScript(script),
        powerShell: graphPowerShellScript(script),
      });
    });
}
