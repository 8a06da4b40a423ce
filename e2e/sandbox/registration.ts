import { randomUUID } from "node:crypto";
import type { Entra } from "./entra/server.ts";
import type { Graph } from "./graph/server.ts";
import type { Teams } from "./teams/server.ts";
import type { Tenant } from "./tenant.ts";
import type { Application } from "./tenant-apps.ts";
import type { Authority } from "./tls/authority.ts";

export interface Microsoft {
  readonly tenant: Tenant;
  readonly entra: Entra;
  readonly graph: Graph;
  readonly teams: Teams;
  readonly authority: Authority;
}

/**
 * The plugin's settings for a private cloud: what its admin enters, and nothing that only tests could enter.
 */
export function cloudSettings({ entra, graph, teams, authority }: Microsoft): Record<string, unknown> {
  return {
    national_cloud: "custom",
    custom_login_url: entra.url,
    custom_graph_url: graph.url,
    custom_teams_url: teams.url,
    custom_ca_certificates: authority.certificate,
  };
}

export function registrationSettings(
  microsoft: Microsoft,
  { app, secret }: { app: Application; secret: string },
): Record<string, unknown> {
  return {
    ...cloudSettings(microsoft),
    m365_tenant_id: microsoft.tenant.id,
    m365_client_id: app.appId,
    m365_client_secret: secret,
    app_id: randomUUID(),
    app_name: "Mattermost",
    app_version: "1.0.0",
  };
}
