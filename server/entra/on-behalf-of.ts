/** A Graph token for the person whose tab token we hold (OAuth 2.0 on-behalf-of), never kept. */

import {
  AuthError,
  ConfidentialClientApplication,
  InteractionRequiredAuthError,
  LogLevel,
} from "@azure/msal-node";
import type { ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { msalNetwork } from "./msal-network.ts";

export type OnBehalfOf = (
  tabToken: string,
  /** A delegated permission of Graph such as `User.Read`. */
  permission: string,
) => Promise<OnBehalfOfAnswer>;

export type OnBehalfOfAnswer =
  | { readonly ok: true; readonly graphToken: string }
  | {
      readonly ok: false;
      readonly why: "no_secret" | "no_consent" | "refused" | "unreachable";
      /** Entra's own code, which an admin can look up; never its text, which names people. */
      readonly code: string;
    };

export function createOnBehalfOf({ config, fetch }: { config: ConfigSource; fetch: Fetch }): OnBehalfOf {
  return async (tabToken, permission) => {
    const { cloud, clientSecret, registration } = config.current;
    if (!registration || !clientSecret) return { ok: false, why: "no_secret", code: "" };
    // Without `knownAuthorities` msal asks Microsoft's public cloud first, from every cloud (microsoft.md 14).
    const client = new ConfidentialClientApplication({
      auth: {
        clientId: registration.clientId,
        authority: `${cloud.loginUrl}/${registration.tenantId}`,
        clientSecret: clientSecret.reveal(),
        knownAuthorities: [new URL(cloud.loginUrl).host],
      },
      system: {
        networkClient: msalNetwork(fetch),
        loggerOptions: { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} },
      },
    });
    try {
      const result = await client.acquireTokenOnBehalfOf({
        oboAssertion: tabToken,
        scopes: [`${cloud.graphUrl}/${permission}`],
        skipCache: true,
      });
      return result?.accessToken
        ? { ok: true, graphToken: result.accessToken }
        : { ok: false, why: "unreachable", code: "no_token" };
    } catch (error) {
      return failure(error);
    }
  };
}

/** AADSTS65001: nobody consented yet. Conditional Access asks for interaction likewise, which a server cannot give. */
function failure(error: unknown): OnBehalfOfAnswer {
  const text = error instanceof Error ? error.message : "";
  const code = /AADSTS\d+/.exec(text)?.[0] ?? (error instanceof AuthError ? error.errorCode : "network");
  if (code === "AADSTS65001" || error instanceof InteractionRequiredAuthError)
    return { ok: false, why: "no_consent", code };
  return { ok: false, why: code.startsWith("AADSTS") ? "refused" : "unreachable", code };
}
