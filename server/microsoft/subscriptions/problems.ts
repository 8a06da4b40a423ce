/** Why a subscription does not work: codes with words and cures, and how soon it is worth trying again. */

import { ProductError } from "../../platform/errors.ts";
import { GraphError, GraphUnreachable } from "../graph/index.ts";

interface ProblemRow {
  readonly says: string;
  readonly cure: string;
  /** `soon`: it may pass by itself. `late`: a person must do something. */
  readonly again: "soon" | "late";
}

export const problems = {
  not_configured: {
    says: "The app registration is incomplete.",
    cure: "Fill in tenant, client and secret under Connect to Microsoft.",
    again: "late",
  },
  encryption_key_missing: {
    says: "There is no encryption key, so the key for message contents could not be kept.",
    cure: "Set Encryption key under Connect to Microsoft, or let the plugin make one by activating it again.",
    again: "soon",
  },
  microsoft_unreachable: {
    says: "Microsoft 365 cannot be reached.",
    cure: "See the Checks page: proxy, DNS, private CA and the cloud's addresses are the usual reasons.",
    again: "soon",
  },
  microsoft_busy: {
    says: "Microsoft 365 asks to come back later.",
    cure: "Nothing: the plugin waits and tries again.",
    again: "soon",
  },
  credential_refused: {
    says: "Microsoft 365 does not accept the credential.",
    cure: "Renew the client secret, or let the person connect again.",
    again: "late",
  },
  permission_missing: {
    says: "The permission for this resource is missing.",
    cure: "Grant the permission with admin consent. If it is granted, ask Microsoft for access to protected APIs.",
    again: "late",
  },
  quota_of_app: {
    says: "Another server has subscribed to this resource with the same app registration.",
    cure: "Microsoft allows one subscription for each app and resource: give each Mattermost server an app registration of its own.",
    again: "late",
  },
  quota_of_organisation: {
    says: "The organisation has used up Microsoft's number of subscriptions.",
    cure: "Microsoft allows 10,000 for all apps together. End subscriptions of other apps, or link fewer channels.",
    again: "late",
  },
  payment_required: {
    says: "Microsoft asks for a payment or licence for this resource.",
    cure: "Commercial tenants have needed none since August 2025. Ask Microsoft which licence your cloud needs.",
    again: "late",
  },
  webhook_unreachable: {
    says: "Microsoft could not reach this server: its validation request did not arrive.",
    cure: "Let https requests from the internet through to Notification address (or Site URL), path /plugins/mission-collaboration/api/v1/graph/, or set Delivery of changes to polling.",
    again: "late",
  },
  request_refused: {
    says: "Microsoft refused the subscription.",
    cure: "Look up the code. If it speaks of validation, the answer of this server did not reach Microsoft unchanged.",
    again: "late",
  },
  resource_gone: {
    says: "The chat, channel or mailbox does not exist any more.",
    cure: "Remove the link, or disconnect the account.",
    again: "late",
  },
  gap_not_filled: {
    says: "Changes that may have been missed could not be read yet.",
    cure: "Nothing: the plugin tries again. If it persists, the permission for reading is missing.",
    again: "soon",
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problems;

/** What the failed call says by itself; 403 and 409 need a look at what exists, see keeper.ts. */
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

/** Graph's status and code, which are identifiers; its sentence stays out. */
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

/** Doubles from try to try, with jitter; never sooner than Graph asks. `tries` from 1. */
export function waitMs(code: ProblemCode, tries: number, random: number, error?: unknown): number {
  const { first, longest } = PACES[problems[code].again];
  const grown = Math.min(longest, first * 2 ** Math.min(tries - 1, 20));
  const asked = error instanceof GraphError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.ceil(grown * (0.75 + random / 4)));
}
