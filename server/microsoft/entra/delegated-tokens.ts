/**
 * Requests a person's tokens: authorization code with PKCE (RFC 6749 4.1, RFC 7636), refresh token, on-behalf-of.
 *
 * msal-node implements the protocol. It does not return refresh tokens, so we read them from the cache of the client
 * that made this one call; the client is then discarded.
 */

import type { AuthenticationResult, ConfidentialClientApplication } from "@azure/msal-node";
import { ProductError } from "../../platform/errors.ts";
import type { Config } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { withCredential } from "./confidential-client.ts";
import { numberOf, refusalOf } from "./refusals.ts";

export interface DelegatedTokens {
  readonly accessToken: string;
  readonly lifetimeMs: number;
  /** null when Entra issued none, as without `offline_access`. */
  readonly refreshToken: string | null;
  /** The granted Graph permissions, without Graph's address. */
  readonly scopes: readonly string[];
  /** Present only when the person has just signed in. */
  readonly idToken: string | null;
}

/**
 * Why Entra issued no token:
 * - `unreachable`: no answer, 5xx or 429; the same call may succeed later.
 * - `consent`: the person or an admin must consent first.
 * - `interaction`: Entra requires the person to sign in, for a second factor or a policy.
 * - `grant`: the code or refresh token is used up, expired or revoked.
 * - `credential`: Entra refuses the app itself.
 * - `answer`: Entra issued tokens that msal does not accept.
 */
export type DelegatedFailure =
  | "unreachable"
  | "consent"
  | "interaction"
  | "grant"
  | "credential"
  | "answer"
  | "refused";

export type DelegatedAnswer =
  | { readonly ok: true; readonly tokens: DelegatedTokens }
  /** `code` is Entra's number or OAuth code, never its text, which may name people. */
  | { readonly ok: false; readonly why: DelegatedFailure; readonly code: string };

export interface AuthorizeRequest {
  readonly redirectUri: string;
  readonly permissions: readonly string[];
  readonly state: string;
  readonly nonce: string;
  /** The PKCE challenge: base64url(SHA-256(verifier)). */
  readonly challenge: string;
  readonly loginHint: string;
}

/**
 * Returns the address where the person signs in. It never has `prompt=consent`, which would ask for admin consent
 * each time.
 */
export function authorizeUrl({ cloud, registration }: Config, request: AuthorizeRequest): string {
  if (!registration) throw new Error("no app registration");
  const url = new URL(`${cloud.loginUrl}/${registration.tenantId}/oauth2/v2.0/authorize`);
  url.search = new URLSearchParams({
    client_id: registration.clientId,
    response_type: "code",
    response_mode: "query",
    redirect_uri: request.redirectUri,
    scope: ["openid", "profile", "offline_access", ...graphScopes(cloud, request.permissions)].join(" "),
    state: request.state,
    nonce: request.nonce,
    code_challenge: request.challenge,
    code_challenge_method: "S256",
    prompt: "select_account",
    ...(request.loginHint === "" ? {} : { login_hint: request.loginHint }),
  }).toString();
  return url.href;
}

export interface TokenPorts {
  readonly config: Config;
  readonly fetch: Fetch;
}

export function redeemCode(
  ports: TokenPorts,
  request: {
    readonly code: string;
    readonly verifier: string;
    readonly redirectUri: string;
    readonly nonce: string;
    readonly permissions: readonly string[];
  },
): Promise<DelegatedAnswer> {
  const { code, nonce, redirectUri, verifier } = request;
  const scopes = graphScopes(ports.config.cloud, request.permissions);
  return ask(ports, (client) =>
    client.acquireTokenByCode({ code, codeVerifier: verifier, redirectUri, scopes, nonce }),
  );
}

export function refreshTokens(
  ports: TokenPorts,
  refreshToken: string,
  permissions: readonly string[],
): Promise<DelegatedAnswer> {
  return ask(ports, (client) =>
    client.acquireTokenByRefreshToken({
      refreshToken,
      scopes: graphScopes(ports.config.cloud, permissions),
      forceCache: true,
    }),
  );
}

/** Exchanges a tab token on behalf of the person. The caller has already verified `tabToken`. */
export function exchangeTabToken(
  ports: TokenPorts,
  tabToken: string,
  permissions: readonly string[],
): Promise<DelegatedAnswer> {
  return ask(ports, (client) =>
    client.acquireTokenOnBehalfOf({
      oboAssertion: tabToken,
      scopes: [...graphScopes(ports.config.cloud, permissions), "offline_access"],
      skipCache: true,
    }),
  );
}

/** Prefixes permissions with Graph's address: a bare name would mean the commercial cloud. */
const graphScopes = ({ graphUrl }: Config["cloud"], permissions: readonly string[]) =>
  permissions.map((name) => `${graphUrl}/${name}`);

async function ask(
  { config, fetch }: TokenPorts,
  call: (client: ConfidentialClientApplication) => Promise<AuthenticationResult | null>,
): Promise<DelegatedAnswer> {
  let status = 0;
  const watched: Fetch = async (url, init) => {
    // Reset, so that a request without an answer is not judged by the previous answer.
    status = 0;
    const response = await fetch(url, init);
    status = response.status;
    return response;
  };
  try {
    let refreshToken: string | null = null;
    const result = await withCredential(config, watched, async (client) => {
      const answer = await call(client);
      refreshToken = keptRefreshToken(client);
      return answer;
    });
    if (!result?.accessToken || !result.expiresOn) return { ok: false, why: "refused", code: "no_token" };
    const prefix = `${config.cloud.graphUrl}/`;
    return {
      ok: true,
      tokens: {
        accessToken: result.accessToken,
        // msal computed `expiresOn` from Date.now(); we need only the duration.
        lifetimeMs: result.expiresOn.getTime() - Date.now(),
        refreshToken,
        scopes: result.scopes.map((scope) => (scope.startsWith(prefix) ? scope.slice(prefix.length) : scope)),
        idToken: result.idToken === "" ? null : result.idToken,
      },
    };
  } catch (error) {
    return failure(error, status);
  }
}

function keptRefreshToken(client: ConfidentialClientApplication): string | null {
  const { RefreshToken } = JSON.parse(client.getTokenCache().serialize()) as {
    RefreshToken?: Record<string, { secret?: unknown }>;
  };
  const [kept] = Object.values(RefreshToken ?? {});
  return typeof kept?.secret === "string" && kept.secret !== "" ? kept.secret : null;
}

/**
 * Classifies by HTTP status, OAuth code and Entra's number. `withCredential` wraps msal's error, which has the OAuth
 * code.
 */
function failure(error: unknown, status: number): DelegatedAnswer {
  const inner = error instanceof ProductError && error.cause instanceof Error ? error.cause : error;
  const { errorCode, name, subError } = inner as Record<string, unknown>;
  const oauth = typeof errorCode === "string" ? errorCode.slice(0, 60) : "network";
  const number = numberOf(error);
  const why = (reason: DelegatedFailure) => ({ ok: false as const, why: reason, code: number ?? oauth });
  const meaning = number === null ? null : refusalOf(number).code;
  if (status >= 500 || status === 429 || meaning === "microsoft_unreachable") return why("unreachable");
  if (oauth === "temporarily_unavailable" || oauth === "server_error") return why("unreachable");
  if (oauth === "invalid_client" || oauth === "unauthorized_client") return why("credential");
  if (error instanceof ProductError && error.code === "credential_unusable") return why("credential");
  if (meaning === "consent_missing" || subError === "consent_required" || oauth === "consent_required")
    return why("consent");
  if (oauth === "invalid_grant") return why("grant");
  // Compared by name, because importing the class would load msal before it is needed.
  if (name === "InteractionRequiredAuthError" || oauth === "interaction_required") return why("interaction");
  // An answer that is not JSON never reached msal: it is a proxy's page, not Entra's answer.
  if (status === 200 && number === null && typeof errorCode === "string") return why("answer");
  return why(number === null && status !== 400 ? "unreachable" : "refused");
}
