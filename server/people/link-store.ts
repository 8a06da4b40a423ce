/** Links and the tab sessions of each, in the key-value store that all nodes share. */

import {
  allAccountsKeys,
  type Link,
  type LinkBasis,
  linkOf,
  type PersonKey,
  samePerson,
  type TabSession,
} from "./link.ts";
import { type Claim, LinkPair } from "./link-pair.ts";
import { LinkRecords, type LinkStorage, rounds, type Seen } from "./link-records.ts";

export type { Claim } from "./link-pair.ts";
export type { LinkStorage, Seen } from "./link-records.ts";

export interface LinkStorePorts {
  readonly kv: LinkStorage;
  /**
   * Revokes sessions. They are revoked before they leave their list: a crash in between may revoke one twice, but
   * never miss one.
   */
  readonly revoke: (sessionIds: readonly string[]) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Returns the account's link from memory, to save a read. A stale one is detected, and the store is read. */
  readonly remembered?: (userId: string) => Promise<Link | undefined>;
}

/**
 * Each host application has its own cookies, so a person has a few sessions; more than this means that a token is
 * replayed.
 */
export const MAX_TAB_SESSIONS = 10;

export class LinkStore {
  readonly #records: LinkRecords;
  readonly #pair: LinkPair;
  readonly #revoke: LinkStorePorts["revoke"];
  readonly #clock: () => number;
  readonly #remembered: NonNullable<LinkStorePorts["remembered"]>;

  constructor({ kv, revoke, clock, remembered }: LinkStorePorts) {
    this.#records = new LinkRecords(kv);
    this.#pair = new LinkPair({ records: this.#records, revoke, clock });
    this.#revoke = revoke;
    this.#clock = clock;
    this.#remembered = remembered ?? (async () => undefined);
  }

  /** Returns the person's link. Half a link is repaired first, and then counts as none. */
  async read(person: PersonKey): Promise<Seen | null> {
    const seen = await this.#records.person(person);
    if (!seen || seen.record.state === "joining") return null;
    const known = await this.#remembered(seen.record.userId);
    if (known && samePerson(known, person)) return seen;
    return (await this.#pair.isWhole(person, seen)) ? seen : null;
  }

  /** Creates the link, or finds the one that another sign-in of the same person created meanwhile. */
  claim(person: PersonKey, userId: string, basis: LinkBasis): Promise<Claim> {
    return this.#pair.join(person, userId, basis);
  }

  /**
   * Records a session of the person, new or kept; ends the oldest when there are too many. Returns `false` when the
   * link was removed, or its sessions were ended, since it was read: the new session must then end too.
   */
  async addSession(person: PersonKey, seen: Seen, session: TabSession): Promise<boolean> {
    let current: Seen | null = seen;
    await rounds(async (round) => {
      if (round > 0) current = await this.#records.person(person);
      if (!current || !isSameLink(current, seen)) {
        current = null;
        return true;
      }
      const now = this.#clock();
      const others = current.record.sessions.filter(({ id }) => id !== session.id);
      const kept = others.filter(({ until }) => until > now).slice(1 - MAX_TAB_SESSIONS);
      await this.#revoke(others.filter((one) => !kept.includes(one)).map(({ id }) => id));
      const next = { ...current.record, sessions: [...kept, session] };
      return (await this.#records.replacePerson(person, current.bytes, next)) !== null;
    });
    return current !== null;
  }

  /** Ends all sessions of the person, including those whose sign-in is in progress. */
  async endSessions(person: PersonKey): Promise<void> {
    let ended: string[] = [];
    await this.#records.changePerson(person, (record) => {
      ended = record.sessions.map(({ id }) => id);
      return { ...record, epoch: record.epoch + 1 };
    });
    await this.#revokeAndForget(person, ended);
  }

  /** Ends the person's expired sessions. */
  async endOverdue(person: PersonKey): Promise<void> {
    const now = this.#clock();
    const sessions = (await this.#records.person(person))?.record.sessions ?? [];
    await this.#revokeAndForget(
      person,
      sessions.filter(({ until }) => until <= now).map(({ id }) => id),
    );
  }

  /** Removes the account's link and ends its sessions. Returns the link, or `null` when there was none. */
  unlink(userId: string): Promise<Link | null> {
    return this.#pair.leave(userId);
  }

  async byAccount(userId: string): Promise<Link | null> {
    const entry = await this.#records.entry(userId);
    return entry && linkOf(userId, entry);
  }

  /** Iterates over all links, record by record, in no particular order. */
  async *all(): AsyncIterable<Link> {
    for (const key of allAccountsKeys) yield* await this.shard(key);
  }

  /** Returns the links in one record of the store (`accountsKey`). */
  async shard(key: string): Promise<Link[]> {
    const links: Link[] = [];
    for (const [userId, entry] of Object.entries(await this.#records.accounts(key))) {
      const link = entry.state ? await this.#pair.complete(userId, entry) : linkOf(userId, entry);
      if (link) links.push(link);
    }
    return links;
  }

  async #revokeAndForget(person: PersonKey, ended: readonly string[]): Promise<void> {
    if (ended.length === 0) return;
    await this.#revoke(ended);
    await this.#records.changePerson(person, (record) => ({
      ...record,
      sessions: record.sessions.filter(({ id }) => !ended.includes(id)),
    }));
  }
}

/** True when the account was not unlinked or linked again, and no sessions were ended, since it was read. */
const isSameLink = (now: Seen, before: Seen) =>
  now.record.userId === before.record.userId &&
  now.record.claim === before.record.claim &&
  now.record.epoch === before.record.epoch;
