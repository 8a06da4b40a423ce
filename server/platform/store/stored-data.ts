/**
 * The version of the plugin's data in the key-value store. An older plugin must not touch newer data (after a
 * downgrade, or on the slower node of a rolling upgrade); a newer plugin upgrades older data, once.
 */

import type { Cluster, KeyValueStore } from "../../runtime/mattermost/index.ts";

/** Raise it, and add a step in main.ts, when stored data changes in a way that an older plugin would misread. */
export const DATA_VERSION = 2;
const KEY = "data/version";

/** Upgrades data of version `n` to version `n + 1`. Each step must be safe to run twice. */
export type Steps = Readonly<Record<number, (kv: KeyValueStore) => Promise<void>>>;

/** Throws when the data belongs to a newer plugin: the activation then fails, and the message contains the cure. */
export async function openStoredData(
  kv: KeyValueStore,
  cluster: Pick<Cluster, "lock">,
  ours: { readonly version: number; readonly steps: Steps },
): Promise<void> {
  if ((await storedVersion(kv, ours.version)) === ours.version) return;
  const lock = await cluster.lock("stored-data");
  try {
    for (let version = await storedVersion(kv, ours.version); version < ours.version; version += 1) {
      await ours.steps[version]?.(kv);
      await kv.set(KEY, JSON.stringify({ version: version + 1 }));
    }
  } finally {
    await lock.release();
  }
}

/** Returns 0 before the first start. */
async function storedVersion(kv: KeyValueStore, ours: number): Promise<number> {
  const stored = await kv.get(KEY);
  if (!stored) return 0;
  const { version } = JSON.parse(new TextDecoder().decode(stored)) as { version: unknown };
  if (typeof version !== "number" || !Number.isSafeInteger(version))
    throw new Error(`${KEY} is not readable`);
  if (version > ours) {
    throw new Error(
      `the stored data belongs to a newer version of this plugin (data version ${version}, this one knows ${ours}); ` +
        "nothing was changed. Install that version again, or a newer one.",
    );
  }
  return version;
}
