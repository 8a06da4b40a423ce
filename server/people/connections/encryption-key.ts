/** The key for everything encrypted at rest: made once for the whole cluster, kept in the plugin's settings. */

import type { Config } from "../../microsoft/config/index.ts";
import type { Secret } from "../../platform/settings/secret.ts";
import { type KeyRing, newKeyText, readKey } from "../../platform/store/sealed.ts";
import type { Cluster, Logger } from "../../runtime/mattermost/index.ts";

export interface EncryptionKeyPorts {
  readonly cluster: Pick<Cluster, "lock">;
  /** As stored, secrets in clear. */
  readonly load: () => Promise<unknown>;
  readonly save: (settings: Record<string, unknown>) => Promise<void>;
  readonly log: Pick<Logger, "info" | "error">;
  /** The key that was set before this change of the settings, as far as this process knows. */
  readonly before?: Secret | null;
}

/**
 * Makes the key where there is none. A System Console that was opened before the key was made saves an empty field over
 * it: then the key comes back. An admin who wants another one moves the old one to the field of the previous key.
 * A key that is set is never touched, readable or not: the records that it sealed would be lost.
 * The server has no compare-and-set for settings, so a lock takes its place, and the setting is read again under it.
 */
export async function ensureEncryptionKey({
  before,
  cluster,
  load,
  log,
  save,
}: EncryptionKeyPorts): Promise<void> {
  if (isSet(await load())) return;
  const lock = await cluster.lock("encryption-key");
  try {
    const settings = await load();
    if (isSet(settings)) return;
    const known = before?.reveal();
    const isRotation = known === undefined || settingOf(settings, "encryption_key_previous") === known;
    await save({ ...asRecord(settings), encryption_key: isRotation ? newKeyText() : known });
    log.info(`An encryption key was ${isRotation ? "made" : "put back"} in the plugin's settings`);
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
  const found = settingOf(settings, "encryption_key");
  return found !== undefined && found !== null && found !== "";
}

const settingOf = (settings: unknown, name: string): unknown =>
  Object.entries(asRecord(settings)).find(([key]) => key.toLowerCase() === name)?.[1];
