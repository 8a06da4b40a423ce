import { badRequest } from "./app-error.ts";

/** Longest key that the server accepts, in characters (model.KeyValueKeyMaxRunes). */
const MAX_KEY = 150;

/** PluginKVSetOptions, all optional. */
export interface KvOptions {
  Atomic?: boolean;
  OldValue?: Uint8Array | null;
  ExpireInSeconds?: number;
}

export type KvBackup = readonly (readonly [
  key: string,
  row: { readonly value: Uint8Array; readonly expiresAt: number },
])[];

/** One plugin's rows of the PluginKeyValueStore table, shared by all nodes of a cluster. */
export class KvStore {
  readonly #rows = new Map<string, { value: Uint8Array; expiresAt: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(key: string): Uint8Array | null {
    return this.#live(key)?.value.slice() ?? null;
  }

  /** Answers false if the compare of an atomic write fails. An empty value deletes, as on the server. */
  set(key: string, value: Uint8Array, options: KvOptions = {}): boolean {
    checkKey("PluginKeyValue.IsValid", key);
    const old = options.OldValue && options.OldValue.length > 0 ? options.OldValue : null;
    if (options.Atomic) {
      if (!same(this.#live(key)?.value ?? null, old)) return false;
    } else if (old) {
      throw badRequest("SetPluginKeyWithOptions", "model.plugin_kvset_options.is_valid.old_value.app_error");
    }
    if (value.length === 0) {
      this.#rows.delete(key);
    } else {
      const seconds = options.ExpireInSeconds ?? 0;
      this.#rows.set(key, {
        value: value.slice(),
        expiresAt: seconds > 0 ? this.#now() + seconds * 1000 : 0,
      });
    }
    return true;
  }

  deleteIf(key: string, expected: Uint8Array): boolean {
    checkKey("PluginKeyValue.IsValid", key);
    if (!same(this.#live(key)?.value ?? null, expected)) return false;
    return this.#rows.delete(key);
  }

  delete(key: string): void {
    this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** The rows as a database backup holds them, with their expiry. */
  backup(): KvBackup {
    return [...this.#rows].map(([key, { value, expiresAt }]) => [key, { value: value.slice(), expiresAt }]);
  }

  /** Replaces all rows by those of the backup. */
  restore(backup: KvBackup): void {
    this.#rows.clear();
    for (const [key, row] of backup) this.#rows.set(key, { ...row, value: row.value.slice() });
  }

  /** Sorted by key, without expired rows. */
  keys(): string[] {
    return [...this.#rows.keys()].filter((key) => this.#live(key)).sort();
  }

  #live(key: string): { value: Uint8Array } | undefined {
    const row = this.#rows.get(key);
    if (row && row.expiresAt > 0 && row.expiresAt <= this.#now()) {
      this.#rows.delete(key);
      return undefined;
    }
    return row;
  }
}

function checkKey(where: string, key: string): void {
  if (key === "" || [...key].length > MAX_KEY) {
    throw badRequest(where, "model.plugin_key_value.is_valid.key.app_error", `key=${key}`);
  }
}

function same(left: Uint8Array | null, right: Uint8Array | null): boolean {
  if (left === null || right === null) return left === right;
  return Buffer.compare(left, right) === 0;
}
