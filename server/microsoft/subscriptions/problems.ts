/** Why a subscription does not work, and when to try again. The texts are in words/, as `seen` and `cure`. */

import { ProductError } from "../../platform/errors.ts";
import { GraphError, GraphUnreachable } from "../graph/index.ts";

/** `soon`: it may pass by itself. `late`: a person must do something. */
export const problems = {
  not_configured: "late",
  encryption_key_missing: "soon",
  microsoft_unreachable: "soon",
  microsoft_busy: "soon",
  credential_refused: "late",
  permission_missing: "late",
  quota_of_app: "late",
  quota_of_organisation: "late",
  payment_required: "late",
  webhook_unreachable: "late",
  request_refused: "late",
  resource_gone: "late",
  gap_not_filled: "soon",
} as const satisfies Record<string, "soon" | "late">;

export type ProblemCode = keyof typeof problems;

/** Classifies by the failed call alone; 403 and 409 need a look at the existing subscriptions, see steps.ts. */
export function problemOf(error: unknown): ProblemCode {
  if (error instanceof GraphError) return byStatus(error.status);
  if (error instanceof GraphUnreachable) return "microsoft_unreachable";
  if (error instanceof ProductError) {
    const known = (["not_configured", "credential_refused"] as const).find((code) => code === error.code);
    return known ?? "microsoft_unreachable";
  }
  return "microsoft_unreachable";
}

function byStatus(status: number): ProblemCode {
  if (status === 429 || status >= 500) return "microsoft_busy";
  if (status === 401) return "credential_refused";
  if (status === 402) return "payment_required";
  if (status === 403) return "permission_missing";
  if (status === 404 || status === 410) return "resource_gone";
  return "request_refused";
}

/** Returns Graph's status and code, which are identifiers; its text is left out. */
export function detailOf(error: unknown): string {
  if (error instanceof GraphError)
    return `${error.status} ${error.code.replace(/[^\w.-]/g, "").slice(0, 64)} ${error.requestId?.slice(0, 64) ?? ""}`.trim();
  return error instanceof Error ? error.name : "unknown";
}

const MINUTE_MS = 60_000;
const PACES = {
  soon: { first: MINUTE_MS / 2, longest: 15 * MINUTE_MS },
  late: { first: 10 * MINUTE_MS, longest: 6 * 60 * MINUTE_MS },
} as const;

/** Doubles with each try, with jitter; never shorter than Graph asks. `tries` starts at 1. */
export function waitMs(code: ProblemCode, tries: number, random: number, error?: unknown): number {
  const { first, longest } = PACES[problems[code]];
  const grown = Math.min(longest, first * 2 ** Math.min(tries - 1, 20));
  const asked = error instanceof GraphError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.ceil(grown * (0.75 + random / 4)));
}
