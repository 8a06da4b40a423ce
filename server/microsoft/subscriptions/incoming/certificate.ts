/**
 * Creates the certificate whose key Graph uses to encrypt resource data (docs/facts/microsoft-chat.md 3.5).
 *
 * Graph accepts any self-signed RSA certificate of 2048 to 4096 bits and uses only its key. node:crypto can read
 * certificates but not create them, and the libraries that can weigh 300 KB and more, so this module writes the one
 * form that we need (RFC 5280, 4.1).
 */

import { generateKeyPair, type KeyObject, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";
import { bitString, boolean, context, integer, octetString, oid, sequence, set, time, utf8 } from "./der.ts";

export interface MadeCertificate {
  /** Base64 of the X.509 DER, as Graph expects it in `encryptionCertificate`. */
  readonly certificate: string;
  /** PKCS #8, DER. */
  readonly privateKey: Uint8Array;
}

export type NewKeyPair = () => Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }>;

const MODULUS_BITS = 2048;
/** Longer than any key is in use (see content-keys.ts); nobody checks it. */
const VALID_DAYS = 3 * 365;
/** The start of the validity is moved back by this much, because clocks differ. */
const BACKDATED_MS = 24 * 3_600_000;
const SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
const NULL = new Uint8Array([0x05, 0x00]);

/** Runs in the thread pool, because creating a key takes up to half a second. */
const newKeyPair: NewKeyPair = () => promisify(generateKeyPair)("rsa", { modulusLength: MODULUS_BITS });

export async function makeCertificate(
  commonName: string,
  now: number,
  keyPair: NewKeyPair = newKeyPair,
): Promise<MadeCertificate> {
  const { publicKey, privateKey } = await keyPair();
  const algorithm = sequence(oid(SHA256_WITH_RSA), NULL);
  const name = sequence(set(sequence(oid("2.5.4.3"), utf8(commonName))));
  const toBeSigned = sequence(
    context(0, integer(new Uint8Array([2]))), // v3
    integer(serialNumber()),
    algorithm,
    name,
    sequence(time(new Date(now - BACKDATED_MS)), time(new Date(now + VALID_DAYS * 24 * 3_600_000))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    context(
      3,
      sequence(
        extension("2.5.29.19", sequence()), // basicConstraints: no CA
        extension("2.5.29.15", bitString(new Uint8Array([0x20]), 5)), // keyUsage: keyEncipherment
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  return {
    certificate: Buffer.from(sequence(toBeSigned, algorithm, bitString(signature))).toString("base64"),
    privateKey: new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" })),
  };
}

/** A positive number of full length, so that DER needs no leading zero. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

const extension = (id: string, value: Uint8Array) => sequence(oid(id), boolean(true), octetString(value));
