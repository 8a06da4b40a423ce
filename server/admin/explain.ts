import { GraphError, GraphUnreachable } from "../microsoft/graph/index.ts";
import type { ErrorCode } from "../platform/errors.ts";

/** Admins also get Microsoft's own words, which members never see. Tokens are cut out of them in server/microsoft/graph. */
export function explainForAdmins(error: unknown): { code: ErrorCode; detail: string } | null {
  if (error instanceof GraphError) return { code: "microsoft_refused", detail: error.message };
  if (error instanceof GraphUnreachable) return { code: "microsoft_unreachable", detail: error.message };
  return null;
}
