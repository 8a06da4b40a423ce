/**
 * Errors that a person can meet: the words for the person, and the admin's cure. Each feature has its own table
 * (`errorsOf`, `Feature.errors`); shared-errors.ts has those of several. `npm run generate` prints `docs/errors.md` from all
 * tables.
 *
 * The split is deliberate: `says` leaves the server, `detail` goes to the log and the audit record only.
 */

import { type ErrorRow, errors } from "./shared-errors.ts";

export type ErrorCode = keyof typeof errors;

/** Rows by error code. */
export type ErrorTable = Readonly<Record<string, ErrorRow>>;

/** An error with a row in a table. `detail` must not contain secrets, tokens, cookies or message text. */
export class ProductError extends Error {
  readonly code: ErrorCode | (string & {});
  readonly detail: string;
  readonly row: ErrorRow;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown });
  /** For an error of a feature's own table: see `errorsOf`. */
  constructor(code: string, detail: string, options: { cause?: unknown; row: ErrorRow });
  constructor(code: string, detail = "", options: { cause?: unknown; row?: ErrorRow } = {}) {
    super(detail === "" ? code : `${code}: ${detail}`, options);
    this.name = "ProductError";
    this.code = code;
    this.detail = detail;
    this.row = options.row ?? errors[code as ErrorCode];
  }
}

/** Returns a function that creates errors of a feature's own table. */
export const errorsOf =
  <T extends ErrorTable>(table: T) =>
  (code: keyof T & string, detail = "", options: { cause?: unknown } = {}): ProductError =>
    new ProductError(code, detail, { ...options, row: table[code] as ErrorRow });

/** The response for a client: `{"code", "message", "requestId"}`, never cached. */
export function errorResponse(error: unknown, requestId: string): Response {
  const known = error instanceof ProductError;
  const { status, says } = known ? error.row : errors.internal;
  return Response.json(
    { code: known ? error.code : "internal", message: says, requestId },
    { status, headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } },
  );
}
