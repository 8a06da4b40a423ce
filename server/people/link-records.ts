/** Reads and changes the two kinds of records that make up a link. Each change is one compare-and-set. */

import type { KeyValueStore } from "../runtime/mattermost/index.ts";
import {
  type AccountEntry,
  type AccountsRecord,
  accountsKey,
  decodeAccounts,
  decodePerson,
  encode,
  type PersonKey,
  type PersonRecord,
  personKey,
} from "./link.ts";

export type LinkStorage = Pick<KeyValueStore, "get" | "compareAndSet">;

/** A person's record as it was read, with the bytes for a later compare-and-set. */
export interface Seen {
  readonly record: PersonRecord;
  readonly bytes: Uint8Array;
}

/** One writer wins each round, so this is also the number of writers that may race for one record. */
const MAX_ROUNDS = 200;

export class LinkRecords {
  readonly #kv: LinkStorage;

  constructor(kv: LinkStorage) {
    this.#kv = kv;
  }

  async person(person: PersonKey): Promise<Seen | null> {
    const bytes = await this.personBytes(person);
    return bytes ? { record: decodePerson(bytes), bytes } : null;
  }

  personBytes(person: PersonKey): Promise<Uint8Array | null> {
    return this.#kv.get(personKey(person));
  }

  /**
   * Writes the record if exactly `before` is stored (`null`: no record). Returns `null` when another writer was
   * faster.
   */
  async replacePerson(
    person: PersonKey,
    before: Uint8Array | null,
    record: PersonRecord,
  ): Promise<Seen | null> {
    const bytes = encode(record);
    return (await this.#kv.compareAndSet(personKey(person), before, bytes)) ? { record, bytes } : null;
  }

  /** Removes exactly this record. Returns `false` when another writer was faster. */
  removePerson(person: PersonKey, before: Uint8Array): Promise<boolean> {
    return this.#kv.compareAndSet(personKey(person), before, null);
  }

  /** Changes a person's record if there is one. */
  async changePerson(person: PersonKey, change: (record: PersonRecord) => PersonRecord): Promise<void> {
    await rounds(async () => {
      const seen = await this.person(person);
      if (!seen) return true;
      return (await this.replacePerson(person, seen.bytes, change(seen.record))) !== null;
    });
  }

  async accounts(key: string): Promise<AccountsRecord> {
    const bytes = await this.#kv.get(key);
    return bytes ? decodeAccounts(bytes) : {};
  }

  async entry(userId: string): Promise<AccountEntry | null> {
    return (await this.accounts(accountsKey(userId)))[userId] ?? null;
  }

  /**
   * Changes one account's entry and returns what is then stored. `change` returns the same object to change nothing,
   * and `null` to remove the entry.
   */
  async changeEntry(
    userId: string,
    change: (entry: AccountEntry | null) => AccountEntry | null,
  ): Promise<AccountEntry | null> {
    const key = accountsKey(userId);
    let stored: AccountEntry | null = null;
    await rounds(async () => {
      const bytes = await this.#kv.get(key);
      const { [userId]: before, ...others } = bytes ? decodeAccounts(bytes) : {};
      stored = change(before ?? null);
      if (stored === (before ?? null)) return true;
      const all = stored ? { ...others, [userId]: stored } : others;
      return this.#kv.compareAndSet(key, bytes, Object.keys(all).length === 0 ? null : encode(all));
    });
    return stored;
  }

  /**
   * Removes an account's entry if `check`, which runs after the entry was read, allows it. When the entry changes
   * during the check, everything is repeated.
   */
  async removeEntry(userId: string, check: (entry: AccountEntry) => Promise<boolean>): Promise<void> {
    const key = accountsKey(userId);
    await rounds(async () => {
      const bytes = await this.#kv.get(key);
      const { [userId]: entry, ...others } = bytes ? decodeAccounts(bytes) : {};
      if (!entry || !(await check(entry))) return true;
      return this.#kv.compareAndSet(key, bytes, Object.keys(others).length === 0 ? null : encode(others));
    });
  }
}

/** Repeats `attempt` until it returns `true`. A writer that lost waits for a time that grows with every round. */
export async function rounds(attempt: (round: number) => Promise<boolean>): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (await attempt(round)) return;
    const wait = Math.random() * Math.min(50, 2 * (round + 1));
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  throw new Error("too many writers of one link");
}
