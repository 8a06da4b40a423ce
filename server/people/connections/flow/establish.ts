/**
 * Creates a connection from tokens that Entra has just issued to a verified person, in the code flow or from the tab:
 *
 *   account rules ─▶ address ─▶ seat ─▶ list entry ─▶ link ─▶ the person's record
 *
 * When it stops halfway, the person's next attempt finishes it: the record is written last.
 */

import type { ConfigSource } from "../../../microsoft/config/index.ts";
import type { DelegatedTokens } from "../../../microsoft/entra/delegated-tokens.ts";
import type { EntraPerson } from "../../../microsoft/entra/entra-person.ts";
import { accountsSettings, signInSettings } from "../../../platform/settings/index.ts";
import { type KeyRing, seal } from "../../../platform/store/sealed.ts";
import type { User } from "../../../runtime/mattermost/index.ts";
import { type Link, type LinkBasis, type PersonKey, samePerson } from "../../link.ts";
import { isBotAccount } from "../bot-account/bot-record.ts";
import { type Connection, ownerOf } from "../connection.ts";
import type { ConnectionStore } from "../connection-store.ts";
import type { SeatKeeper } from "../seats/seats.ts";
import { randomText } from "./flow-states.ts";
import { heldBy } from "./holder.ts";
import { type Ending, ending, outage } from "./outcomes.ts";

/** The part of the links that connecting needs. */
export interface ConnectionLinks {
  readonly store: {
    byAccount(userId: string): Promise<Link | null>;
    read(person: PersonKey): Promise<{
      readonly record: { readonly userId: string; readonly sessions: readonly { readonly until: number }[] };
    } | null>;
    claim(
      person: PersonKey,
      userId: string,
      basis: LinkBasis,
    ): Promise<
      | {
          readonly outcome: "linked";
          readonly seen: { readonly record: { readonly userId: string } };
          readonly created: boolean;
        }
      | { readonly outcome: "account_taken" }
    >;
  };
  changed(userId: string): void;
  unlink(userId: string): Promise<boolean>;
}

/** Reads the directory's data about the token's person. */
export type ReadAddresses = (
  accessToken: string,
) => Promise<
  { readonly objectId: string; readonly addresses: readonly string[] } | "unreachable" | "refused"
>;

export interface EstablishPorts {
  readonly config: Pick<ConfigSource, "current">;
  readonly store: ConnectionStore;
  readonly links: ConnectionLinks;
  readonly seats: SeatKeeper;
  readonly readAddresses: ReadAddresses;
  /** Returns null for somebody whom the server does not know. */
  readonly user: (userId: string) => Promise<User | null>;
  readonly clock: () => number;
}

export interface Candidate {
  readonly user: User;
  readonly person: EntraPerson;
  readonly tokens: DelegatedTokens;
  readonly ring: KeyRing;
}

export type Established =
  | { readonly ok: true; readonly connection: Connection }
  | { readonly ok: false; readonly ending: Ending };

export async function establish(ports: EstablishPorts, candidate: Candidate): Promise<Established> {
  const { links, seats, store, clock } = ports;
  const { person, ring, tokens, user } = candidate;
  const { section } = ports.config.current;
  if (person.guest && !section(signInSettings).allow_guests) return no("microsoft_guest");
  if (tokens.refreshToken === null) return no("no_offline", "no refresh token");

  const link = await links.store.byAccount(user.Id);
  // A link of another tenant is left over from a move of the organisation, and claiming replaces it.
  if (link?.tenantId === person.tenantId && !samePerson(link, person)) return no("linked_elsewhere");
  const holder = await links.store.read(person);
  if (holder && holder.record.userId !== user.Id)
    return { ok: false, ending: await heldBy(holder.record.userId, ports.user) };

  if (await isBotAccount(store, person)) return no("account_is_bot");

  const known = await addresses(ports, candidate);
  if ("outcome" in known) return { ok: false, ending: known };
  const fits = known.all.some((address) => fold(address) === fold(user.Email));
  if (!holder && !fits && !section(accountsSettings).connect_different_email) {
    const there = known.all[0] ?? "";
    return { ok: false, ending: { ...ending("other_address"), names: { here: user.Email, there } } };
  }

  const seat = await seats.take(user);
  if (seat.refusal) return no(seat.refusal);
  const before = (await store.read(user.Id))?.connection;
  const entry = await store.entries.get(user.Id);
  const hadMadeLink = before?.madeLink ?? entry?.madeLink ?? false;
  const now = clock();
  const account = known.all[0] ?? person.displayName;
  // The entry is written before the link, so that the upkeep finds what an interrupted attempt left behind.
  await store.entries.set(user.Id, {
    objectId: person.objectId,
    account,
    since: now,
    ...(hadMadeLink || !holder ? { madeLink: true as const } : {}),
    ...(entry?.usedOn === undefined ? {} : { usedOn: entry.usedOn }),
  });
  const claim = await links.store.claim(person, user.Id, fits ? known.basis : "connected");
  const giveUp = async (refusal: Established) => {
    if (entry) await store.entries.set(user.Id, entry);
    else await store.entries.delete(user.Id);
    if (seat.isNew) await seats.giveBack(user.Id);
    return refusal;
  };
  if (claim.outcome !== "linked") return giveUp(no("linked_elsewhere", "at the same moment"));
  const { userId } = claim.seen.record;
  if (userId !== user.Id) return giveUp({ ok: false, ending: await heldBy(userId, ports.user) });
  // An admin may have made it the bot at the same moment (bot-account.ts).
  if (await isBotAccount(store, person)) {
    if (claim.created) await links.unlink(user.Id);
    return giveUp(no("account_is_bot"));
  }
  if (claim.created) links.changed(user.Id);

  const connection: Connection = {
    v: 1,
    id: randomText(),
    tenantId: person.tenantId,
    objectId: person.objectId,
    account,
    since: now,
    scopes: [...tokens.scopes],
    sealed: seal(tokens.refreshToken, ownerOf(user.Id), ring),
    takenAt: now,
    // Only a link that the connection created is removed with it.
    madeLink: claim.created || hadMadeLink,
    isNew: true,
    ...(before?.noticeAt === undefined ? {} : { noticeAt: before.noticeAt }),
    ...(before?.lost && before.noticePost !== undefined ? { noticePost: before.noticePost } : {}),
  };
  // Another node may refresh the previous connection at the same moment: the new one wins.
  for (let attempt = 0; !(await store.replace(user.Id, connection)); attempt += 1)
    if (attempt === 20) throw new Error("too many writers of one connection");
  return { ok: true, connection };
}

const no = (outcome: Ending["outcome"], detail = ""): Established => ({
  ok: false,
  ending: ending(outcome, detail),
});

/** Uses the directory's addresses when it can be read, and the signed claims when it refuses. */
async function addresses(
  { readAddresses }: EstablishPorts,
  { person, tokens }: Candidate,
): Promise<{ readonly all: readonly string[]; readonly basis: LinkBasis } | Ending> {
  const answer = await readAddresses(tokens.accessToken);
  if (answer === "unreachable") return outage("graph /me");
  if (answer === "refused") return { all: person.addresses, basis: "token" };
  if (answer.objectId !== person.objectId)
    return ending("token_invalid", "the access token is another person's");
  return { all: answer.addresses, basis: "directory" };
}

/** Folds ASCII letters only: other case rules make different addresses equal (`ı`, `ſ`, the Kelvin sign). */
const fold = (address: string) => address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
