/**
 * App-only tokens for Graph (client credentials): one request at a time, and never a token that is about to expire.
 */

import { ProductError } from "../../platform/errors.ts";
import type { Config, ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { withCredential } from "./confidential-client.ts";

export interface AppTokens {
  /**
   * Returns a token with at least this many minutes left. Throws ProductError `not_configured`,
   * `microsoft_unreachable`, or a code of refusals.ts with Entra's number as its detail.
   */
  token(minimumMinutesLeft: number): Promise<string>;
  /** Drops the current token: Graph has refused it, or an admin wants to test that Entra issues a new one. */
  forget(): void;
}

/**
 * Entra's tokens live 60 to 90 minutes. When a tenant's policy issues shorter ones than the caller needs, a new
 * request on every call would not help: a token younger than this is the best that Entra issues.
 */
const BEST_THERE_IS_MS = 60_000;

interface Held {
  readonly token: string;
  readonly takenAt: number;
  readonly expiresAt: number;
}

export function createAppTokens(ports: {
  readonly config: ConfigSource;
  readonly fetch: Fetch;
  readonly now?: () => number;
}): AppTokens {
  const now = ports.now ?? Date.now;
  let held: Held | null = null;
  let inFlight: Promise<Held> | null = null;
  // A token belongs to the registration it was requested for; one that arrives after a change is not kept.
  let generation = 0;

  function forget(): void {
    held = null;
    inFlight = null;
    generation += 1;
  }
  ports.config.onChange(forget);

  async function acquire(config: Config): Promise<Held> {
    const asked = generation;
    const takenAt = now();
    const { token, lifetimeMs } = await clientCredentials(config, ports.fetch);
    const fresh = { token, takenAt, expiresAt: takenAt + lifetimeMs };
    if (asked === generation) held = fresh;
    return fresh;
  }

  return {
    forget,
    async token(minimumMinutesLeft) {
      const at = now();
      if (held && held.expiresAt > at) {
        if (held.expiresAt - at >= minimumMinutesLeft * 60_000) return held.token;
        if (at - held.takenAt < BEST_THERE_IS_MS) return held.token;
      }
      if (!inFlight) {
        const mine = acquire(ports.config.current).finally(() => {
          if (inFlight === mine) inFlight = null;
        });
        inFlight = mine;
      }
      return (await inFlight).token;
    },
  };
}

async function clientCredentials(
  config: Config,
  fetch: Fetch,
): Promise<{ token: string; lifetimeMs: number }> {
  if (!config.registration || config.credentials.length === 0) {
    throw new ProductError("not_configured", "no app registration");
  }
  const result = await withCredential(config, fetch, (client) =>
    client.acquireTokenByClientCredential({
      scopes: [`${config.cloud.graphUrl}/.default`],
      skipCache: true,
    }),
  );
  if (!result?.accessToken || !result.expiresOn) {
    throw new ProductError("microsoft_unreachable", "entra: an answer without a token");
  }
  // msal computed `expiresOn` from Date.now(); we need only the duration.
  return { token: result.accessToken, lifetimeMs: result.expiresOn.getTime() - Date.now() };
}
