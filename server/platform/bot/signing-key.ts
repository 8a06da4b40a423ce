/** The key that signs buttons and dialogs: made once, shared by all nodes, kept in the key-value store. */

import { randomBytes } from "node:crypto";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

const KEY = "bot/signing-key";
const BYTES = 32;

/** Remembers the key after the first call. */
export function signingKey(kv: Pick<KeyValueStore, "get" | "compareAndSet">): () => Promise<Uint8Array> {
  let known: Promise<Uint8Array> | null = null;
  const read = async () => {
    const stored = await kv.get(KEY);
    if (stored) return checked(stored);
    await kv.compareAndSet(KEY, null, randomBytes(BYTES));
    // Another node may have been first: the stored one is the key.
    return checked(await kv.get(KEY));
  };
  return () => {
    known ??= read().catch((error) => {
      known = null;
      throw error;
    });
    return known;
  };
}

function checked(stored: Uint8Array | null): Uint8Array {
  if (stored?.length !== BYTES) throw new Error("the signing key of buttons is damaged");
  return stored;
}
