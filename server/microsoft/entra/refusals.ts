/**
 * Maps Entra's error numbers (AADSTS…) to our error codes, whose texts and cures are in server/platform/errors.ts.
 * Numbers and their names: learn.microsoft.com, reference-error-codes. The number decides, never the English text.
 */

import { type ErrorCode, ProductError } from "../../platform/errors.ts";
import type { CureCode } from "../../platform/i18n/checks.ts";

/** Each of these has a cure in the tables of the checks. */
export type RefusalCode = Extract<ErrorCode, CureCode>;

export interface Refusal {
  readonly code: RefusalCode;
  /** The setting to check; absent when the cure is in Entra. */
  readonly setting?: string;
}

const table: readonly (readonly [refusal: Refusal, ...numbers: number[]])[] = [
  [{ code: "secret_wrong", setting: "m365_client_secret" }, 7000215],
  [{ code: "secret_expired", setting: "m365_client_secret" }, 7000222],
  // InvalidSignature, InvalidClientAssertion, an assertion outside its validity, no matching key.
  [
    { code: "certificate_refused", setting: "m365_client_certificate" },
    700027,
    700023,
    700024,
    7000277,
    7000214,
  ],
  // No matching federated identity record; wrong issuer, audience or subject.
  [
    { code: "federation_unknown", setting: "m365_federated_token_file" },
    70021,
    700211,
    700212,
    700213,
    700214,
  ],
  [{ code: "app_unknown", setting: "m365_client_id" }, 700016, 7000229, 700030, 70001],
  [{ code: "app_disabled" }, 7000112, 7000113, 500014],
  [{ code: "tenant_unknown", setting: "m365_tenant_id" }, 90002, 900021, 900023, 900022, 50059],
  [{ code: "cloud_wrong", setting: "national_cloud" }, 900382, 900439, 500011, 50107],
  [{ code: "audience_wrong" }, 50013, 500131, 500132, 50027],
  // DelegationDoesNotExist, declined, admin consent needed, permissions that the registration does not request.
  [{ code: "consent_missing" }, 65001, 65004, 65005, 90094, 90093, 90095, 650051, 650052, 650056, 650057],
  // BlockedByConditionalAccess, and by a protected policy, location, security defaults or app.
  [{ code: "conditional_access_blocks" }, 53003, 530032, 530035, 53002, 53009, 530021, 50097],
  // The device is not compliant, not joined or not managed.
  [{ code: "device_refused" }, 53000, 53001, 530001, 530002, 530003, 50129, 50131],
  // UserStrongAuthClientAuthNRequired, expired, external challenge, sign-in frequency.
  [{ code: "microsoft_mfa_needed" }, 50076, 50074, 50078, 50158, 500121, 50203, 70044],
  [{ code: "microsoft_mfa_enrolment" }, 50079, 50072, 50125],
  [{ code: "microsoft_account_blocked" }, 50057, 50053, 50055, 53004, 53010, 53011, 530034, 50034, 50020],
  [{ code: "person_not_assigned" }, 50105, 501051],
  // Revoked, expired or too old: a new token from the host helps.
  [{ code: "microsoft_sign_in_expired" }, 50173, 700082, 700081, 70043, 70008, 50132, 50133, 500133, 50089],
  // RequestTimeout, BadGateway, server errors: faults on Microsoft's side.
  [{ code: "microsoft_unreachable" }, 50000, 50196, 90006, 90012, 90020, 90024, 90033],
];

const byNumber = new Map<string, Refusal>(
  table.flatMap(([refusal, ...numbers]) => numbers.map((number) => [`AADSTS${number}`, refusal] as const)),
);

/** For numbers that are not in the table, the refusal shows the number. */
export const refusalOf = (aadsts: string): Refusal => byNumber.get(aadsts) ?? { code: "credential_refused" };

/** Every number of the table, for tests and documentation. */
export const knownRefusals: ReadonlyMap<string, Refusal> = byNumber;

/**
 * Finds Entra's number, which an admin can look up. The rest of the text names people, tenants and correlation ids.
 */
export function aadstsOf(text: string): string | null {
  return /AADSTS\d+/.exec(text)?.[0] ?? null;
}

/** Finds the number in an error of msal or ours, or in its causes. */
export function numberOf(error: unknown): string | null {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) {
    const number = aadstsOf(inner instanceof ProductError ? inner.detail : inner.message);
    if (number !== null) return number;
  }
  return null;
}
