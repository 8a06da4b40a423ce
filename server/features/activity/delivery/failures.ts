/** Classifies a failed request to Graph, and tells the admin how to fix it. */

import { GraphError, passing } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";

/**
 * `wait`: affects everybody until it passes. `recipient`: affects one person. `admin`: lasts until an admin fixes it.
 */
export type Meaning = "wait" | "token" | "recipient" | "admin";

const ROLES_MISSING = /missing role|Authorization_RequestDenied|insufficient privileges/i;

export function meaningOf(error: unknown): Meaning {
  if (error instanceof ProductError) return error.code === "microsoft_unreachable" ? "wait" : "admin";
  if (!(error instanceof GraphError)) return passing(error) ? "wait" : "recipient";
  switch (error.status) {
    case 412:
      return "token";
    case 400:
    case 404:
      return "recipient";
    case 403:
      return ROLES_MISSING.test(`${error.code} ${error.message}`) ? "admin" : "recipient";
    case 401:
    case 409:
      return "admin";
    default:
      return "wait";
  }
}

/** Explains the last failure to the admin. */
export function explain(error: unknown): { code: string; says: string; cure: string } {
  if (error instanceof ProductError) {
    return {
      code: error.code,
      says: error.detail || error.code,
      cure: cures[error.code] ?? error.row.cure,
    };
  }
  if (!(error instanceof GraphError)) {
    return { code: "unreachable", says: "Graph did not answer", cure: cures.unreachable };
  }
  const status = String(error.status);
  const says = `Graph answered ${status} ${error.code}${error.requestId ? ` (request ${error.requestId})` : ""}`;
  const roles = error.status === 403 && ROLES_MISSING.test(`${error.code} ${error.message}`);
  const code = roles ? "roles_missing" : `graph_${status}`;
  return { code, says, cure: cures[code] ?? cures.other };
}

const cures: Readonly<Record<string, string>> & { other: string; unreachable: string } = {
  not_configured: "Fill in tenant ID, client ID, client secret and the app's ID in the settings.",
  credential_refused: "The client secret is wrong or has expired: make a new one and paste its value.",
  catalog_app_missing:
    "Upload the app package in the Teams admin center, and grant AppCatalog.Read.All so that it can be found.",
  microsoft_unreachable: "Check proxy, DNS, private CA and the cloud setting; see the Checks page.",
  unreachable: "Check proxy, DNS, private CA and the cloud setting; see the Checks page.",
  roles_missing: "Grant TeamsActivity.Send (application) to the app registration, with admin consent.",
  graph_401: "Graph refuses the token: check that tenant and cloud are the registration's own.",
  graph_400:
    "Graph refuses the request: the app in the catalog is probably older than the plugin. Upload the current package.",
  graph_403: "The app is not installed for some members: set it up for them in a Teams set-up policy.",
  graph_404: "Entra does not know some members any more: check their accounts.",
  graph_409:
    "Two Teams apps use this app registration: remove the other one from the catalog, or give it another registration.",
  graph_412: "Entra's tokens are too short-lived: allow 60 minutes or more for this app.",
  graph_429: "Microsoft throttles this tenant; messages wait and follow.",
  other: "It will be tried again. If it persists, look for the request id at Microsoft.",
};
