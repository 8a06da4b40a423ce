/**
 * Connects with the refresh token that an earlier plugin of the same app registration stored for a person. Entra must
 * renew it now, and Graph must say whose it is: the file itself is not trusted.
 */

import { refreshTokens } from "../../../microsoft/entra/delegated-tokens.ts";
import { type CodeFlowPorts, type Completed, endingOf } from "./code-flow.ts";
import { establish } from "./establish.ts";
import { ending } from "./outcomes.ts";

export interface EarlierToken {
  readonly objectId: string;
  /** Secret. */
  readonly refreshToken: string;
}

export async function connectFromEarlier(
  ports: CodeFlowPorts,
  userId: string,
  { objectId, refreshToken }: EarlierToken,
): Promise<Completed> {
  const config = ports.config.current;
  const { credentials, registration } = config;
  const ring = ports.ring();
  const permissions = ports.permissions();
  if (!registration || credentials.length === 0 || !ring || permissions.length === 0)
    return ending("not_configured");
  const user = await ports.user(userId);
  if (user?.DeleteAt !== 0) return ending("inactive");
  const refusal = await ports.seats.look(user);
  if (refusal) return ending(refusal);
  const answer = await refreshTokens({ config, fetch: ports.fetch }, refreshToken, permissions);
  if (!answer.ok) return endingOf(answer);
  const { tokens } = answer;
  const made = await establish(
    {
      ...ports,
      // Without the directory it is unknown whose token this is.
      readAddresses: async (accessToken) => {
        const known = await ports.readAddresses(accessToken);
        return known === "refused" ? { objectId: "", addresses: [] } : known;
      },
    },
    {
      user,
      tokens,
      ring,
      person: {
        ...{ tenantId: registration.tenantId, objectId, addresses: [], guest: false, multiFactor: false },
        ...{ displayName: "", givenName: "", familyName: "", caller: "", tokenVersion: "2.0" },
      },
    },
  );
  if (!made.ok) return made.ending;
  const expiresAt = ports.clock() + tokens.lifetimeMs;
  return { ...ending("connected"), connection: made.connection, accessToken: tokens.accessToken, expiresAt };
}
