/** Checks about members: whom a rule keeps out, and whether people who left are noticed. */

import { rolesOf } from "../../microsoft/entra/token-roles.ts";
import type { Config } from "../../platform/settings/index.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import type { TokenAnswer } from "./microsoft-checks.ts";
import { type Finding, ok, problem, unknown, warning } from "./report.ts";

/** Members with a second factor in Mattermost. */
export interface SecondFactorMembers {
  /** Whether the server has second factors at all. */
  readonly enabled: boolean;
  readonly count: number;
  /** Not all members were counted. */
  readonly more: boolean;
}

const MEMBERS_PER_PAGE = 200;
/** 20,000 members: the check must end, and the answer does not depend on the exact figure. */
const MAX_PAGES = 100;

export async function countSecondFactors(
  api: Pick<Api, "getConfig" | "getUsers">,
  signal?: AbortSignal,
): Promise<SecondFactorMembers> {
  const enabled = (await api.getConfig())?.ServiceSettings.EnableMultifactorAuthentication === true;
  let count = 0;
  if (!enabled) return { enabled, count, more: false };
  for (let page = 0; page < MAX_PAGES; page++) {
    signal?.throwIfAborted();
    const users = await api.getUsers({ Page: page, PerPage: MEMBERS_PER_PAGE, Active: true });
    count += users.filter(({ IsBot, MfaActive, RemoteId }) => MfaActive && !IsBot && !RemoteId).length;
    if (users.length < MEMBERS_PER_PAGE) return { enabled, count, more: false };
  }
  return { enabled, count, more: true };
}

/**
 * Entra says in version 1 tokens alone whether a second factor was used (claim `amr`), and the set-up asks for
 * version 2: with the policy `claim` those members then never sign in.
 */
export async function secondFactorCheck(
  { settings }: Config,
  members: () => Promise<SecondFactorMembers>,
  tokenVersion: "1.0" | "2.0" | null,
): Promise<Finding> {
  if (settings.mfa_accounts === "trust_entra") return ok("Entra's own policies decide about second factors.");
  const { enabled, count, more } = await members();
  if (!enabled) return ok("This Mattermost server has no second factors.");
  if (count === 0) return ok("No member has a second factor in Mattermost.");
  const who = `${more ? "More than " : ""}${count} ${count === 1 ? "member has" : "members have"} a second factor in Mattermost`;
  if (settings.mfa_accounts === "never")
    return ok(`${who} and sign in outside Microsoft 365, as the settings say.`);
  if (tokenVersion === "1.0") return ok(`${who}; Microsoft's tokens say whether a second factor was used.`);
  const says = tokenVersion === "2.0" ? problem : warning;
  return says(
    `${who} and cannot sign in inside Microsoft 365: tokens of version 2 never say whether a second factor was used.`,
    "Either let Conditional Access demand a second factor and set Accounts with Mattermost MFA to trust Entra, or set requestedAccessTokenVersion to 1 in the manifest of the app registration: tokens of version 1 say it.",
    "mfa_accounts",
  );
}

/** The last daily look at the directory, as identity notes it. */
export interface DirectoryLook {
  readonly at: number;
  readonly outcome: "begun" | "done" | "not_permitted" | "failed" | "implausible";
  readonly looked: number;
  readonly ended: number;
}

export function departuresCheck(
  look: DirectoryLook | null,
  token: TokenAnswer,
  mayRead: readonly string[],
): Finding {
  if ("finding" in token) return unknown("Needs a working credential.");
  if (!rolesOf(token.token).some((role) => mayRead.includes(role))) {
    return unknown(
      "Not looked at: the app may not read whether accounts are disabled. Somebody who is disabled in Entra keeps a running session until its end.",
      "Grant User.Read.All as application permission of Microsoft Graph with admin consent, or shorten Session length under Sign-in.",
    );
  }
  if (!look || look.outcome === "begun" || look.outcome === "not_permitted")
    return ok("Linked people are looked up in the directory once a day.");
  const when = new Date(look.at).toISOString().slice(0, 16).replace("T", " ");
  if (look.outcome === "done")
    return ok(
      `${look.looked} linked people looked up at ${when} UTC; the sessions of ${look.ended} ended because their accounts are disabled or deleted.`,
    );
  if (look.outcome === "implausible")
    return problem(
      `At ${when} UTC most linked people were missing in the directory; no session was ended.`,
      "Compare the tenant ID and the cloud with those in which the people were linked.",
      "m365_tenant_id",
    );
  return warning(
    `The directory did not answer at ${when} UTC; the next look is within a day.`,
    "See the rows about Entra and the credential; the server log has the reason.",
  );
}
