/**
 * Creates and removes links. A link is two records, and the store changes one at a time, so each step leaves a state
 * that the next reader understands:
 *
 *   make     account: joining ─▶ person: joining ─▶ account: written again ─▶ person: linked ─▶ account: linked
 *   remove   account: leaving ─▶ sessions end ─▶ person: gone ─▶ account: gone
 *
 * The person's record decides: the link exists from "person: linked" until "person: gone".
 *
 * - The account's entry is written again after the person's record exists. That write fails when another
 * process removed or marked the entry before. A process that does so later finds the person's record and removes that
 * first. So there is never a linked person without an account entry.
 * - Every removal reads the entry, then the person, and then removes exactly the entry that it read.
 * - A removal that stopped halfway is finished by the next reader of the entry. A join that stopped halfway is
 * finished by the person's next sign-in, or removed after a minute.
 */

import {
  type AccountEntry,
  decodePerson,
  type Link,
  type LinkBasis,
  linkOf,
  type PersonKey,
  type PersonRecord,
  samePerson,
} from "./link.ts";
import { type LinkRecords, rounds, type Seen } from "./link-records.ts";

export type Claim =
  | { readonly outcome: "linked"; readonly seen: Seen; readonly created: boolean }
  /** The account belongs to another person. */
  | { readonly outcome: "account_taken" };

/** Longer than any sign-in takes: an older join was left behind by a crash. */
const JOIN_TAKES_MS = 60_000;

export interface LinkPairPorts {
  readonly records: LinkRecords;
  readonly revoke: (sessionIds: readonly string[]) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export class LinkPair {
  readonly #records: LinkRecords;
  readonly #revoke: LinkPairPorts["revoke"];
  readonly #clock: () => number;

  constructor({ records, revoke, clock }: LinkPairPorts) {
    this.#records = records;
    this.#revoke = revoke;
    this.#clock = clock;
  }

  /** Creates the link, or finds the one that another sign-in of the same person created meanwhile. */
  async join(person: PersonKey, userId: string, basis: LinkBasis): Promise<Claim> {
    let claim: Claim | null = null;
    await rounds(async () => {
      claim = await this.#tryToJoin(person, userId, basis);
      return claim !== null;
    });
    return claim ?? { outcome: "account_taken" };
  }

  /** Returns `null` when somebody else changed one of the records meanwhile. */
  async #tryToJoin(person: PersonKey, userId: string, basis: LinkBasis): Promise<Claim | null> {
    const entry = await this.#reserve(person, userId, basis);
    if (!entry) return null;
    if (!samePerson(entry, person)) return { outcome: "account_taken" };

    const joining: PersonRecord = {
      userId,
      linkedAt: this.#clock(),
      basis,
      claim: newClaim(),
      state: "joining",
      epoch: 0,
      sessions: [],
    };
    const found =
      (await this.#records.replacePerson(person, null, joining)) ?? (await this.#records.person(person));
    if (!found) return null;
    const claim = found.record.state === "joining" ? await this.#finish(person, found) : found;
    if (!claim) return null;
    if (claim.record.userId !== userId) await this.#dropEntry(userId, person);
    else if (entry.state) await this.#settle(userId, person);
    return { outcome: "linked", seen: claim, created: claim !== found };
  }

  /**
   * Reserves the account's entry for this person. Returns the stored entry, which is another person's if they have
   * it.
   */
  async #reserve(person: PersonKey, userId: string, basis: LinkBasis): Promise<AccountEntry | null> {
    const wanted: AccountEntry = {
      tenantId: person.tenantId,
      objectId: person.objectId,
      linkedAt: this.#clock(),
      basis,
      claim: newClaim(),
      state: "joining",
    };
    const entry = await this.#records.changeEntry(userId, (now) => now ?? wanted);
    if (entry?.state === "leaving") {
      await this.leave(userId);
      return null;
    }
    if (!entry || samePerson(entry, person)) return entry;
    // Only people of the configured tenant get here, so the organisation has moved to another tenant: the account's
    // owner there can never sign in again. Whether the new person may, the caller has decided as for any first link.
    if (entry.tenantId !== person.tenantId || (await this.#isAbandoned(userId, entry))) {
      await this.leave(userId);
      return null;
    }
    return entry;
  }

  /** Changes joining to linked. Returns `null` when the join was cancelled, or another sign-in finished it. */
  async #finish(person: PersonKey, joining: Seen): Promise<Seen | null> {
    const { userId, linkedAt, basis } = joining.record;
    const entry = await this.#records.changeEntry(userId, (now) =>
      now && samePerson(now, person) && now.state !== "leaving"
        ? { ...now, linkedAt, basis, claim: newClaim() }
        : now,
    );
    if (!entry || !samePerson(entry, person) || entry.state === "leaving") {
      await this.#records.removePerson(person, joining.bytes);
      return null;
    }
    const { state: _, ...linked } = joining.record;
    return this.#records.replacePerson(person, joining.bytes, linked);
  }

  /** Marks the entry as complete, so that lists need not read the person's record any more. */
  async #settle(userId: string, person: PersonKey): Promise<void> {
    await this.#records.changeEntry(userId, (now) => {
      if (now?.state !== "joining" || !samePerson(now, person)) return now;
      const { state: _, ...settled } = now;
      return settled;
    });
  }

  /** Removes the account's link and ends its sessions. Returns the link, or `null` when there was none. */
  async leave(userId: string): Promise<Link | null> {
    const claim = newClaim();
    const entry = await this.#records.changeEntry(userId, (now) =>
      now && now.state !== "leaving" ? { ...now, claim, state: "leaving" } : now,
    );
    if (!entry) return null;
    await this.#endPerson(userId, entry);
    await this.#records.removeEntry(userId, async (now) => isSame(now, entry));
    return linkOf(userId, entry);
  }

  /** Ends the person's sessions and removes their record, as long as this very removal is in progress. */
  async #endPerson(userId: string, leaving: AccountEntry): Promise<void> {
    await rounds(async () => {
      const bytes = await this.#records.personBytes(leaving);
      if (!bytes) return true;
      // Read after the record: if another node has finished this removal, the record may be a new link.
      const now = await this.#records.entry(userId);
      if (!now || !isSame(now, leaving)) return true;
      const record = readable(bytes);
      if (record && record.userId !== userId) return true;
      await this.#revoke(record?.sessions.map(({ id }) => id) ?? []);
      return this.#records.removePerson(leaving, bytes);
    });
  }

  /** Returns the entry as a link, after finishing what was left half done. `null`: there is no link, or not yet. */
  async complete(userId: string, entry: AccountEntry): Promise<Link | null> {
    if (entry.state === "leaving") {
      await this.leave(userId);
      return null;
    }
    if (entry.state === "joining") {
      const bytes = await this.#records.personBytes(entry);
      const record = bytes && readable(bytes);
      if (record?.userId === userId && record.state !== "joining") {
        await this.#settle(userId, entry);
        return linkOf(userId, entry);
      }
      if (await this.#isAbandoned(userId, entry)) await this.leave(userId);
      return null;
    }
    return linkOf(userId, entry);
  }

  /**
   * Whether the person's linked record has its account entry. When it has none, an earlier version lost it during an
   * unlink: the unlink wins, and the person's sessions end.
   */
  async isWhole(person: PersonKey, { bytes, record }: Seen): Promise<boolean> {
    const entry = await this.#records.entry(record.userId);
    if (entry && samePerson(entry, person)) {
      if (entry.state !== "leaving") return true;
      await this.leave(record.userId);
      return false;
    }
    await this.#revoke(record.sessions.map(({ id }) => id));
    await this.#records.removePerson(person, bytes);
    return false;
  }

  /**
   * True for an entry whose person has no link to this account: the join died, or the person took another account.
   */
  async #isAbandoned(userId: string, entry: AccountEntry): Promise<boolean> {
    if (this.#clock() - entry.linkedAt < JOIN_TAKES_MS) return false;
    const bytes = await this.#records.personBytes(entry);
    if (!bytes) return true;
    const record = readable(bytes);
    // An unreadable record may belong to anybody: an admin must remove it.
    return record !== null && (record.userId !== userId || record.state === "joining");
  }

  /** Releases an account that this person reserved and did not get, unless they have it by now. */
  async #dropEntry(userId: string, person: PersonKey): Promise<void> {
    await this.#records.removeEntry(userId, async (entry) => {
      if (!samePerson(entry, person) || entry.state === "leaving") return false;
      return (await this.#records.person(person))?.record.userId !== userId;
    });
  }
}

/** An unreadable record must not become a link that nobody can remove. */
function readable(bytes: Uint8Array): PersonRecord | null {
  try {
    return decodePerson(bytes);
  } catch {
    return null;
  }
}

const newClaim = () => Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("base64url");

const isSame = (one: AccountEntry, other: AccountEntry) =>
  one.state === other.state && one.claim === other.claim && samePerson(one, other);
