/**
 * How the plugin proves to Entra that it is the registered app: a certificate, a federated credential, or client
 * secrets. Several may be set at once; they are tried in this order, so that one can be replaced while another works.
 */

import type { ProblemCode } from "../../platform/i18n/problems.ts";
import { Secret } from "../../platform/settings/secret.ts";
import { type Problem, problemWith, type Settings } from "../../platform/settings/settings.ts";

export type Credential =
  | {
      readonly kind: "certificate";
      /** Leaf first, then its chain: Entra needs the chain where the registration names subject and issuer (SNI). */
      readonly chain: string;
      readonly privateKey: Secret;
      /** Hexadecimal, upper case. */
      readonly thumbprintSha256: string;
      /** Milliseconds since 1970. */
      readonly expiresAt: number;
    }
  /** A file that the platform keeps fresh, e.g. the projected token of a Kubernetes service account. */
  | { readonly kind: "federated"; readonly tokenFile: string }
  | { readonly kind: "secret"; readonly secret: Secret };

export function readCredentials(settings: Settings, problems: Problem[]): Credential[] {
  const credentials: Credential[] = [];
  if (settings.m365_client_certificate !== "") {
    const certificate = readCertificate(settings.m365_client_certificate);
    if (typeof certificate === "string") {
      problems.push(problemWith("m365_client_certificate", certificate));
    } else {
      credentials.push(certificate);
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

/** The certificate, or the code of what is wrong with it. */
function readCertificate(pem: string): Credential | ProblemCode {
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const key = /-----BEGIN ((?:RSA )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/.exec(pem)?.[0];
  const [leaf] = chain;
  if (leaf === undefined) return "no_certificate";
  if (key === undefined) return "no_key";
  // Loaded where there is a certificate: it would cost every start of the plugin 2 ms.
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    const certificate = new X509Certificate(leaf);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return "other_key";
    return {
      kind: "certificate",
      chain: chain.join("\n"),
      privateKey: new Secret(key),
      thumbprintSha256: certificate.fingerprint256.replaceAll(":", ""),
      expiresAt: Date.parse(certificate.validTo),
    };
  } catch {
    return "certificate_unread";
  }
}
