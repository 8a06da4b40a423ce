/**
 * Classifies errors of Graph calls. Errors are recognised by name, because importing the classes would load them (see
 * feature.ts).
 */

export interface Failure {
  readonly status: number | null;
  readonly code: string;
  /** From `Retry-After`. */
  readonly retryAfterMs: number | null;
}

export function failureOf(error: unknown): Failure {
  const it = error as { name?: unknown; status?: unknown; code?: unknown; retryAfterMs?: unknown } | null;
  const code = typeof it?.code === "string" ? it.code : "unknown";
  const retryAfterMs = typeof it?.retryAfterMs === "number" ? it.retryAfterMs : null;
  const status = it?.name === "GraphError" && typeof it.status === "number" ? it.status : null;
  return { status, code, retryAfterMs };
}

/** The person's connection cannot be used now; the codes of `people/connections`. */
const unusable: ReadonlySet<string> = new Set(["not_connected", "connection_lost", "encryption_unavailable"]);
export const isUnusable = (error: unknown): boolean => unusable.has(failureOf(error).code);

/** This reader may not read it; another one perhaps may. */
export function refusesReader(error: unknown): boolean {
  const { status } = failureOf(error);
  return isUnusable(error) || status === 401 || status === 403 || status === 404;
}

/** True when the same call may succeed later. */
export function mayPass(error: unknown): boolean {
  const { code, status } = failureOf(error);
  if ((error as { name?: unknown } | null)?.name === "GraphUnreachable") return true;
  if (code === "microsoft_unreachable" || code === "microsoft_refused" || code === "credential_refused")
    return true;
  return status !== null && (status === 429 || status === 408 || status >= 500);
}
