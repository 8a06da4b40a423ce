/**
 * The ways in which the plugin can prove to Entra that it is the registered app: a certificate, a federated
 * credential, or client secrets. Several may be set at once and are tried in this order, so that one can be replaced
 * while another works.
 */

import { readKeyPair } from "../../platform/settings/certificates.ts";
import type { Problem } from "../../platform/settings/problem.ts";
import { Secret } from "../../platform/settings/secret.ts";
import type { Settings } from "../../platform/settings/settings.ts";

export type Credential =
  | {
      readonly kind: "certificate";
      /**
       * The leaf first, then its chain. Entra needs the chain when the registration matches subject and issuer (SNI).
       */
      readonly chain: string;
      readonly privateKey: Secret;
      /** Hexadecimal, upper case. */
      readonly thumbprintSha256: string;
      readonly subject: string;
      /** Milliseconds since 1970. */
      readonly expiresAt: number;
    }
  /** A file that the platform keeps up to date, such as the projected token of a Kubernetes service account. */
  | { readonly kind: "federated"; readonly tokenFile: string }
  | { readonly kind: "secret"; readonly secret: Secret };

export function readCredentials(settings: Settings, problems: Problem[]): Credential[] {
  const credentials: Credential[] = [];
  if (settings.m365_client_certificate !== "") {
    const read = readKeyPair(settings.m365_client_certificate);
    problems.push(...read.problems);
    if (read.pair) {
      const { chain, privateKey, thumbprintSha256, facts } = read.pair;
      credentials.push({
        kind: "certificate",
        chain: chain.join(""),
        privateKey: new Secret(privateKey),
        thumbprintSha256,
        ...facts,
      });
    }
  }
  if (settings.m365_federated_token_file !== "") {
    credentials.push({ kind: "federated", tokenFile: settings.m365_federated_token_file });
  }
  for (const secret of [settings.m365_client_secret, settings.m365_client_secret_2]) {
    if (secret !== "") credentials.push({ kind: "secret", secret: new Secret(secret) });
  }
  return credentials;
}
