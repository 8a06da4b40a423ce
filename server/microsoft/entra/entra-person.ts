/** The person that a verified token identifies. */

import type { TokenVersion } from "./tenant-keys.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** Names and addresses change; only tenant id and object id identify a person. */
export interface EntraPerson {
  readonly tenantId: string;
  readonly objectId: string;
  readonly displayName: string;
  /** `given_name` and `family_name`: in v1 tokens, and in v2 tokens when the registration requests them. */
  readonly givenName: string;
  readonly familyName: string;
  /** Addresses that the tenant vouches for, best first. Addresses get reassigned; never identify by them. */
  readonly addresses: readonly string[];
  /** True when the person was invited from another tenant or with a personal account. */
  readonly guest: boolean;
  /** Entra reports that a second factor was used for this sign-in (`amr`, v1 tokens only). */
  readonly multiFactor: boolean;
  readonly tokenVersion: TokenVersion;
  /** Client id of the host application: Teams, Outlook, … */
  readonly caller: string;
}

/** The fields that the verification has already proved. */
type Proven = Pick<EntraPerson, "caller" | "objectId" | "tenantId" | "tokenVersion">;

export function personOf(claims: Claims, proven: Proven): EntraPerson {
  const { name, given_name, family_name, amr } = claims;
  return {
    ...proven,
    displayName: isText(name, 256) ? name : "",
    givenName: isText(given_name, 256) ? given_name : "",
    familyName: isText(family_name, 256) ? family_name : "",
    addresses: addressesOf(claims),
    guest: isGuest(claims, proven.tenantId),
    multiFactor: Array.isArray(amr) && amr.includes("mfa"),
  };
}

/**
 * Returns the addresses that the tenant vouches for. The user principal name is always in a domain that the tenant
 * has verified. `email` is not: it is used when Entra vouches for it (`xms_edov`) or when it is in the same domain.
 */
function addressesOf({ email, xms_edov, preferred_username, upn, unique_name }: Claims): string[] {
  const names = [upn, preferred_username, unique_name].filter(isAddress);
  const verified = xms_edov === true || xms_edov === 1 || xms_edov === "1";
  const vouched =
    isAddress(email) && (verified || names.some((name) => domainOf(name) === domainOf(email))) ? [email] : [];
  return [...new Set([...vouched, ...names])];
}

const isAddress = (value: unknown): value is string => isText(value, 320) && /^[^@\s]+@[^@\s]+$/.test(value);
const domainOf = (address: string) => address.slice(address.indexOf("@") + 1).toLowerCase();

/** `acct` is optional and `idp` is present only for people from elsewhere; names of guests contain a `#`. */
function isGuest({ acct, idp, preferred_username, upn, unique_name }: Claims, tenantId: string): boolean {
  if (acct !== undefined && acct !== 0 && acct !== "0") return true;
  if (idp !== undefined && !(typeof idp === "string" && idp.split("/").includes(tenantId))) return true;
  return [preferred_username, upn, unique_name].some(
    (name) => typeof name === "string" && name.includes("#"),
  );
}

export const isText = (value: unknown, max: number): value is string =>
  typeof value === "string" && value !== "" && value.length <= max;
