/** Decides which accounts a verified person of Entra may use. Pure functions. */

import type { EntraPerson } from "../../microsoft/entra/entra-person.ts";
import type { LinkBasis } from "../../people/link.ts";
import type { ErrorCode } from "../../platform/errors.ts";
import type { Settings } from "../../platform/settings/index.ts";
import type { User } from "../../runtime/mattermost/index.ts";

/** Why a verified person does not get a session; written to the audit record. */
export const refusals = {
  no_account: "no_account",
  ambiguous: "account_conflict",
  account_taken: "account_conflict",
  other_auth_data: "account_conflict",
  directory_mismatch: "sign_in_refused",
  directory_unavailable: "directory_unavailable",
  directory_refused: "directory_refused",
  bot: "no_account",
  remote: "no_account",
  deactivated: "account_deactivated",
  email_unverified: "email_unverified",
  email_domain: "email_domain_refused",
  guest: "guest_refused",
  system_admin: "system_admin_refused",
  mfa: "mfa_required",
  provisioning_failed: "no_account",
  ended_meanwhile: "sign_in_refused",
} as const satisfies Record<string, ErrorCode>;
export type Refusal = keyof typeof refusals;

export type Policies = Pick<
  Settings,
  | "email_source"
  | "unverified_emails"
  | "allowed_email_domains"
  | "allow_guests"
  | "system_admin_sign_in"
  | "mfa_accounts"
>;

export type Account = Pick<
  User,
  | "Id"
  | "Username"
  | "Email"
  | "EmailVerified"
  | "AuthService"
  | "AuthData"
  | "DeleteAt"
  | "IsBot"
  | "RemoteId"
  | "Roles"
  | "MfaActive"
>;

/** Checks the person, before any account is looked at. */
export function refusePerson(person: EntraPerson, policies: Policies): Refusal | null {
  return person.guest && !policies.allow_guests ? "guest" : null;
}

/**
 * Checks whether this account may be used, at the first sign-in and at every later one. `basis` is what its link is,
 * or would be, based on.
 */
export function refuseAccount(
  account: Account,
  person: EntraPerson,
  basis: LinkBasis,
  policies: Policies,
): Refusal | null {
  if (account.IsBot) return "bot";
  if (account.RemoteId) return "remote";
  if (account.DeleteAt !== 0) return "deactivated";
  // The server signs `office365` accounts in by object id, so the link must be to that very person.
  if (account.AuthService === "office365" && account.AuthData !== person.objectId) return "other_auth_data";
  if (!isAllowedAddress(account.Email, policies.allowed_email_domains)) return "email_domain";
  if (isSystemAdmin(account) && !adminMaySignIn(basis, policies)) return "system_admin";
  if (account.MfaActive && !secondFactorIsMet(person, policies)) return "mfa";
  return null;
}

/** Checks whether an account without a link may be linked to the person because of its address. */
export function refuseFirstLink(account: Account, policies: Policies, serverIsOpen: boolean): Refusal | null {
  // Other services (SAML, LDAP, OpenID, office365) verify the address themselves.
  const ownPassword = account.AuthService === "" || account.AuthService === "email";
  if (!ownPassword || account.EmailVerified) return null;
  return policies.unverified_emails === "never" || serverIsOpen ? "email_unverified" : null;
}

export type Choice =
  | { readonly account: Account }
  | { readonly refusal: "ambiguous" | "no_account" | "deactivated" };

/** Chooses one of the accounts that have one of the person's addresses; never guesses between two. */
export function chooseAccount(found: readonly Account[]): Choice {
  const people = found.filter(({ IsBot, RemoteId }) => !IsBot && !RemoteId);
  const active = people.filter(({ DeleteAt }) => DeleteAt === 0);
  const [only, second] = active;
  if (second) return { refusal: "ambiguous" };
  if (only) return { account: only };
  return { refusal: people.length > 0 ? "deactivated" : "no_account" };
}

/** Folds ASCII letters only: other case rules make different addresses equal (`ı`, `ſ`, the Kelvin sign). */
export const foldAddress = (address: string): string =>
  address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** An empty list allows every domain. */
export function isAllowedAddress(email: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  const folded = foldAddress(email);
  return isAllowedDomain(folded.slice(folded.lastIndexOf("@") + 1), allowed);
}

/** `*.example.com` allows example.com and everything below it; other entries allow only themselves. */
export const isAllowedDomain = (domain: string, allowed: readonly string[]): boolean =>
  allowed.some((entry) =>
    entry.startsWith("*.") ? `.${domain}`.endsWith(entry.slice(1)) : domain === entry,
  );

const isSystemAdmin = ({ Roles }: Account) => Roles.split(" ").includes("system_admin");

function adminMaySignIn(basis: LinkBasis, { system_admin_sign_in: policy }: Policies): boolean {
  return policy === "always" || (policy === "directory" && basis === "directory");
}

function secondFactorIsMet(person: EntraPerson, { mfa_accounts: policy }: Policies): boolean {
  return policy === "trust_entra" || (policy === "claim" && person.multiFactor);
}
