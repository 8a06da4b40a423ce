/** When the credential in use ends: for Prometheus on every node, and for the checks. */

import { z } from "zod";
import type { Config, ConfigSource } from "../microsoft/config/index.ts";
import { lazy } from "../runtime/lazy.ts";
import type { KeyValueStore } from "../runtime/mattermost/index.ts";

export interface CredentialEnd {
  /** Only for the secret that the set-up made: another client's, or one pasted later, is not known. */
  known(): Promise<Date | null>;
  /** The set-up has made one. */
  made(secret: { readonly clientId: string; readonly secret: string; readonly ends: Date }): Promise<void>;
  /** Reads our own record, so that the end is known on every node without a round of checks. */
  look(): Promise<void>;
  /** What a look at Entra has found. */
  seen(end: Date | null): void;
  /** NaN: unknown. */
  daysLeft(now: Date): number;
}

const CREDENTIAL_KEY = "setup/credential";
const credentialShape = lazy(() => z.object({ clientId: z.string(), ends: z.string() }));

export function createCredentialEnd(
  config: ConfigSource,
  kv: Pick<KeyValueStore, "get" | "set">,
): CredentialEnd {
  let secretEnds: Date | null = null;
  const credentialEnd: CredentialEnd = {
    look: () =>
      credentialEnd.known().then(credentialEnd.seen, () => {
        // The store is away: the next change of settings, or the checks, will find it.
      }),
    async known() {
      const bytes = await kv.get(CREDENTIAL_KEY);
      if (!bytes) return null;
      const { clientId, ends } = credentialShape().parse(JSON.parse(new TextDecoder().decode(bytes)));
      return clientId === fingerprint(config.current) ? new Date(ends) : null;
    },
    async made({ clientId, secret, ends }) {
      const value = { clientId: fingerprintOf(clientId, secret), ends: ends.toISOString() };
      await kv.set(CREDENTIAL_KEY, JSON.stringify(value));
    },
    seen(end) {
      secretEnds = end;
    },
    daysLeft(now) {
      // Of the credential that is tried first; a federated one never ends.
      const [best] = config.current.credentials;
      const ends =
        best?.kind === "certificate" ? best.expiresAt : best?.kind === "secret" && secretEnds?.getTime();
      return typeof ends === "number" ? (ends - now.getTime()) / 86_400_000 : Number.NaN;
    },
  };
  return credentialEnd;
}

function fingerprint({ registration, credentials }: Config): string | null {
  const secret = credentials.find((credential) => credential.kind === "secret")?.secret;
  return registration && secret ? fingerprintOf(registration.clientId, secret.reveal()) : null;
}

/** Tells whether a credential is still the same one without keeping it: eight hex digits cannot be turned back. */
function fingerprintOf(clientId: string, secret: string): string {
  return new Bun.CryptoHasher("sha256").update(`${clientId} ${secret}`).digest("hex").slice(0, 8);
}
