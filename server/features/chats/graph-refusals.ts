/** Classifies errors of Graph calls: whether another reader, or a later retry, may succeed. */

import { passing } from "../../microsoft/graph/index.ts";

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
  return isUnusable(error) || [401, 403, 404, 410].includes(status ?? 0);
}

/** True when the same call may succeed later. */
export function mayPass(error: unknown): boolean {
  const { code } = failureOf(error);
  return (
    passing(error) ||
    code === "microsoft_unreachable" ||
    code === "microsoft_refused" ||
    code === "credential_refused"
  );
}
