import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8,
} from "../../../server/microsoft/subscriptions/incoming/der.ts";

/** PEM texts for a TLS server. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * A certificate authority that lives as long as the sandbox. node:crypto reads certificates but creates none, and a
 * bare Debian has no openssl command, so this encodes the few bytes of X.509 (RFC 5280) itself.
 */
export class Authority {
  /** The authority's own certificate, which clients must trust. */
  readonly certificate: string;
  readonly #name: Uint8Array;
  readonly #key: KeyObject;

  constructor(name: string) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#name = distinguishedName(name);
    this.#key = privateKey;
    this.certificate = this.#sign(this.#name, publicKey, [
      extension("2.5.29.19", true, sequence(boolean(true))), // basicConstraints: CA
      extension("2.5.29.15", true, bitString(new Uint8Array([0x06]), 1)), // keyUsage: keyCertSign, cRLSign
    ]);
  }

  /**
   * Issues a server certificate for host names and IPv4 addresses, in the form that browsers and Bun's fetch accept.
   */
  issue(hosts: readonly string[]): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const names = hosts.map((host) =>
      isIPv4(host)
        ? contextPrimitive(7, new Uint8Array(host.split(".").map(Number)))
        : contextPrimitive(2, Buffer.from(host)),
    );
    const cert = this.#sign(distinguishedName(hosts[0] ?? ""), publicKey, [
      extension("2.5.29.19", true, sequence()),
      extension("2.5.29.15", true, bitString(new Uint8Array([0x80]), 7)), // digitalSignature
      extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))), // extendedKeyUsage: serverAuth
      extension("2.5.29.17", false, sequence(...names)), // subjectAltName
    ]);
    return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
  }

  #sign(subject: Uint8Array, publicKey: KeyObject, extensions: Uint8Array[]): string {
    const algorithm = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
    const now = Date.now();
    const toBeSigned = sequence(
      context(0, integer(new Uint8Array([2]))), // v3
      integer(randomBytes(16).map((byte, i) => (i === 0 ? (byte & 0x7f) | 0x40 : byte))),
      algorithm,
      this.#name,
      sequence(time(new Date(now - 86_400_000)), time(new Date(now + 365 * 86_400_000))),
      subject,
      publicKey.export({ type: "spki", format: "der" }),
      context(3, sequence(...extensions)),
    );
    const der = sequence(toBeSigned, algorithm, bitString(sign("sha256", toBeSigned, this.#key)));
    const lines =
      Buffer.from(der)
        .toString("base64")
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  }
}

const distinguishedName = (commonName: string) => sequence(set(sequence(oid("2.5.4.3"), utf8(commonName))));

const extension = (id: string, critical: boolean, value: Uint8Array) =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
