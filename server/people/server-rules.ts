/** The settings of the Mattermost server that a session of ours must obey. */

import type { Api } from "../runtime/mattermost/index.ts";

export interface ServerRules {
  readonly webHours: number;
  readonly ssoHours: number;
  /** Sessions live on while they are used. */
  readonly extendsSessions: boolean;
  /** Cookies are for the site's host and everything below it (ServiceSettings.AllowCookiesForSubdomains). */
  readonly cookiesForSubdomains: boolean;
  /** Strangers can make accounts with any address they like. */
  readonly openSignUp: boolean;
}

export interface ServerRulesSource {
  current(): Promise<ServerRules>;
  /** The server's configuration changed. */
  forget(): void;
}

/** The server's whole configuration crosses the wire for this, so it is read once per change of it. */
export function serverRules(api: Pick<Api, "getConfig">): ServerRulesSource {
  let known: Promise<ServerRules> | null = null;
  return {
    current() {
      known ??= read(api).catch((error: unknown) => {
        known = null;
        throw error;
      });
      return known;
    },
    forget() {
      known = null;
    },
  };
}

async function read(api: Pick<Api, "getConfig">): Promise<ServerRules> {
  const config = await api.getConfig();
  if (!config) throw new Error("the server did not give its configuration");
  const { ServiceSettings: service, TeamSettings: team, EmailSettings: email } = config;
  return {
    webHours: service.SessionLengthWebInHours,
    ssoHours: service.SessionLengthSSOInHours,
    extendsSessions: service.ExtendSessionLengthWithActivity,
    cookiesForSubdomains: service.AllowCookiesForSubdomains,
    openSignUp: team.EnableOpenServer && team.EnableUserCreation && email.EnableSignUpWithEmail,
  };
}
