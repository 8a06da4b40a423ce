/**
 * The keys that the plugin keeps in the key-value store. Each owner declares its key families; the store then refuses
 * every other key, so that nothing is stored that the documentation does not list.
 */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";

export interface KeyFamily {
  /** A key belongs to the family when it starts with this. */
  readonly prefix: string;
  /** Describes the content and the ids in it, for an admin who looks into the database. */
  readonly holds: string;
  /** When a record is deleted. */
  readonly until: string;
}

/** Keys of the runtime and the platform, which every product built on them has. */
export const platformKeys: readonly KeyFamily[] = [
  { prefix: "lease_", holds: "which node works on something", until: "seconds after the node stops" },
  { prefix: "job_", holds: "when a job ran last", until: "replaced at the next run" },
  { prefix: "data/version", holds: "the version of the stored data", until: "stays" },
  { prefix: "bot/signing-key", holds: "the key that signs buttons of the bot's posts", until: "stays" },
];

/** A key outside every declared family: a bug in the product, not a fault of the store. */
export class UndeclaredKey extends Error {
  override readonly name = "UndeclaredKey";
}

export interface DeclaredStore extends KeyValueStore {
  /** Called once, when all features are known; until then every key is refused. Throws when prefixes collide. */
  declare(families: readonly KeyFamily[]): void;
}

/** Wraps the store so that it refuses keys that no family declares. */
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
