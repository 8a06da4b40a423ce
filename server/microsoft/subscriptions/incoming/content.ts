/**
 * Decrypts the resource data of a change notification (docs/facts/microsoft.md 9.3):
 *
 *   dataKey   ─ RSA-OAEP (SHA-1), our private key ─▶ key, 32 bytes
 *   data      ─ HMAC-SHA-256(key, raw bytes)      ─▶ must equal dataSignature, before anything is decrypted
 *   data      ─ AES-256-CBC(key, IV = key[0..16]) ─▶ JSON
 */

import { createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";

export interface EncryptedContent {
  /** All base64. */
  readonly data: string;
  readonly dataKey: string;
  readonly dataSignature: string;
  readonly encryptionCertificateId: string;
}

export type OpenedContent =
  | { readonly ok: true; readonly json: Readonly<Record<string, unknown>> }
  /** `forged`: not encrypted with our key, or not signed by the sender. `malformed`: genuine but unusable. */
  | { readonly ok: false; readonly problem: "forged" | "malformed" };

/** A message of 28 KB encrypts to about 60 KB of base64, an event with 500 attendees to 200 KB. */
export const MAX_DATA_CHARACTERS = 1024 * 1024;
/** The length for RSA 4096. */
export const MAX_KEY_CHARACTERS = 684;
const RSA_OAEP = { name: "RSA-OAEP", hash: "SHA-1" };
const SIGNATURE_BYTES = 32;
const KEY_BYTES = 32;
const BLOCK_BYTES = 16;

/** Imports a private key for `openContent`. `pkcs8` is DER. */
export const importContentKey = (pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("pkcs8", pkcs8, RSA_OAEP, false, ["decrypt"]);

/**
 * Decrypts and verifies. The private-key operation takes half a millisecond or more and runs in a thread of
 * WebCrypto, so that Graph's requests are answered meanwhile.
 */
export async function openContent(content: EncryptedContent, privateKey: CryptoKey): Promise<OpenedContent> {
  const { data: dataText, dataKey: keyText, dataSignature } = content;
  if (dataText.length > MAX_DATA_CHARACTERS || keyText.length > MAX_KEY_CHARACTERS) return bad("malformed");
  const data = fromBase64(dataText);
  const wrapped = fromBase64(keyText);
  const signature = fromBase64(dataSignature);
  if (!data || !wrapped || signature?.length !== SIGNATURE_BYTES) return bad("malformed");
  if (data.length === 0 || data.length % BLOCK_BYTES !== 0) return bad("malformed");

  const key = await unwrap(wrapped, privateKey);
  if (key?.length !== KEY_BYTES) return bad("forged");
  if (!timingSafeEqual(createHmac("sha256", key).update(data).digest(), signature)) return bad("forged");
  try {
    const decipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, BLOCK_BYTES));
    const json: unknown = JSON.parse(utf8.decode(Buffer.concat([decipher.update(data), decipher.final()])));
    const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
    return isObject ? { ok: true, json: json as Record<string, unknown> } : bad("malformed");
  } catch {
    return bad("malformed");
  }
}

const bad = (problem: "forged" | "malformed"): OpenedContent => ({ ok: false, problem });

const utf8 = new TextDecoder("utf-8", { fatal: true });

async function unwrap(wrapped: Uint8Array<ArrayBuffer>, privateKey: CryptoKey): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(RSA_OAEP, privateKey, wrapped));
  } catch {
    return null;
  }
}

/** Buffer skips characters that are not base64; here one value must have exactly one encoding. */
function fromBase64(text: string): Buffer<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Buffer.from(text, "base64");
}
