/** Reads certificates and private keys from settings, with the platform's own X.509 parser. */

import type { KeyObject, X509Certificate } from "node:crypto";
import type { ProblemCode } from "../i18n/problems.ts";
import { isCertificate, isPrivateKey, type PemBlock, pemBlocks } from "./pem.ts";
import { type Problem, problemWith } from "./problem.ts";

/** Shown in the console beside a certificate, so that the admin sees that it was understood. */
export interface CertificateFacts {
  /** `CN=Example Root, O=Example`. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface Authorities {
  /** PEM, one certificate per entry, in the form that every TLS library accepts. */
  readonly certificates: readonly string[];
  readonly facts: readonly CertificateFacts[];
  readonly problems: readonly Problem[];
}

const CA_SETTING = "custom_ca_certificates";

/** Leaves bad certificates out, because Bun refuses every connection when one of them is bad. */
export function readAuthorities(text: string): Authorities {
  const certificates: string[] = [];
  const facts: CertificateFacts[] = [];
  const problems: Problem[] = [];
  const blocks = text === "" ? [] : pemBlocks(text);
  if (text !== "" && blocks.length === 0) {
    problems.push(problemWith(CA_SETTING, "pem"));
  }
  const total = blocks.length;
  for (const block of blocks) {
    if (isPrivateKey(block)) {
      problems.push(problemWith(CA_SETTING, "ca_key"));
    } else if (!isCertificate(block)) {
      const { number, label } = block;
      problems.push(problemWith(CA_SETTING, "ca_other_block", { number, total, label }));
    } else {
      const certificate = readX509(block);
      if (certificate) {
        const pem = certificate.toString();
        if (certificates.includes(pem)) continue;
        certificates.push(pem);
        facts.push(factsOf(certificate));
      } else {
        problems.push(problemWith(CA_SETTING, "certificate_damaged", { number: block.number, total }));
      }
    }
  }
  return { certificates, facts, problems };
}

export interface KeyPair {
  /** PEM: the leaf first, then the certificates up to the root. */
  readonly chain: readonly string[];
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** Hexadecimal, upper case. */
  readonly thumbprintSha256: string;
  readonly facts: CertificateFacts;
}

/**
 * Entra signs and verifies with RSA only (learn.microsoft.com, certificate-credentials). This is the smallest key it
 * accepts.
 */
const MIN_RSA_BITS = 2048;
const KEY_SETTING = "m365_client_certificate";

/** Returns the certificate that fits its key, or the fault. The order of the PEM blocks does not matter. */
export function readKeyPair(text: string): {
  readonly pair: KeyPair | null;
  readonly problems: readonly Problem[];
} {
  const wrong = (code: ProblemCode, values?: Problem["values"]) => ({
    pair: null,
    problems: [problemWith(KEY_SETTING, code, values)],
  });
  const blocks = pemBlocks(text);
  const certificateBlocks = blocks.filter(isCertificate);
  const read = certificateBlocks.map((block) => ({ block, certificate: readX509(block) }));
  const certificates = read.flatMap(({ certificate }) => certificate ?? []);
  const damaged = read
    .filter(({ certificate }) => certificate === null)
    .map(({ block }) =>
      problemWith(KEY_SETTING, "certificate_damaged", { number: block.number, total: blocks.length }),
    );
  const keys = blocks.filter(isPrivateKey).map(readPrivateKey);
  const usable = keys.filter((key) => typeof key !== "string");

  if (certificateBlocks.length === 0) return wrong("no_certificate");
  if (certificates.length === 0) return wrong("certificates_damaged");
  // Checks the kind of the certificate first: with a wrong kind, no key would help.
  if (certificates.every((certificate) => !rsaKeyOf(certificate))) return wrong("key_kind");
  if (keys.length === 0) return wrong("no_key");

  let refused: ReturnType<typeof wrong> | null = null;
  for (const key of usable) {
    const leaf = certificates.find((certificate) => fits(certificate, key));
    if (!leaf) continue;
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    // Another pair in the same file may be usable.
    if (key.asymmetricKeyType !== "rsa") refused ??= wrong("key_kind");
    else if (bits < MIN_RSA_BITS) refused ??= wrong("key_small", { bits });
    if (key.asymmetricKeyType !== "rsa" || bits < MIN_RSA_BITS) continue;
    const pair = {
      chain: chainFrom(leaf, certificates).map((certificate) => certificate.toString()),
      privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
      thumbprintSha256: leaf.fingerprint256.replaceAll(":", ""),
      facts: factsOf(leaf),
    };
    return { pair, problems: damaged };
  }
  if (refused) return refused;
  if (keys.includes("encrypted")) return wrong("key_encrypted");
  if (usable.length === 0) return wrong("key_damaged");
  return wrong("other_key");
}

function readX509({ der }: PemBlock): X509Certificate | null {
  if (der === null) return null;
  // Loaded only when there is a certificate: it would cost every start of the plugin 2 ms.
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    // `toString` leaves out the OpenSSL notes at the end of a TRUSTED CERTIFICATE.
    return new X509Certificate(der);
  } catch {
    return null;
  }
}

const keyForms: Readonly<Record<string, "pkcs1" | "pkcs8" | "sec1">> = {
  "PRIVATE KEY": "pkcs8",
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
};

function readPrivateKey({ label, der, encrypted }: PemBlock): KeyObject | "encrypted" | "unreadable" {
  if (encrypted || label === "ENCRYPTED PRIVATE KEY") return "encrypted";
  const type = keyForms[label];
  if (der === null || type === undefined) return "unreadable";
  const { createPrivateKey } = process.getBuiltinModule("node:crypto");
  try {
    return createPrivateKey({ key: der, format: "der", type });
  } catch {
    return "unreadable";
  }
}

/** Also false for keys that the platform cannot read, such as RSA-PSS. */
function rsaKeyOf(certificate: X509Certificate): boolean {
  try {
    return certificate.publicKey.asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

function fits(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(key);
  } catch {
    return false;
  }
}

/** Returns leaf, issuer, the issuer's issuer, up to the root. Certificates outside this chain are left out. */
function chainFrom(leaf: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain = [leaf];
  for (let last = leaf; ; ) {
    const issuer = all.find(
      (one) =>
        !chain.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256) && issued(one, last),
    );
    if (!issuer) return chain;
    chain.push(issuer);
    last = issuer;
  }
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer);
  } catch {
    return false;
  }
}

const factsOf = ({ subject, validTo }: X509Certificate): CertificateFacts => ({
  subject: (subject ?? "").split("\n").join(", "),
  expiresAt: Date.parse(validTo),
});
