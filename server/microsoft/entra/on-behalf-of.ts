/** A Graph token for the person whose tab token we hold (OAuth 2.0 on-behalf-of), never kept. */

import type { ConfigSource } from "../../platform/settings/index.ts";
import type { Fetch } from "../network/index.ts";
import { withCredential } from "./confidential-client.ts";

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
    const { cloud, credentials, registration } = config.current;
    if (!registration || credentials.length === 0) return { ok: false, why: "no_secret", code: "" };
    try {
      const result = await withCredential(config.current, fetch, (client) =>
        client.acquireTokenOnBehalfOf({
          oboAssertion: tabToken,
          scopes: [`${cloud.graphUrl}/${permission}`],
          skipCache: true,
        }),
      );
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
  const { errorCode, message, name } = error as { errorCode?: unknown; message?: unknown; name?: unknown };
  const code =
    /AADSTS\d+/.exec(String(message))?.[0] ?? (typeof errorCode === "string" ? errorCode : "network");
  // By name: the class would load msal before it is needed.
  if (code === "AADSTS65001" || name === "InteractionRequiredAuthError")
    return { ok: false, why: "no_consent", code };
  return { ok: false, why: code.startsWith("AADSTS") ? "refused" : "unreachable", code };
}
