/** Links in the key-value store that all nodes share. Every change is a compare-and-set; see link.ts. */

import type { KeyValueStore } from "../runtime/mattermost/index.ts";
import {
  type AccountsRecord,
  accountsKey,
  allAccountsKeys,
  decodeAccounts,
  decodePerson,
  encode,
  type Link,
  type LinkBasis,
  type PersonKey,
  type PersonRecord,
  personKey,
  type TabSession,
} from "./link.ts";

export type LinkStorage = Pick<KeyValueStore, "get" | "compareAndSet">;

/** A person's record as it was read; the bytes are what a compare-and-set compares. */
export interface Seen {
  readonly record: PersonRecord;
  readonly bytes: Uint8Array;
}

export type Claim =
  | { readonly outcome: "linked"; readonly seen: Seen; readonly created: boolean }
  /** The account is another person's. */
  | { readonly outcome: "account_taken" };

/** Each host application is a cookie jar of its own; beyond that somebody replays a token. */
export const MAX_TAB_SESSIONS = 10;
/** Longer than any sign-in takes: an older claim without a link was left behind by a crash. */
const CLAIM_SETTLES_MS = 60_000;
/** One writer wins each round, so this is also how many may race for one record. */
const MAX_ROUNDS = 200;

export class LinkStore {
  readonly #kv: LinkStorage;
  readonly #revoke: (sessionIds: readonly string[]) => Promise<void>;
  readonly #clock: () => number;

  /** Sessions are revoked before they leave their list: a crash in between may end one twice, never lose one. */
  constructor(
    kv: LinkStorage,
    revoke: (sessionIds: readonly string[]) => Promise<void>,
    clock: () => number,
  ) {
    this.#kv = kv;
    this.#revoke = revoke;
    this.#clock = clock;
  }

  async read(person: PersonKey): Promise<Seen | null> {
    const bytes = await this.#kv.get(personKey(person));
    return bytes ? { record: decodePerson(bytes), bytes } : null;
  }

  /** Makes the link, or finds the one that another sign-in of the same person made meanwhile. */
  async claim(person: PersonKey, userId: string, basis: LinkBasis): Promise<Claim> {
    const linkedAt = this.#clock();
    const link: Link = { userId, tenantId: person.tenantId, objectId: person.objectId, linkedAt, basis };
    if (!(await this.#claimAccount(link))) return { outcome: "account_taken" };

    const record: PersonRecord = { userId, linkedAt, basis, epoch: 0, sessions: [] };
    const bytes = encode(record);
    if (await this.#kv.compareAndSet(personKey(person), null, bytes))
      return { outcome: "linked", seen: { record, bytes }, created: true };

    const existing = await this.read(person);
    if (!existing) return this.claim(person, userId, basis);
    if (existing.record.userId !== userId) await this.#releaseAccount(userId, person);
    return { outcome: "linked", seen: existing, created: false };
  }

  /**
   * Notes a session of the person; ends the one it replaces, and the oldest where there are too many.
   * `false`: the link is gone or its sessions were ended since it was read, so the new one must end too.
   */
  async addSession(
    person: PersonKey,
    seen: Seen,
    session: TabSession,
    replaces: string | null,
  ): Promise<boolean> {
    let current = seen;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const now = this.#clock();
      const others = current.record.sessions.filter(({ id }) => id !== replaces);
      const kept = others.filter(({ until }) => until > now).slice(1 - MAX_TAB_SESSIONS);
      await this.#revoke(current.record.sessions.filter((one) => !kept.includes(one)).map(({ id }) => id));
      const next = encode({ ...current.record, sessions: [...kept, session] });
      if (await this.#kv.compareAndSet(personKey(person), current.bytes, next)) return true;
      await pause(round);
      const fresh = await this.read(person);
      if (fresh?.record.userId !== seen.record.userId || fresh.record.epoch !== seen.record.epoch)
        return false;
      current = fresh;
    }
    throw new Error("too many writers of one link");
  }

  /** Ends all sessions of the person, those included whose sign-in is under way. */
  async endSessions(person: PersonKey): Promise<void> {
    let ended: string[] = [];
    await this.#change(personKey(person), (bytes) => {
      if (!bytes) return null;
      const record = decodePerson(bytes);
      ended = record.sessions.map(({ id }) => id);
      return encode({ ...record, epoch: record.epoch + 1 });
    });
    await this.#revokeAndForget(person, ended);
  }

  /** Ends the sessions of the person that are past their time. */
  async endOverdue(person: PersonKey): Promise<void> {
    const now = this.#clock();
    const sessions = (await this.read(person))?.record.sessions ?? [];
    await this.#revokeAndForget(
      person,
      sessions.filter(({ until }) => until <= now).map(({ id }) => id),
    );
  }

  /** Removes the account's link and ends its sessions; answers it, or `null` where there is none. */
  async unlink(userId: string): Promise<Link | null> {
    const link = await this.byAccount(userId);
    if (!link) return null;
    await this.#removePerson(link, userId);
    await this.#releaseAccount(userId, link);
    return link;
  }

  async byAccount(userId: string): Promise<Link | null> {
    const entry = (await this.#accounts(accountsKey(userId)))[userId];
    return entry ? { userId, ...entry } : null;
  }

  /** All links, one store record after the other, in no order. */
  async *all(): AsyncIterable<Link> {
    for (const key of allAccountsKeys) yield* await this.shard(key);
  }

  /** The links whose accounts live in this record of the store (`accountsKey`). */
  async shard(key: string): Promise<Link[]> {
    return Object.entries(await this.#accounts(key)).map(([userId, entry]) => ({ userId, ...entry }));
  }

  /** Ends the person's sessions and the half of the link that says which account is theirs. */
  #removePerson(person: PersonKey, userId: string): Promise<void> {
    return this.#change(personKey(person), async (bytes) => {
      if (!bytes) return null;
      const record = readable(bytes);
      if (record && record.userId !== userId) return bytes;
      // Should a sign-in come between, the record is another one, and this is done once more.
      await this.#revoke(record?.sessions.map(({ id }) => id) ?? []);
      return null;
    });
  }

  async #revokeAndForget(person: PersonKey, ended: readonly string[]): Promise<void> {
    if (ended.length === 0) return;
    await this.#revoke(ended);
    await this.#change(personKey(person), (bytes) => {
      if (!bytes) return null;
      const record = decodePerson(bytes);
      return encode({ ...record, sessions: record.sessions.filter(({ id }) => !ended.includes(id)) });
    });
  }

  async #accounts(key: string): Promise<AccountsRecord> {
    const bytes = await this.#kv.get(key);
    return bytes ? decodeAccounts(bytes) : {};
  }

  async #claimAccount(link: Link): Promise<boolean> {
    const { userId, ...entry } = link;
    let claimed = false;
    await this.#change(accountsKey(userId), async (bytes) => {
      const accounts = bytes ? decodeAccounts(bytes) : {};
      const holder = accounts[userId];
      claimed = !holder || samePerson(holder, link) || (await this.#isOver(userId, holder, link));
      if (!claimed || (holder && samePerson(holder, link))) return bytes;
      return encode({ ...accounts, [userId]: entry });
    });
    return claimed;
  }

  /** Whether the holder's claim counts no more. */
  async #isOver(userId: string, holder: AccountsRecord[string], by: Link): Promise<boolean> {
    if (holder.tenantId === by.tenantId) return this.#isAbandoned(userId, holder);
    // Only people of the configured tenant get here, so the organisation has moved to another one: the account's
    // owner there can never sign in again. Whether the new one may, the caller has decided as for any first link.
    await this.#removePerson(holder, userId);
    return true;
  }

  /** A claim whose person has no link to this account: its maker died, or took another account. */
  async #isAbandoned(userId: string, holder: AccountsRecord[string]): Promise<boolean> {
    if (this.#clock() - holder.linkedAt < CLAIM_SETTLES_MS) return false;
    return (await this.read(holder))?.record.userId !== userId;
  }

  async #releaseAccount(userId: string, person: PersonKey): Promise<void> {
    await this.#change(accountsKey(userId), (bytes) => {
      if (!bytes) return null;
      const { [userId]: holder, ...others } = decodeAccounts(bytes);
      if (!holder || !samePerson(holder, person)) return bytes;
      return Object.keys(others).length === 0 ? null : encode(others);
    });
  }

  async #change(
    key: string,
    change: (bytes: Uint8Array | null) => Uint8Array | null | Promise<Uint8Array | null>,
  ): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const bytes = await this.#kv.get(key);
      const next = await change(bytes);
      if (next === bytes || (await this.#kv.compareAndSet(key, bytes, next))) return;
      await pause(round);
    }
    throw new Error(`too many writers of ${key}`);
  }
}

const samePerson = (one: PersonKey, other: PersonKey) =>
  one.tenantId === other.tenantId && one.objectId === other.objectId;

/** An unreadable record must not be a link that nobody can remove. */
function readable(bytes: Uint8Array): PersonRecord | null {
  try {
    return decodePerson(bytes);
  } catch {
    return null;
  }
}

/** Losers of a race step aside for a moment that grows with every lost round. */
const pause = (round: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50, 2 * (round + 1))));
