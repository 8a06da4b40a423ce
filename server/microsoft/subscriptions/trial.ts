/**
 * Tests whether resource data can be decrypted now: encrypts a sample with our certificate, as Graph does, and
 * decrypts it.
 */

import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from "node:crypto";
import { type EncryptedContent, openContent } from "./incoming/content.ts";
import type { ContentKeys } from "./incoming/content-keys.ts";

/** `none`: there is no certificate yet. `unreadable`: the current `encryption_key` cannot decrypt the private key. */
export type ContentTrial = "opened" | "none" | "unreadable";

const SAMPLE = JSON.stringify({ id: "sample" });

export async function tryContents(keys: Pick<ContentKeys, "find" | "list">): Promise<ContentTrial> {
  const [newest] = await keys.list();
  if (!newest) return "none";
  const found = await keys.find(newest.id);
  if (!found.found) return "unreadable";
  const certificate = new X509Certificate(Buffer.from(newest.certificate, "base64"));
  const opened = await openContent(encrypted(SAMPLE, certificate, newest.id), found.key);
  return opened.ok && opened.json.id === "sample" ? "opened" : "unreadable";
}

/** The inverse of content.ts. */
function encrypted(text: string, { publicKey }: X509Certificate, id: string): EncryptedContent {
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const dataKey = publicEncrypt({ key: publicKey, padding, oaepHash: "sha1" }, key);
  return {
    data: data.toString("base64"),
    dataKey: dataKey.toString("base64"),
    dataSignature: createHmac("sha256", key).update(data).digest("base64"),
    encryptionCertificateId: id,
  };
}
