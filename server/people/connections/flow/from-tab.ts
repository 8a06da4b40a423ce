/** Connects without a pop-up: exchanges the tab's token on behalf of the person (docs/facts/microsoft.md 2.3). */

import { exchangeTabToken } from "../../../microsoft/entra/delegated-tokens.ts";
import type { TokenVerifier } from "../../../microsoft/entra/token-verifier.ts";
import { type ErrorCode, ProductError } from "../../../platform/errors.ts";
import { type CodeFlowPorts, type Completed, endingOf } from "./code-flow.ts";
import { establish } from "./establish.ts";
import { type Ending, ending, type Outcome, outage } from "./outcomes.ts";

export interface FromTabPorts extends CodeFlowPorts {
  readonly verifier: Pick<TokenVerifier, "verify">;
}

export async function connectFromTab(
  ports: FromTabPorts,
  userId: string,
  tabToken: string,
): Promise<Completed> {
  const config = ports.config.current;
  const { credentials, registration } = config;
  const ring = ports.ring();
  const permissions = ports.permissions();
  if (!registration || credentials.length === 0 || !ring || permissions.length === 0)
    return ending("not_configured");
  const verdict = await ports.verifier.verify(tabToken);
  if (!verdict) return ending("not_configured");
  if (!verdict.ok) {
    const { reason } = verdict;
    return reason === "keys_unavailable" ? outage(reason) : ending("token_invalid", reason);
  }
  const user = await ports.user(userId);
  if (!user) return ending("inactive");
  const refusal = await ports.seats.look(user);
  if (refusal) return ending(refusal);
  const answer = await exchangeTabToken({ config, fetch: ports.fetch }, tabToken, permissions);
  if (!answer.ok) return endingOf(answer);
  const { person } = verdict;
  const { tokens } = answer;
  const made = await establish(ports, { user, person, tokens, ring });
  if (!made.ok) return made.ending;
  const expiresAt = ports.clock() + tokens.lifetimeMs;
  return { ...ending("connected"), connection: made.connection, accessToken: tokens.accessToken, expiresAt };
}

const codes: Partial<Record<Outcome, ErrorCode>> = {
  needs_admin: "consent_required",
  policy: "consent_required",
  unreachable: "microsoft_unreachable",
  not_configured: "not_configured",
  token_invalid: "sign_in_refused",
};

/** Converts a refusal to the error that the tab receives. */
export const refusalError = ({ detail, outcome }: Ending): ProductError => {
  const code = codes[outcome];
  return code
    ? new ProductError(code, detail)
    : new ProductError("connect_refused", `${outcome} ${detail}`.trim());
};
