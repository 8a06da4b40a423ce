/**
 * Which keys the plugin keeps in the key-value store. Each owner declares its families; a store that is opened with
 * them refuses every other key, so that nothing is stored which the documents do not list.
 */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

export interface KeyFamily {
  /** A key belongs to the family when it begins like this. */
  readonly prefix: string;
  /** For an admin who looks into the database: content, and the ids in it. */
  readonly holds: string;
  /** When a record goes away. */
  readonly until: string;
}

/** Of the runtime and of the platform, which every product on them has. */
export const platformKeys: readonly KeyFamily[] = [
  { prefix: "lease_", holds: "which node works on something", until: "seconds after the node stops" },
  { prefix: "job_", holds: "when a job ran last", until: "replaced at the next run" },
  { prefix: "data/version", holds: "the version of the stored data", until: "stays" },
  { prefix: "bot/signing-key", holds: "the key that signs buttons of the bot's posts", until: "stays" },
];

/** A key outside every declared family: a mistake in the product, never the store's fault. */
export class UndeclaredKey extends Error {
  override readonly name = "UndeclaredKey";
}

export interface DeclaredStore extends KeyValueStore {
  /** Once, when all features are known; before that every key is refused. Throws where prefixes collide. */
  declare(families: readonly KeyFamily[]): void;
}

/** The same store; a key that no family declares is refused. */
export function declaredStore(kv: KeyValueStore): DeclaredStore {
  let prefixes: readonly string[] = [];
  const check = (key: string) => {
    if (!prefixes.some((prefix) => key.startsWith(prefix)))
      throw new UndeclaredKey(`no key family declares ${key.replace(/[^a-z/_.].*$/i, "…")}`);
    return key;
  };
  return {
    ...kv,
    get: async (key) => kv.get(check(key)),
    set: async (key, value, options) => kv.set(check(key), value, options),
    delete: async (key) => kv.delete(check(key)),
    compareAndSet: async (key, expected, next, options) =>
      kv.compareAndSet(check(key), expected, next, options),
    declare(families) {
      prefixes = families.map(({ prefix }) => prefix);
      for (const [index, prefix] of prefixes.entries()) {
        const twin = prefixes.find((other, at) => at !== index && other.startsWith(prefix));
        if (twin !== undefined) throw new Error(`two key families share the prefix ${prefix}`);
      }
    },
  };
}
