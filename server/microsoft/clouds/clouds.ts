/**
 * Microsoft's clouds. The hosts come from Microsoft's deployment and national-cloud pages. The frame ancestors of the
 * government clouds and China are documented nowhere; they follow the host list inside teams-js 2.58.0.
 */

export type CloudName = "commercial" | "gcchigh" | "dod" | "china" | "custom";

export interface Cloud {
  readonly name: CloudName;
  /** The Entra authority, without tenant or trailing slash. */
  readonly loginUrl: string;
  /** The Graph address, without version or trailing slash. */
  readonly graphUrl: string;
  /** Teams web client, the base of deep links. */
  readonly teamsUrl: string;
  readonly portalUrl: string;
  /** CSP sources that may embed the tab in a frame. */
  readonly frameAncestors: readonly string[];
  /** Origins to pass to `app.initialize`, because teams-js does not know them. */
  readonly extraHostOrigins: readonly string[];
  /**
   * False where Microsoft offers no activity feed, catalog or installation API (China; see docs/facts/microsoft.md
   * 7).
   */
  readonly activityFeed: boolean;
  readonly catalogApi: boolean;
  /** SharePoint domains, to which Graph redirects downloads and where upload sessions run. */
  readonly fileHosts: readonly string[];
}

const commercial: Cloud = {
  name: "commercial",
  loginUrl: "https://login.microsoftonline.com",
  graphUrl: "https://graph.microsoft.com",
  teamsUrl: "https://teams.microsoft.com",
  portalUrl: "https://portal.azure.com",
  frameAncestors: [
    "https://*.cloud.microsoft",
    "https://teams.microsoft.com",
    "https://*.teams.microsoft.com",
    "https://*.microsoft365.com",
    "https://*.office.com",
    "https://outlook.office.com",
    "https://outlook.office365.com",
    "https://outlook-sdf.office.com",
    "https://outlook-sdf.office365.com",
  ],
  extraHostOrigins: [],
  activityFeed: true,
  catalogApi: true,
  fileHosts: ["sharepoint.com"],
};

export const clouds: Readonly<Record<Exclude<CloudName, "custom">, Cloud>> = {
  commercial,
  gcchigh: {
    name: "gcchigh",
    loginUrl: "https://login.microsoftonline.us",
    graphUrl: "https://graph.microsoft.us",
    teamsUrl: "https://gov.teams.microsoft.us",
    portalUrl: "https://portal.azure.us",
    frameAncestors: [
      "https://*.cloud.microsoft",
      "https://gov.teams.microsoft.us",
      "https://*.gov.teams.microsoft.us",
      "https://outlook.office365.us",
      "https://www.office365.us",
      "https://portal.office365.us",
    ],
    extraHostOrigins: [],
    activityFeed: true,
    catalogApi: true,
    fileHosts: ["sharepoint.us"],
  },
  dod: {
    name: "dod",
    loginUrl: "https://login.microsoftonline.us",
    graphUrl: "https://dod-graph.microsoft.us",
    teamsUrl: "https://dod.teams.microsoft.us",
    portalUrl: "https://portal.azure.us",
    frameAncestors: [
      "https://dod.teams.microsoft.us",
      "https://*.dod.teams.microsoft.us",
      "https://outlook-dod.office365.us",
      "https://webmail.apps.mil",
      "https://www.ohome.apps.mil",
      "https://portal.apps.mil",
    ],
    extraHostOrigins: [],
    activityFeed: true,
    catalogApi: true,
    fileHosts: ["sharepoint-mil.us"],
  },
  china: {
    name: "china",
    loginUrl: "https://login.partner.microsoftonline.cn",
    graphUrl: "https://microsoftgraph.chinacloudapi.cn",
    teamsUrl: "https://teams.microsoftonline.cn",
    portalUrl: "https://portal.azure.cn",
    frameAncestors: ["https://teams.microsoftonline.cn"],
    extraHostOrigins: ["https://teams.microsoftonline.cn"],
    activityFeed: false,
    catalogApi: false,
    fileHosts: ["sharepoint.cn"],
  },
};

/** A private cloud: its endpoints replace Microsoft's; nothing else changes. */
export function customCloud(urls: { login: string; graph: string; teams: string }): Cloud {
  const origin = new URL(urls.teams).origin;
  return {
    name: "custom",
    loginUrl: urls.login,
    graphUrl: urls.graph,
    teamsUrl: urls.teams,
    portalUrl: urls.login,
    frameAncestors: [origin],
    extraHostOrigins: [origin],
    activityFeed: true,
    catalogApi: true,
    fileHosts: [],
  };
}

/**
 * Microsoft's clients that request the tab token for a host (learn.microsoft.com, tab-sso-register-aad): Teams
 * desktop and mobile, Teams web, Microsoft 365 web, Microsoft 365 desktop, Microsoft 365 mobile and Outlook desktop,
 * Outlook web, Outlook mobile. No page says whether government clouds use the same ids, so the admin can add others.
 */
export const hostClientIds = [
  "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
  "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
  "4765445b-32c6-49b0-83e6-1d93765276ca",
  "0ec893e0-5785-4de6-99da-4ed124e5296c",
  "d3590ed6-52b3-4102-aeff-aad2292ab01c",
  "bc59ab01-8403-45c6-8796-ac3ef710b3e3",
  "27922004-5251-4030-b22d-91ecd9a37ea4",
] as const;
