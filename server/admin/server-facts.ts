/** The parts of the server's own configuration that this plugin reads. */

import type { Api } from "../runtime/mattermost/index.ts";

export interface ServerFacts {
  readonly siteUrl: string;
  readonly frameAncestors: string;
  readonly allowCookiesForSubdomains: boolean;
}

export async function readServerFacts(api: Pick<Api, "getConfig">): Promise<ServerFacts> {
  const config = await api.getConfig();
  if (!config) throw new Error("the server did not give its configuration");
  const { SiteURL, FrameAncestors, AllowCookiesForSubdomains } = config.ServiceSettings;
  return {
    siteUrl: SiteURL,
    frameAncestors: FrameAncestors,
    allowCookiesForSubdomains: AllowCookiesForSubdomains,
  };
}
