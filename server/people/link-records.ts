/** Reads and changes the two kinds of records that hold a link. Each change is one compare-and-set. */

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

/** A person's record as it was read; the bytes are what a compare-and-set compares. */
export interface Seen {
  readonly record: PersonRecord;
  readonly bytes: Uint8Array;
}

/** One writer wins each round, so this is also how many may race for one record. */
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

  /** Writes the record where exactly `before` is stored, `null` for no record. `null`: another writer was first. */
  async replacePerson(
    person: PersonKey,
    before: Uint8Array | null,
    record: PersonRecord,
  ): Promise<Seen | null> {
    const bytes = encode(record);
    return (await this.#kv.compareAndSet(personKey(person), before, bytes)) ? { record, bytes } : null;
  }

  /** Removes exactly this record. `false`: another writer was first. */
  removePerson(person: PersonKey, before: Uint8Array): Promise<boolean> {
    return this.#kv.compareAndSet(personKey(person), before, null);
  }

  /** Changes a person's record where there is one. */
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
   * Changes one account's entry; answers what is stored then. `change` gives back the same object where nothing is
   * to change, and `null` to remove the entry.
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
   * Removes an account's entry if `check`, which runs after the entry was read, allows it. A change of the entry
   * during the check makes the whole thing run again.
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

/** Repeats `attempt` until it answers `true`. A writer that lost waits for a moment that grows with every round. */
export async function rounds(attempt: (round: number) => Promise<boolean>): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (await attempt(round)) return;
    const wait = Math.random() * Math.min(50, 2 * (round + 1));
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  throw new Error("too many writers of one link");
}
