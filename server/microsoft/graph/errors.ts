/** Errors of Graph: it refused the request, or it could not be reached. The caller reacts differently to each. */

/** Graph answered with an error status. */
export class GraphError extends Error {
  readonly status: number;
  /** Graph's own code, such as `Forbidden`; the innermost one when several are nested. */
  readonly code: string;
  /** For Microsoft's support. */
  readonly requestId: string | null;
  /** From `Retry-After`. */
  readonly retryAfterMs: number | null;

  constructor(answer: {
    status: number;
    code: string;
    says: string;
    requestId: string | null;
    retryAfterMs: number | null;
  }) {
    super(`graph ${answer.status} ${answer.code}: ${answer.says}`);
    this.name = "GraphError";
    this.status = answer.status;
    this.code = answer.code;
    this.requestId = answer.requestId;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** There was no usable answer: DNS, TLS, proxy, timeout, or a body that Graph would not send. */
export class GraphUnreachable extends Error {
  constructor(detail: string, options?: { cause?: unknown }) {
    super(`graph unreachable: ${detail}`, options);
    this.name = "GraphUnreachable";
  }
}

/** Graph answers, but its file storage does not, or breaks off. Only this file may be affected, perhaps permanently. */
export class StorageUnreachable extends GraphUnreachable {}

/** True when the same call may succeed later. Full storage (507) and a feature that is missing (501) are permanent. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 507);
}
