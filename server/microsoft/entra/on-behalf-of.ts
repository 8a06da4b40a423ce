/**
 * Requests a Graph token for the person whose tab token we have (OAuth 2.0 on-behalf-of). The token is never stored.
 */

import { ProductError } from "../../platform/errors.ts";
import type { ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { withCredential } from "./confidential-client.ts";

export type OnBehalfOf = (
  tabToken: string,
  /** A delegated Graph permission such as `User.Read`. */
  permission: string,
) => Promise<OnBehalfOfAnswer>;

export type OnBehalfOfAnswer =
  | { readonly ok: true; readonly graphToken: string }
  | {
      readonly ok: false;
      readonly why: "no_secret" | "no_consent" | "refused" | "unreachable";
      /**
       * Entra's number, which an admin can look up (refusals.ts), or the cause; never its text, which may name
       * people.
       */
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

/** Only missing consent is reported as such: Conditional Access and a missing second factor have other numbers. */
function failure(error: unknown): OnBehalfOfAnswer {
  if (!(error instanceof ProductError)) return { ok: false, why: "unreachable", code: "network" };
  const { code: reason, detail } = error;
  if (reason === "consent_missing") return { ok: false, why: "no_consent", code: detail };
  // A temporary failure is not a refusal, whatever its number.
  if (reason === "microsoft_unreachable") return { ok: false, why: "unreachable", code: detail };
  return { ok: false, why: "refused", code: detail };
}
