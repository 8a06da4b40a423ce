/** The key for everything encrypted at rest: created once for the whole cluster, stored in the plugin's settings. */

import type { Config } from "../../microsoft/config/index.ts";
import type { Secret } from "../../platform/settings/secret.ts";
import { type KeyRing, newKeyText, readKey } from "../../platform/store/sealed.ts";
import type { Cluster, Logger } from "../../runtime/mattermost/index.ts";

export interface EncryptionKeyPorts {
  readonly cluster: Pick<Cluster, "lock">;
  /** Loads the stored settings, with secrets in clear text. */
  readonly load: () => Promise<unknown>;
  readonly save: (settings: Record<string, unknown>) => Promise<void>;
  readonly log: Pick<Logger, "info" | "error">;
  /** The key that was set before this change of the settings, if this process knows it. */
  readonly before?: Secret | null;
}

/**
 * Creates the key when there is none. A System Console that was opened before that saves an empty field over it: the
 * key is then restored. An admin who wants another key moves the old one to the field of the previous key. An
 * existing key is never changed, readable or not, because everything sealed with it would be lost. The server has no
 * compare-and-set for settings, so this takes a lock and reads the setting again under it.
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

/** Returns null without a usable key. */
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
