/** The key for everything encrypted at rest: made once for the whole cluster, kept in the plugin's settings. */

import type { Config } from "../../microsoft/config/index.ts";
import { type KeyRing, newKeyText, readKey } from "../../platform/store/sealed.ts";
import type { Cluster, Logger } from "../../runtime/mattermost/index.ts";

export interface EncryptionKeyPorts {
  readonly cluster: Pick<Cluster, "lock">;
  /** As stored, secrets in clear. */
  readonly load: () => Promise<unknown>;
  readonly save: (settings: Record<string, unknown>) => Promise<void>;
  readonly log: Pick<Logger, "info" | "error">;
}

/**
 * Makes the key where there is none. A key that is set is never touched, readable or not: what it sealed would be lost.
 * The server has no compare-and-set for settings, so a lock takes its place, and the setting is read again under it.
 */
export async function ensureEncryptionKey({ cluster, load, log, save }: EncryptionKeyPorts): Promise<void> {
  if (isSet(await load())) return;
  const lock = await cluster.lock("encryption-key");
  try {
    const settings = await load();
    if (isSet(settings)) return;
    await save({ ...asRecord(settings), encryption_key: newKeyText() });
    log.info("An encryption key was made and saved in the plugin's settings");
  } catch (error) {
    log.error("The encryption key could not be saved; connected accounts stay off", { error: String(error) });
  } finally {
    await lock.release();
  }
}

/** null without a usable key. */
export function keyRingOf({ encryption }: Pick<Config, "encryption">): KeyRing | null {
  const current = encryption && readKey(encryption.current.reveal());
  if (!current) return null;
  return { current, previous: encryption.previous && readKey(encryption.previous.reveal()) };
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

function isSet(settings: unknown): boolean {
  const found = Object.entries(asRecord(settings)).find(
    ([key]) => key.toLowerCase() === "encryption_key",
  )?.[1];
  return found !== undefined && found !== null && found !== "";
}
