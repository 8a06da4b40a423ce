import { describe, expect, test } from "bun:test";
import { checkTables } from "../../platform/i18n/checks.ts";
import { errors } from "../../platform/shared-errors.ts";
import { aadstsOf, knownRefusals, refusalOf } from "./refusals.ts";

describe("refusals are distinguished by number", () => {
  const cases: [number: string, code: string][] = [
    ["AADSTS65001", "consent_missing"],
    ["AADSTS90094", "consent_missing"],
    ["AADSTS50076", "microsoft_mfa_needed"],
    ["AADSTS50074", "microsoft_mfa_needed"],
    ["AADSTS50079", "microsoft_mfa_enrolment"],
    ["AADSTS53003", "conditional_access_blocks"],
    ["AADSTS53000", "device_refused"],
    ["AADSTS50105", "person_not_assigned"],
    ["AADSTS50173", "microsoft_sign_in_expired"],
    ["AADSTS90002", "tenant_unknown"],
    ["AADSTS700016", "app_unknown"],
    ["AADSTS7000215", "secret_wrong"],
    ["AADSTS7000222", "secret_expired"],
    ["AADSTS700027", "certificate_refused"],
    ["AADSTS1", "credential_refused"],
  ];
  for (const [number, code] of cases) test(number, () => expect(refusalOf(number).code).toBe(code as never));

  test("only consent's own numbers are cured by consent", () => {
    for (const [number, { code }] of knownRefusals) {
      if (code !== "consent_missing")
        expect([number, /Grant admin consent/.test(errors[code].cure)]).toEqual([number, false]);
    }
  });

  test("the checks and docs/errors.md name the same cure", () => {
    for (const code of new Set([...knownRefusals.values()].map((refusal) => refusal.code))) {
      // In the checks this code means the network; with Entra's number, it means Microsoft.
      if (code === "microsoft_unreachable") continue;
      expect([code, checkTables().en[`cure.${code}`]]).toEqual([code, errors[code].cure]);
    }
  });

  test("no number is in the table twice", () => expect(knownRefusals.size).toBeGreaterThan(80));
});

test("the number is found in Entra's text, and the rest of the text is dropped", () => {
  expect(aadstsOf("AADSTS50076: Due to a configuration change ana@example.com")).toBe("AADSTS50076");
  expect(aadstsOf("AADSTS: nothing")).toBeNull();
});
