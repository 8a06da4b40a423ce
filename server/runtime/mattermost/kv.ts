import type { Api } from "./wire/api.gen.ts";

export interface SetOptions {
  /** The server deletes the key after this many seconds. */
  expireInSeconds?: number;
}

/**
 * The server's key-value store, one per plugin and shared by all nodes of a cluster. Keys have at most 150
 * characters. An empty value looks like an absent key, so it is refused.
 */
export interface KeyValueStore {
  get(key: string): Promise<Uint8Array | null>;
  set(key: string, value: Uint8Array | string, options?: SetOptions): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Writes `next` only when the store still holds `expected`; null means "no such key" on either side. Returns false
   * when another writer was first.
   */
  compareAndSet(
    key: string,
    expected: Uint8Array | null,
    next: Uint8Array | null,
    options?: SetOptions,
  ): Promise<boolean>;
  /**
   * Lists the keys that start with the prefix. All are read before the first is returned, so deleting meanwhile is
   * safe.
   */
  list(prefix: string): AsyncIterable<string>;
  /** The same store with JSON values; `parse` validates a stored value and throws otherwise. */
  json<T>(parse: (value: unknown) => T): JsonStore<T>;
}

export interface JsonStore<T> {
  get(key: string): Promise<T | null>;
  set(key: string, value: T, options?: SetOptions): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Replaces a value by the result of `change`; repeats this when another writer was faster. null from `change`
   * deletes the key. Returns the value that is then stored.
   */
  update(
    key: string,
    change: (current: T | null) => T | null | Promise<T | null>,
    options?: SetOptions,
  ): Promise<T | null>;
}

export type KeyValueApi = Pick<
  Api,
  "kvGet" | "kvSetWithOptions" | "kvDelete" | "kvCompareAndDelete" | "kvList"
>;

/** model.KeyValueKeyMaxRunes. */
const MAX_KEY_CHARACTERS = 150;

/** Keys per KVList call; the server itself has no limit. */
const KEYS_PER_PAGE = 1000;

/** There is jitter between attempts, so this many lost races mean that something else is wrong. */
const MAX_UPDATE_ATTEMPTS = 30;

/** `update` lost the race against other writers too often. */
export class TooMuchContention extends Error {
  override readonly name = "TooMuchContention";
}

export function makeKeyValueStore(api: KeyValueApi): KeyValueStore {
  const store: KeyValueStore = {
    async get(key) {
      const value = await api.kvGet(checkKey(key));
      return value.length === 0 ? null : value;
    },
    async set(key, value, options) {
      await api.kvSetWithOptions(checkKey(key), checkValue(value), expiry(options));
    },
    async delete(key) {
      await api.kvDelete(checkKey(key));
    },
    async compareAndSet(key, expected, next, options) {
      checkKey(key);
      if (next === null)
        return expected === null ? (await store.get(key)) === null : api.kvCompareAndDelete(key, expected);
      return api.kvSetWithOptions(key, checkValue(next), {
        Atomic: true,
        OldValue: expected,
        ...expiry(options),
      });
    },
    async *list(prefix) {
      const keys: string[] = [];
      for (let page = 0; ; page++) {
        const more = await api.kvList(page, KEYS_PER_PAGE);
        for (const key of more) if (key.startsWith(prefix)) keys.push(key);
        if (more.length < KEYS_PER_PAGE) break;
      }
      yield* keys;
    },
    json: (parse) => makeJsonStore(store, parse),
  };
  return store;
}

function makeJsonStore<T>(store: KeyValueStore, parse: (value: unknown) => T): JsonStore<T> {
  const decode = (bytes: Uint8Array | null): T | null =>
    bytes === null ? null : parse(JSON.parse(new TextDecoder().decode(bytes)));
  const encode = (value: T): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return {
    get: async (key) => decode(await store.get(key)),
    set: (key, value, options) => store.set(key, encode(value), options),
    delete: (key) => store.delete(key),
    async update(key, change, options) {
      for (let attempt = 0; attempt < MAX_UPDATE_ATTEMPTS; attempt++) {
        const before = await store.get(key);
        const next = await change(decode(before));
        if (await store.compareAndSet(key, before, next === null ? null : encode(next), options)) return next;
        await Bun.sleep(Math.random() * Math.min(2 ** attempt, 60));
      }
      throw new TooMuchContention(
        `${MAX_UPDATE_ATTEMPTS} attempts to change a value all lost against other writers`,
      );
    },
  };
}

function expiry(options: SetOptions | undefined): { ExpireInSeconds?: number } {
  const seconds = options?.expireInSeconds;
  if (seconds === undefined) return {};
  if (!(seconds > 0)) throw new RangeError("expireInSeconds must be above zero");
  return { ExpireInSeconds: Math.ceil(seconds) };
}

function checkKey(key: string): string {
  if (key === "") throw new RangeError("a key must not be empty");
  if (key.length > MAX_KEY_CHARACTERS && [...key].length > MAX_KEY_CHARACTERS) {
    throw new RangeError(`a key has at most ${MAX_KEY_CHARACTERS} characters`);
  }
  return key;
}

function checkValue(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  if (bytes.length === 0) throw new RangeError("an empty value cannot be distinguished from an absent key");
  return bytes;
}
