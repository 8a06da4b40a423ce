/**
 * Encrypts texts that must not be readable in the store, with AES-256-GCM:
 *
 *   base64url( 1 │ key id, 8 bytes │ IV, 12 bytes │ ciphertext │ tag, 16 bytes )
 *
 * The owner is associated data: a sealed text that is moved to another person's record cannot be opened there.
 */

import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isKeyText } from "./key-text.ts";

export interface SealingKey {
  /** Identifies the key without revealing anything about it. */
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface KeyRing {
  /** Encrypts new values. */
  readonly current: SealingKey;
  /** Decrypts values that were encrypted before a key rotation. */
  readonly previous: SealingKey | null;
}

export type Opened =
  /** `stale`: it was encrypted with the previous key. */
  | { readonly ok: true; readonly text: string; readonly stale: boolean }
  /** `key_unknown`: an admin must restore the key. `damaged`: only this record is unreadable. */
  | { readonly ok: false; readonly why: "key_unknown" | "damaged" };

const FORMAT = 1;
const KEY_BYTES = 32;
const ID_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES + IV_BYTES;

export const newKeyText = (): string => randomBytes(KEY_BYTES).toString("base64");

/** Returns null for anything but 32 bytes in canonical base64. */
export function readKey(text: string): SealingKey | null {
  if (!isKeyText(text)) return null;
  const bytes = Buffer.from(text, "base64");
  const id = createHmac("sha256", bytes).update("mission-collaboration key id").digest();
  return { bytes, id: id.subarray(0, ID_BYTES) };
}

export function seal(text: string, owner: string, { current }: KeyRing): string {
  requireOwner(owner);
  const head = Buffer.concat([Buffer.of(FORMAT), current.id, randomBytes(IV_BYTES)]);
  const cipher = createCipheriv("aes-256-gcm", current.bytes, head.subarray(1 + ID_BYTES));
  cipher.setAAD(associatedData(head, owner));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([head, body, cipher.getAuthTag()]).toString("base64url");
}

export function open(sealed: string, owner: string, ring: KeyRing): Opened {
  requireOwner(owner);
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== FORMAT || bytes.toString("base64url") !== sealed)
    return { ok: false, why: "damaged" };
  const id = bytes.subarray(1, 1 + ID_BYTES);
  const key = [ring.current, ring.previous].find((one) => one && timingSafeEqual(one.id, id));
  if (!key) return { ok: false, why: "key_unknown" };
  const head = bytes.subarray(0, HEAD_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key.bytes, head.subarray(1 + ID_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(head, owner));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
    return { ok: true, text: text.toString("utf8"), stale: key !== ring.current };
  } catch {
    return { ok: false, why: "damaged" };
  }
}

/** Authenticates the header too, so that nobody can relabel a text with another key or format. */
const associatedData = (head: Uint8Array, owner: string) => Buffer.concat([head, Buffer.from(owner, "utf8")]);

function requireOwner(owner: string): void {
  if (owner === "") throw new RangeError("a sealed text needs an owner");
}
