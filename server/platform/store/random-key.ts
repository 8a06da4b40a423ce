/** A random key that is created once, shared by all nodes, and kept in the key-value store. */

import { randomBytes } from "node:crypto";
import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

const BYTES = 32;

/** Remembers the key after the first call. Rejects when the stored value is not a key. */
export function randomKey(
  kv: Pick<KeyValueStore, "get" | "compareAndSet">,
  name: string,
): () => Promise<Uint8Array> {
  let known: Promise<Uint8Array> | null = null;
  const checked = (stored: Uint8Array | null): Uint8Array => {
    if (stored?.length !== BYTES) throw new Error(`the key ${name} is damaged`);
    return stored;
  };
  const read = async () => {
    const stored = await kv.get(name);
    if (stored) return checked(stored);
    await kv.compareAndSet(name, null, randomBytes(BYTES));
    // When another node was first, the key is the stored one.
    return checked(await kv.get(name));
  };
  return () => {
    known ??= read().catch((error) => {
      known = null;
      throw error;
    });
    return known;
  };
}
