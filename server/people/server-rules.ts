/** The settings of the Mattermost server that our sessions must obey. */

import type { Api } from "../runtime/mattermost/index.ts";

export interface ServerRules {
  readonly webHours: number;
  readonly ssoHours: number;
  /** Whether the server extends sessions while they are used. */
  readonly extendsSessions: boolean;
  /**
   * Whether cookies are valid for the site's host and everything below it
   * (ServiceSettings.AllowCookiesForSubdomains).
   */
  readonly cookiesForSubdomains: boolean;
  /** Whether strangers can create accounts with any address they like. */
  readonly openSignUp: boolean;
}

export interface ServerRulesSource {
  current(): Promise<ServerRules>;
  /** Called when the server's configuration has changed. */
  forget(): void;
}

/** This transfers the server's whole configuration, so it is read once per change. */
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
