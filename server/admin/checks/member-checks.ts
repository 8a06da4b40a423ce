/** Checks about members: who is locked out by a setting, and whether departed people are noticed. */

import type { Config } from "../../microsoft/config/index.ts";
import { rolesOf } from "../../microsoft/entra/token-roles.ts";
import { signInSettings } from "../../platform/settings/index.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import type { TokenAnswer } from "./microsoft-checks.ts";
import { type Finding, ok, problem, see, unknown, warning } from "./report.ts";

/** Members with a second factor in Mattermost. */
export interface SecondFactorMembers {
  /** Whether the server supports second factors at all. */
  readonly enabled: boolean;
  readonly count: number;
  /** True when not all members were counted. */
  readonly more: boolean;
}

const MEMBERS_PER_PAGE = 200;
/** Limit of 20,000 members: the check must end, and the exact number does not matter. */
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
 * Warns when the policy `claim` would lock members out. Entra states only in version 1 tokens whether a second factor
 * was used (claim `amr`), and the set-up requests version 2: these members could never sign in.
 */
export async function secondFactorCheck(
  { section }: Config,
  members: () => Promise<SecondFactorMembers>,
  tokenVersion: "1.0" | "2.0" | null,
): Promise<Finding> {
  const { mfa_accounts } = section(signInSettings);
  if (mfa_accounts === "trust_entra") return ok("mfa_entra");
  const { enabled, count, more } = await members();
  if (!enabled) return ok("mfa_off");
  if (count === 0) return ok("mfa_nobody");
  const seen = (code: "mfa_outside" | "mfa_said" | "mfa_unsaid") =>
    more ? [...see(code, { count }), ...see("members_more")] : see(code, { count });
  if (mfa_accounts === "never") return ok(seen("mfa_outside"));
  if (tokenVersion === "1.0") return ok(seen("mfa_said"));
  const says = tokenVersion === "2.0" ? problem : warning;
  return says(seen("mfa_unsaid"), "second_factor", "mfa_accounts");
}

/** The last daily look at the directory, as the sign-in feature stored it. */
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
  if ("finding" in token) return unknown("needs_credential");
  if (!rolesOf(token.token).some((role) => mayRead.includes(role)))
    return unknown("departures_unasked", "departures_permission");
  if (!look || look.outcome === "begun" || look.outcome === "not_permitted") return ok("departures_daily");
  const { ended, looked } = look;
  const when = new Date(look.at).toISOString().slice(0, 16).replace("T", " ");
  if (look.outcome === "done") return ok(see("departures_done", { looked, ended, when }));
  if (look.outcome === "implausible")
    return problem(see("departures_implausible", { when }), "departures_tenant", "m365_tenant_id");
  return warning(see("departures_failed", { when }), "departures_failed");
}
