/**
 * Every error a person can meet, once: what the outside is told, and the admin's cure.
 * `docs/errors.md` is printed from this table (`npm run generate`); a test fails when a row lacks a cure.
 *
 * The split is deliberate: `says` leaves the server, `detail` goes to the log and the audit record only.
 */

interface ErrorRow {
  readonly status: number;
  /** For the person in front of the screen. No names, addresses or ids of anybody else. */
  readonly says: string;
  /** For the admin. */
  readonly cure: string;
}

export const errors = {
  not_configured: {
    status: 503,
    says: "Your Mattermost admin has to finish the Microsoft 365 set-up first.",
    cure: "Open System Console > Plugins > Mission Collaboration for Microsoft 365; the missing settings are listed there.",
  },
  site_url_invalid: {
    status: 503,
    says: "This Mattermost server is not ready for Microsoft 365 yet.",
    cure: "Set System Console > Environment > Web Server > Site URL to the https address that members use. Microsoft 365 shows https pages only.",
  },
  request_invalid: {
    status: 400,
    says: "The request could not be understood.",
    cure: "Reload the tab. If it persists, a proxy may be changing requests: compare the request id with the server log.",
  },
  request_too_large: {
    status: 413,
    says: "The request is larger than this address accepts.",
    cure: "Reload the tab. A proxy that adds to request bodies is the usual reason.",
  },
  request_forbidden: {
    status: 403,
    says: "This request did not come from the Mattermost tab.",
    cure: "The browser reported another origin. Check that Site URL is the address members really use, and that the proxy keeps the Origin header.",
  },
  rate_limited: {
    status: 429,
    says: "Too many attempts. Wait a minute, then try again.",
    cure: "One address or person signs in again and again; the audit record names it. Behind a proxy, set ServiceSettings.TrustedProxyIPHeader so that addresses are told apart.",
  },
  sign_in_refused: {
    status: 401,
    says: "Microsoft's confirmation of who you are was not accepted.",
    cure: "Try again; if it persists, the precise reason is in the audit log under the request id, and on the Checks page.",
  },
  sign_in_unavailable: {
    status: 503,
    says: "Microsoft's sign-in keys cannot be reached at the moment. Try again shortly.",
    cure: "The server could not read the keys of your tenant. See the row 'Entra keys' on the Checks page: proxy, DNS and private CA are the usual reasons.",
  },
  not_signed_in: {
    status: 401,
    says: "Sign in to Mattermost first.",
    cure: "The Mattermost session of this browser has ended.",
  },
  not_allowed: {
    status: 403,
    says: "Only system admins may do this.",
    cure: "Sign in with an account that has the manage_system permission.",
  },
  not_found: {
    status: 404,
    says: "There is nothing at this address.",
    cure: "Check the link. After an upgrade, reload the page.",
  },
  app_package_incomplete: {
    status: 422,
    says: "The app package cannot be made yet.",
    cure: "The answer lists each setting to fix; all of them are on the page Teams app.",
  },
  microsoft_unreachable: {
    status: 502,
    says: "Microsoft 365 cannot be reached at the moment.",
    cure: "See the Checks page: proxy, DNS, private CA and the cloud's addresses are the usual reasons.",
  },
  internal: {
    status: 500,
    says: "Something went wrong on the server.",
    cure: "Look for the request id in the Mattermost server log, and report it to us with those lines.",
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errors;

/** An error with a row in the table. `detail` never contains secrets, tokens, cookies or message text. */
export class ProductError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail = "", options?: { cause?: unknown }) {
    super(detail === "" ? code : `${code}: ${detail}`, options);
    this.name = "ProductError";
    this.code = code;
    this.detail = detail;
  }
}

/** The answer for the outside: `{"code", "message", "requestId"}`, never cached. */
export function errorResponse(error: unknown, requestId: string): Response {
  const code = error instanceof ProductError ? error.code : "internal";
  const { status, says } = errors[code];
  return Response.json(
    { code, message: says, requestId },
    { status, headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } },
  );
}
