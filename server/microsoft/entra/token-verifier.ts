/** Connects token verification to the configuration: which tenant, which keys, which callers. */

import { signInSettings } from "../../platform/settings/index.ts";
import type { Logger } from "../../runtime/mattermost/index.ts";
import { type Config, type ConfigSource, hostClientIds } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { type KeysInUse, TenantKeys, type TokenVersion } from "./tenant-keys.ts";
import { type IdTokenVerdict, verifyIdToken } from "./verify-id-token.ts";
import { type Verdict, verifyTabToken } from "./verify-tab-token.ts";
import { type ValidationVerdict, verifyValidationToken } from "./verify-validation-token.ts";

export interface TokenVerifier {
  /** Resolves with `null` while the registration is incomplete: nobody can be verified then. */
  verify(token: string): Promise<Verdict | null>;
  /** Verifies the token that Graph sends with change notifications that contain resource data. */
  verifyValidationToken(token: string): Promise<ValidationVerdict | null>;
  /** Verifies the ID token of an authorization code flow; `nonce` is the one with which the flow began. */
  verifyIdToken(token: string, nonce: string): Promise<IdTokenVerdict | null>;
  /** Version of the token that was verified last on this node. */
  readonly lastVersion: TokenVersion | null;
  /** For the Checks page. Throws with the reason when the authority cannot be read. */
  describeKeys(version: TokenVersion): Promise<KeysInUse | null>;
}

export interface TokenVerifierPorts {
  readonly config: ConfigSource;
  readonly fetch: Fetch;
  readonly log: Pick<Logger, "warn">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export function createTokenVerifier({ config, fetch, log, clock }: TokenVerifierPorts): TokenVerifier {
  let keys: TenantKeys | null = null;
  let madeFor = "";
  let lastVersion: TokenVersion | null = null;

  /** Keys belong to an authority and a tenant; for another of either, a new cache starts empty. */
  function keysFor({ cloud }: Config, tenantId: string): TenantKeys {
    const authority = `${cloud.loginUrl}/${tenantId}`;
    if (keys && madeFor === authority) return keys;
    madeFor = authority;
    keys = new TenantKeys({
      loginUrl: cloud.loginUrl,
      tenantId,
      fetch,
      clock,
      onUnusableKeys: (unusable) =>
        log.warn("Some of the tenant's signing keys cannot be used", {
          keys: unusable.map(({ kid, why }) => `${kid} ${why}`).join("; "),
        }),
    });
    return keys;
  }

  return {
    async verify(token) {
      const { registration } = config.current;
      if (!registration) return null;
      const expect = {
        ...registration,
        callers: callersOf(config.current.section(signInSettings).additional_client_ids),
      };
      const keys = keysFor(config.current, registration.tenantId);
      const verdict = await verifyTabToken(token, expect, keys, new Date(clock()));
      if (verdict.ok) lastVersion = verdict.person.tokenVersion;
      return verdict;
    },
    async verifyValidationToken(token) {
      const { registration } = config.current;
      if (!registration) return null;
      const keys = keysFor(config.current, registration.tenantId);
      return verifyValidationToken(token, registration, keys, new Date(clock()));
    },
    async verifyIdToken(token, nonce) {
      const { registration } = config.current;
      if (!registration) return null;
      const { clientId, tenantId } = registration;
      const keys = keysFor(config.current, tenantId);
      return verifyIdToken(token, { clientId, tenantId, nonce }, keys, new Date(clock()));
    },
    get lastVersion() {
      return lastVersion;
    },
    async describeKeys(version) {
      const { registration } = config.current;
      return registration ? keysFor(config.current, registration.tenantId).describe(version) : null;
    },
  };
}

function callersOf(additional: readonly string[]): ReadonlySet<string> {
  return new Set([...hostClientIds, ...additional]);
}
