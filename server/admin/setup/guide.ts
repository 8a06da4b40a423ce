/** The registration as values to type. A person who follows them gets what the plan would make (setup-guide.test.ts). */

import { SCOPE } from "../../microsoft/entra/verify-tab-token.ts";
import { applicationIdUri } from "../../platform/settings/index.ts";
import { CLAIMS, type Desired, TOKEN_VERSION } from "./plan.ts";

export interface Guide {
  readonly displayName: string;
  /** With a placeholder until the registration has its client ID. */
  readonly applicationIdUri: string;
  readonly scope: string;
  readonly tokenVersion: number;
  readonly claims: readonly string[];
  readonly clientIds: readonly string[];
  /** Delegated permissions of Graph. */
  readonly delegated: readonly string[];
  /** Application permissions of Graph. */
  readonly roles: readonly string[];
  /** Of the platform Web; empty while nobody connects an account. */
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
