/**
 * Gives a verified person of Entra a session of Mattermost:
 *
 *   policies for the person ─▶ link ─┬─ exists ───────────────────────────┬─▶ policies for the account
 *                                    └─ none: address ─▶ account ─▶ claim ┘   ─▶ session ─▶ recorded in the link
 *
 * The link is read before the account, and the session is recorded after it was created, by compare-and-set with what
 * was read: an unlink or a deactivation in between wins, and the new session ends at once.
 */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { EntraPerson } from "../../microsoft/entra/entra-person.ts";
import type { Directory } from "../../people/directory.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import type { LinkBasis } from "../../people/link.ts";
import type { LinkStore, Seen } from "../../people/link-store.ts";
import type { ServerRulesSource } from "../../people/server-rules.ts";
import {
  createTabSession,
  type NewSession,
  previousSession,
  revoke,
  type SessionApi,
} from "../../people/tab-session.ts";
import type { ErrorCode } from "../../platform/errors.ts";
import { type Settings, signInSettings } from "../../platform/settings/index.ts";
import type { Api, Logger } from "../../runtime/mattermost/index.ts";
import {
  type Account,
  chooseAccount,
  foldAddress,
  type Policies,
  type Refusal,
  refusals,
  refuseAccount,
  refuseFirstLink,
  refusePerson,
} from "./admission.ts";
import type { Provisioner } from "./provision.ts";
import type { PersonName } from "./username.ts";

export type AccountApi = Pick<Api, "getUser" | "getUserByEmail">;

export interface SignInRequest {
  readonly person: EntraPerson;
  /** Used to look the person up in the directory on their behalf, at the first sign-in only. */
  readonly token: string;
  readonly userAgent: string;
  /** The browser's current session, as the server sees it: kept if it is alive and belongs to the same person. */
  readonly previousSessionId: string | null;
}

export type Admission =
  | {
      readonly ok: true;
      readonly session: NewSession;
      readonly linked: LinkBasis | null;
      /** True when the browser's session was kept. */
      readonly kept: boolean;
    }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly reason: Refusal;
      /** The account concerned, if one was found. */
      readonly userId: string | null;
      readonly detail: string;
    };

export interface SignInPorts {
  readonly config: ConfigSource;
  readonly api: AccountApi & SessionApi;
  readonly links: LinkStore;
  readonly rules: ServerRulesSource;
  readonly directory: Directory;
  readonly provisioner: Provisioner;
  readonly log: Pick<Logger, "warn">;
  readonly clock: () => number;
  /** Called when a link was created. */
  readonly onLinked: (userId: string) => void;
}

export async function signIn(ports: SignInPorts, request: SignInRequest): Promise<Admission> {
  const { config, links } = ports;
  const { person } = request;
  const policies = config.current.section(signInSettings);
  const refused = refusePerson(person, policies);
  if (refused) return refuse(refused);

  const seen = await links.read(person);
  const known = seen && (await foundOrNull(ports.api.getUser(seen.record.userId)));
  if (seen && known) return admit(ports, request, { seen, account: known, linked: null });
  // The account was deleted permanently: the link protects nothing any more.
  if (seen) await links.unlink(seen.record.userId);

  const first = await linkFirst(ports, request, policies);
  return "ok" in first ? first : admit(ports, request, first);
}

/**
 * Creates a session for somebody who signed in to Mattermost itself, with all its requirements. No link is created or
 * needed: the account's own rules apply, and the server ends the session with the account.
 */
export async function signInAs(
  { api, clock, config, rules }: SignInPorts,
  request: Omit<SignInRequest, "person" | "token"> & { readonly userId: string },
): Promise<Admission> {
  const account = await foundOrNull(api.getUser(request.userId));
  if (!account) return refuse("no_account");
  if (account.IsBot || account.RemoteId) return refuse("bot", account.Id);
  if (account.DeleteAt !== 0) return refuse("deactivated", account.Id);
  const rule = {
    rules: await rules.current(),
    settings: config.current.section(signInSettings),
    now: clock(),
  };
  const previous = await previousSession(api, request.previousSessionId, account, rule);
  if (previous.is === "kept") return { ok: true, session: previous.session, linked: null, kept: true };
  const session = await createTabSession(api, account, rule, request.userAgent);
  if (previous.is === "over") await revoke(api, [previous.id]);
  return { ok: true, session, linked: null, kept: false };
}

interface Linked {
  readonly seen: Seen;
  readonly account: Account;
  /** The basis of the link, if this sign-in created it. */
  readonly linked: LinkBasis | null;
}

async function admit(ports: SignInPorts, request: SignInRequest, found: Linked): Promise<Admission> {
  const { api, clock, config, links, rules } = ports;
  const { person } = request;
  const { account, linked, seen } = found;
  const settings = config.current.section(signInSettings);
  const refused = refuseAccount(account, person, seen.record.basis, settings);
  if (refused) return refuse(refused, account.Id);

  const rule = { rules: await rules.current(), settings, now: clock() };
  const previous = await previousSession(api, request.previousSessionId, account, rule);
  const kept = previous.is === "kept";
  const session = kept ? previous.session : await createTabSession(api, account, rule, request.userAgent);
  const noted = await note();
  if (!noted) {
    await revoke(api, [session.id]);
    return refuse("ended_meanwhile", account.Id);
  }
  if (previous.is === "over")
    await revoke(api, [previous.id]).catch((error: unknown) =>
      ports.log.warn("An earlier session of the tab could not be ended", { error: String(error) }),
    );
  return { ok: true, session, linked, kept };

  /** A session that is in no list could not be ended later, so it ends now. */
  async function note() {
    try {
      return await links.addSession(person, seen, { id: session.id, until: session.until });
    } catch (error) {
      await revoke(api, [session.id]);
      throw error;
    }
  }
}

/** Finds the account by the person's address, or creates one, and claims it. */
async function linkFirst(
  ports: SignInPorts,
  { person, token }: SignInRequest,
  policies: Policies & Pick<Settings, "provision_accounts">,
): Promise<Linked | Refused> {
  const known = await whoIsIt(ports, person, token, policies);
  if ("ok" in known) return known;

  const choice = chooseAccount(await accountsOf(ports.api, known.addresses));
  let account: Account;
  let basis: LinkBasis = known.basis;
  if ("account" in choice) {
    account = choice.account;
    const open = (await ports.rules.current()).openSignUp;
    const refused =
      refuseAccount(account, person, basis, policies) ?? refuseFirstLink(account, policies, open);
    if (refused) return refuse(refused, account.Id);
  } else if (choice.refusal === "no_account" && policies.provision_accounts) {
    const made = await ports.provisioner.provision(person, known.addresses, known.name);
    if (!made.ok) return refuse("provisioning_failed", null, made.why);
    account = made.account;
    basis = "provisioned";
  } else {
    return refuse(choice.refusal, null, `by ${known.basis}`);
  }

  const claim = await ports.links.claim(person, account.Id, basis);
  if (claim.outcome === "account_taken") return refuse("account_taken", account.Id);
  if (claim.created) ports.onLinked(account.Id);
  if (claim.seen.record.userId === account.Id)
    return { seen: claim.seen, account, linked: claim.created ? basis : null };
  const other = await foundOrNull(ports.api.getUser(claim.seen.record.userId));
  return other ? { seen: claim.seen, account: other, linked: null } : refuse("ended_meanwhile");
}

type Refused = Extract<Admission, { ok: false }>;
type Known = {
  readonly addresses: readonly string[];
  readonly basis: "directory" | "token";
  readonly name: PersonName;
};

/** Returns the addresses to look for: the directory's, or the token's when the admin allows that. */
async function whoIsIt(
  { directory }: SignInPorts,
  person: EntraPerson,
  token: string,
  policies: Policies,
): Promise<Known | Refused> {
  const answer = await directory.read(token);
  if (answer.ok) {
    const { facts } = answer;
    if (facts.objectId !== person.objectId) return refuse("directory_mismatch");
    if (facts.guest && !policies.allow_guests) return refuse("guest");
    const { givenName = "", familyName = "" } = facts;
    const isNamed = givenName !== "" || familyName !== "";
    const name = isNamed ? { ...person, givenName, familyName } : person;
    return { addresses: facts.addresses, basis: "directory", name };
  }
  if (policies.email_source === "directory_only") {
    return refuse(answer.final ? "directory_refused" : "directory_unavailable", null, answer.why);
  }
  return { addresses: person.addresses, basis: "token", name: person };
}

async function accountsOf(api: AccountApi, addresses: readonly string[]): Promise<Account[]> {
  const wanted = [...new Set(addresses.map(foldAddress))];
  const found = await Promise.all(wanted.map((address) => foundOrNull(api.getUserByEmail(address))));
  const byId = new Map<string, Account>();
  found.forEach((account, index) => {
    // The server compares by the database's collation, which may match similar addresses, so we compare again.
    if (account && foldAddress(account.Email) === wanted[index]) byId.set(account.Id, account);
  });
  return [...byId.values()];
}

function refuse(reason: Refusal, userId: string | null = null, detail = ""): Refused {
  return { ok: false, code: refusals[reason], reason, userId, detail };
}
