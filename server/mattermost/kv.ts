export interface SetOptions {
  /** The server forgets the key after this many seconds. */
  expireInSeconds?: number;
}

/**
 * The server's key-value store, one per plugin and shared by all nodes of a cluster. Keys have at most 150
 * characters. An empty value cannot be told from an absent key: it is refused.
 */
export interface KeyValueStore {
  get(key: string): Promise<Uint8Array | null>;
  set(key: string, value: Uint8Array | string, options?: SetOptions): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Writes `next` only where the store still holds `expected`; null is "no such key" on either side.
   * False: another writer was first.
   */
  compareAndSet(
    key: string,
    expected: Uint8Array | null,
    next: Uint8Array | null,
    options?: SetOptions,
  ): Promise<boolean>;
  /** Keys that start with the prefix. All are read before the first is given, so deleting meanwhile is safe. */
  list(prefix: string): AsyncIterable<string>;
  /** The same store with JSON values; `parse` decides what a stored value may look like and throws otherwise. */
  json<T>(parse: (value: unknown) => T): JsonStore<T>;
}

export interface JsonStore<T> {
  get(key: string): Promise<T | null>;
  set(key: string, value: T, options?: SetOptions): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Replaces a value by what `change` makes of it, again and again until no other writer came between.
   * null from `change` deletes the key. Answers what is stored now.
   */
  update(
    key: string,
    change: (current: T | null) => T | null | Promise<T | null>,
    options?: SetOptions,
  ): Promise<T | null>;
}
