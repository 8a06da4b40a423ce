/**
 * RSA key pairs of the stand-ins. Generating a pair takes 50 to 500 ms of processor time, and a run of the unit tests
 * needs hundreds. Under `bun test` a named pair is therefore generated once per checkout and kept in `.cache`;
 * everywhere else, including the sandbox, it is new each time.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const DIRECTORY = join(import.meta.dir, "../../../.cache/test-keys");

/** In tests, the same name gives the same pair, so two parties of one test need two names. */
export function rsaKeyPair(name: string, bits = 2048): KeyPair {
  if (process.env.NODE_ENV !== "test") return newRsaKeyPair(bits);
  const path = join(DIRECTORY, `${name.replaceAll(" ", "-")}-${bits}.pem`);
  const kept = read(path);
  if (kept) return kept;
  const made = newRsaKeyPair(bits);
  keep(path, made.privateKey);
  // Another process may have been faster; its key is the one that stays.
  return read(path) ?? made;
}

export const newRsaKeyPair = (bits = 2048): KeyPair => generateKeyPairSync("rsa", { modulusLength: bits });

function read(path: string): KeyPair | null {
  try {
    const privateKey = createPrivateKey(readFileSync(path));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch {
    return null;
  }
}

/**
 * Writes the whole file or nothing. A checkout that is not writable generates its keys each time.
 */
function keep(path: string, privateKey: KeyObject): void {
  try {
    mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    renameSync(draft, path);
  } catch {}
}
