/** Encrypts resource data as Graph does. The test's own code, written from Microsoft's description. */

import {
  constants,
  createCipheriv,
  createHmac,
  type KeyLike,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from "node:crypto";
import type { EncryptedContent } from "../incoming/content.ts";

export interface EncryptOptions {
  readonly certificateId?: string;
  /** The sender's symmetric key; a random one by default. */
  readonly key?: Uint8Array;
  /** Signed instead of the data that is sent. */
  readonly signed?: Uint8Array;
  readonly hmacKey?: Uint8Array;
  readonly oaepHash?: string;
  readonly padding?: number;
}

/** `text` is what Graph would encrypt, normally JSON. */
export function encrypt(
  text: string | Uint8Array,
  publicKey: KeyLike,
  options: EncryptOptions = {},
): EncryptedContent & { readonly encryptionCertificateThumbprint: string } {
  const key = options.key ?? randomBytes(32);
  const cipher = createCipheriv(key.length === 32 ? "aes-256-cbc" : "aes-128-cbc", key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  const wrapped = publicEncrypt(
    {
      key: publicKey as never,
      padding: options.padding ?? constants.RSA_PKCS1_OAEP_PADDING,
      ...(options.padding === undefined && { oaepHash: options.oaepHash ?? "sha1" }),
    },
    key,
  );
  const signature = createHmac("sha256", options.hmacKey ?? key)
    .update(options.signed ?? data)
    .digest();
  return {
    data: data.toString("base64"),
    dataKey: wrapped.toString("base64"),
    dataSignature: signature.toString("base64"),
    encryptionCertificateId: options.certificateId ?? "certificate",
    encryptionCertificateThumbprint: "0000000000000000000000000000000000000000",
  };
}

/** Returns the key of a certificate in the form of `encryptionCertificate`. */
export const certificateKey = (base64: string) =>
  new X509Certificate(Buffer.from(base64, "base64")).publicKey;
