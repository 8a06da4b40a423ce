/** What the rooms of this plugin read of the server's own configuration. */

import type { Api } from "../runtime/mattermost/index.ts";

export interface ServerFacts {
  readonly siteUrl: string;
  readonly frameAncestors: string;
  readonly allowCookiesForSubdomains: boolean;
}

export async function readServerFacts(api: Pick<Api, "getConfig">): Promise<ServerFacts> {
  const settings = (await api.getConfig())?.ServiceSettings;
  return {
    siteUrl: settings?.SiteURL ?? "",
    frameAncestors: settings?.FrameAncestors ?? "",
    allowCookiesForSubdomains: settings?.AllowCookiesForSubdomains ?? false,
  };
}
