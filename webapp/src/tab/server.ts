/** The plugin's own routes, as the shell uses them. Tokens and codes are sent in JSON bodies, never in an address. */

import type { PageConfig } from "./page-config.ts";
import type { Trouble } from "./state.ts";

const ANSWER_LIMIT_MS = 20_000;

export interface SessionAnswer {
  readonly location: string;
  readonly renewInMs: number | null;
  readonly linkUnavailable: boolean;
}

export class Refusal extends Error {
  readonly kind: Trouble;
  readonly requestId: string | null;
  constructor(kind: Trouble, requestId: string | null = null) {
    super(kind);
    this.kind = kind;
    this.requestId = requestId;
  }
}

export interface Server {
  signIn(token: string, subPageId: string | null): Promise<SessionAnswer>;
  redeem(code: string, verifier: string, subPageId: string | null): Promise<SessionAnswer>;
  /**
   * Returns the place of a sub-page in Mattermost; `null` when there is none for this person. Throws a Refusal when the
   * session has ended.
   */
  resolve(subPageId: string): Promise<string | null>;
  /** After a log-out inside Mattermost: ends the session and clears its cookies. Never fails. */
  signOut(): Promise<void>;
  /** Returns a code for a window that the tab opened (windows.ts); `null` when there is none. */
  windowCode(challenge: string): Promise<string | null>;
  /** Connects the person's Microsoft 365 account with the token of the tab. */
  connectAccount(token: string): Promise<"connected" | "consent" | "failed">;
  /** Whether the person is signed in to Mattermost; `null` when the server cannot be asked. */
  signedIn(): Promise<boolean | null>;
}

export function connectServer(
  config: PageConfig,
  fetch: typeof globalThis.fetch,
  cookies: () => string,
): Server {
  const api = `${config.pluginPath}/api/v1`;

  const send = (path: string, body: unknown): Promise<Response> => {
    const headers: Record<string, string> = {
      "Content-Type": "application/json",
      "X-Requested-With": "XMLHttpRequest",
    };
    const csrf = cookie(cookies(), "MMCSRF");
    if (csrf) headers["X-CSRF-Token"] = csrf;
    return fetch(`${api}${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
  };

  const ask = async (path: string, body: unknown): Promise<unknown> => {
    let response: Response;
    try {
      response = await send(path, body);
    } catch {
      throw new Refusal("server_unreachable");
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && isRecord(answer)) return answer;
    throw refusal(response.status, answer);
  };

  const session = async (path: string, body: object): Promise<SessionAnswer> => {
    // For a link that this person cannot open, the server answers with the front page.
    const linkGiven = "subPageId" in body;
    const answer = await ask(path, body);
    const location = isRecord(answer) ? localPath(answer.location, config.subpath) : null;
    if (!isRecord(answer) || location === null) throw new Refusal("unknown");
    const renewIn = answer.renewInSeconds;
    return {
      location,
      renewInMs: typeof renewIn === "number" && renewIn > 0 ? renewIn * 1000 : null,
      linkUnavailable: linkGiven && location === `${config.subpath}/`,
    };
  };

  return {
    signIn: (token, subPageId) => session("/session", subPageId === null ? { token } : { token, subPageId }),
    redeem: (code, verifier, subPageId) =>
      session("/session/redeem", subPageId === null ? { code, verifier } : { code, verifier, subPageId }),
    async resolve(subPageId) {
      try {
        const answer = await ask("/location", { subPageId });
        return isRecord(answer) ? localPath(answer.location, config.subpath) : null;
      } catch (error) {
        if (error instanceof Refusal && error.kind === "signed_out") throw error;
        return null;
      }
    },
    async signOut() {
      await send("/session/end", {}).catch(() => {});
    },
    async windowCode(challenge) {
      const answer = await ask("/session/window", { challenge }).catch(() => null);
      return isRecord(answer) && typeof answer.code === "string" ? answer.code : null;
    },
    async connectAccount(token) {
      try {
        const response = await send("/connection/from-tab", { token });
        if (response.ok) return "connected";
        const answer: unknown = await response.json().catch(() => null);
        return isRecord(answer) && answer.code === "consent_required" ? "consent" : "failed";
      } catch {
        return "failed";
      }
    },
    async signedIn() {
      try {
        const response = await fetch(`${config.subpath}/api/v4/users/me`, {
          credentials: "same-origin",
          signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
        });
        if (response.ok) return true;
        return response.status === 401 ? false : null;
      } catch {
        return null;
      }
    },
  };
}

/** Accepts only a path on this server for the frame, even if the answer contains another address. */
export function localPath(location: unknown, subpath: string): string | null {
  if (typeof location !== "string" || !/^\/(?![/\\])/.test(location)) return null;
  const url = new URL(location, "https://mattermost.invalid");
  if (url.host !== "mattermost.invalid") return null;
  return url.pathname === subpath || url.pathname.startsWith(`${subpath}/`)
    ? url.pathname + url.search + url.hash
    : null;
}

const byCode: Readonly<Record<string, Trouble>> = {
  not_signed_in: "signed_out",
  not_configured: "not_configured",
  site_url_invalid: "not_configured",
  sign_in_refused: "sign_in_refused",
  sign_in_unavailable: "microsoft_unavailable",
  microsoft_unreachable: "microsoft_unavailable",
  directory_unavailable: "microsoft_unavailable",
  // Microsoft has answered, so a retry does not help.
  tenant_unknown: "tenant_unknown",
  directory_refused: "directory_refused",
  no_account: "no_account",
  account_deactivated: "account_deactivated",
  account_conflict: "account_refused",
  email_unverified: "account_refused",
  guest_refused: "account_refused",
  email_domain_refused: "account_refused",
  system_admin_refused: "account_refused",
  mfa_required: "account_refused",
  rate_limited: "too_many_attempts",
  request_forbidden: "sign_in_refused",
};

function refusal(status: number, answer: unknown): Refusal {
  if (isRecord(answer) && typeof answer.code === "string") {
    const requestId = typeof answer.requestId === "string" ? answer.requestId : null;
    return new Refusal(byCode[answer.code] ?? "unknown", requestId);
  }
  // Not our answer: the server or a proxy answered in the plugin's place.
  if (status === 404) return new Refusal("plugin_disabled");
  if (status === 502 || status === 503 || status === 504) return new Refusal("server_upgrading");
  return new Refusal("unknown");
}

export function cookie(cookies: string, name: string): string | null {
  for (const pair of cookies.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return decodeURIComponent(pair.slice(at + 1).trim());
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
