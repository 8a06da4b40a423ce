/** The registration as values to enter by hand. Following them gives the result of the plan (setup-guide.test.ts). */

import { SCOPE } from "../../microsoft/entra/verify-tab-token.ts";
import { applicationIdUri } from "../../platform/settings/index.ts";
import { CLAIMS, type Desired, TOKEN_VERSION } from "./plan.ts";

export interface Guide {
  readonly displayName: string;
  /** Contains a placeholder until the registration has its client ID. */
  readonly applicationIdUri: string;
  readonly scope: string;
  readonly tokenVersion: number;
  readonly claims: readonly string[];
  readonly clientIds: readonly string[];
  /** Delegated Graph permissions. */
  readonly delegated: readonly string[];
  /** Graph application permissions. */
  readonly roles: readonly string[];
  /** Redirect URIs of the platform Web; empty while nobody connects an account. */
  readonly redirectUris: readonly string[];
}

export function guideOf(desired: Desired, clientId: string): Guide {
  const { displayName, clientIds, delegated, roles, redirectUris } = desired;
  return {
    displayName,
    applicationIdUri:
      clientId === ""
        ? `api://${desired.hostname}/{Application (client) ID}`
        : applicationIdUri(desired, clientId),
    scope: SCOPE,
    tokenVersion: TOKEN_VERSION,
    claims: CLAIMS,
    clientIds,
    delegated,
    roles,
    redirectUris,
  };
}
