import { GraphError, GraphUnreachable } from "../microsoft/graph/index.ts";
import type { ErrorCode } from "../platform/errors.ts";

/**
 * Admins also get Microsoft's own error text, which members never see. server/microsoft/graph has removed tokens from
 * it.
 */
export function explainForAdmins(error: unknown): { code: ErrorCode; detail: string } | null {
  if (error instanceof GraphError) return { code: "microsoft_refused", detail: error.message };
  if (error instanceof GraphUnreachable) return { code: "microsoft_unreachable", detail: error.message };
  return null;
}
