/** The checks that precede every way to get a session, and their refusals. */

import { type ErrorCode, ProductError } from "../../platform/errors.ts";
import { readJson } from "../../platform/http/index.ts";

/** Reasons of these checks. The audit record also has those of the verification and the admission. */
export type CheckReason =
  | "site_url"
  | "not_configured"
  | "method"
  | "foreign_origin"
  | "header"
  | "content_type"
  | "body_size"
  | "body"
  | "rate_address"
  | "rate_route"
  | "rate_person"
  | "not_signed_in"
  | "handover_code"
  | "internal";

/** Ends an attempt: the code is for the client, reason and detail are for the audit record. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  /** In seconds; 0 when waiting does not help. */
  readonly retryAfter: number;

  constructor(code: ErrorCode, reason: CheckReason | (string & {}), detail = "", retryAfter = 0) {
    super(detail);
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export const NO_STORE = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;

/**
 * Prevents another site from signing a visitor in to somebody else's account. A browser states the origin of every
 * POST, and our header and content type cannot be sent across origins without a preflight, which is never answered.
 */
export function requireOurPage({ headers, method }: Request, origin: string): void {
  if (method !== "POST") throw new Refused("method_not_allowed", "method", method.slice(0, 16));
  const site = headers.get("Sec-Fetch-Site");
  if (site !== null && site !== "same-origin") throw new Refused("request_forbidden", "foreign_origin");
  const from = headers.get("Origin");
  if (from !== null && from !== origin) throw new Refused("request_forbidden", "foreign_origin");
  if (headers.get("X-Requested-With") !== "XMLHttpRequest") throw new Refused("request_forbidden", "header");
  const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") throw new Refused("request_invalid", "content_type");
}

/** Checks the size before anything is parsed, whatever `Content-Length` says. */
export async function readBody(request: Request, maxBytes: number): Promise<unknown> {
  try {
    return await readJson(request, maxBytes);
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    const [code, reason] =
      error.code === "request_too_large"
        ? (["request_too_large", "body_size"] as const)
        : (["request_invalid", "body"] as const);
    throw new Refused(code, reason, error.detail);
  }
}
