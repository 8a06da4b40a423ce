/** Explains to an admin why an outgoing call failed: maps the error codes of Bun's fetch to codes of our tables. */

import { checkWords, type SeenCode } from "../../platform/i18n/checks.ts";
import type { Language } from "../../platform/i18n/language.ts";
import { ProxyUnusable } from "./proxy.ts";

/** A sentence that follows a host and a colon; its text is `seen.<code>` in server/platform/i18n/checks. */
export interface Cause {
  readonly code: Extract<SeenCode, `cause_${string}`>;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Tried with Bun 1.4.5 on real sockets; the OpenSSL names are those of X509_verify_cert_error_string(3). */
const causes: Readonly<Record<string, Cause["code"]>> = {
  ENOTFOUND: "cause_dns",
  EAI_AGAIN: "cause_dns_silent",
  EAI_FAIL: "cause_dns_refused",
  ECONNREFUSED: "cause_refused",
  ECONNRESET: "cause_reset",
  EPIPE: "cause_reset",
  ETIMEDOUT: "cause_timeout",
  EHOSTUNREACH: "cause_no_route",
  ENETUNREACH: "cause_no_route",
  UNABLE_TO_GET_ISSUER_CERT: "cause_untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "cause_untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "cause_untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "cause_untrusted",
  DEPTH_ZERO_SELF_SIGNED_CERT: "cause_untrusted",
  CERT_HAS_EXPIRED: "cause_expired",
  CERT_NOT_YET_VALID: "cause_not_yet_valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "cause_other_name",
  UnexpectedRedirect: "cause_redirect",
  ConnectionRefused: "cause_refused",
  FailedToOpenSocket: "cause_no_connection",
};

/** Libraries wrap the errors of fetch; the innermost one with a known code decides. */
export function causeOf(error: unknown): Cause {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) {
    if (inner instanceof ProxyUnusable) {
      return { code: "cause_proxy_unusable", values: { variable: inner.variable } };
    }
    if (inner.name === "TimeoutError" || inner.name === "AbortError") return { code: "cause_timeout" };
    const { code } = inner as { code?: unknown };
    if (code === "ERR_PROXY_TUNNEL") {
      const status = /\b([45]\d\d)\b/.exec(inner.message)?.[1] ?? "?";
      if (status === "407") return { code: "cause_proxy_password" };
      return { code: "cause_proxy_refused", values: { status } };
    }
    const known = typeof code === "string" ? causes[code] : undefined;
    if (known !== undefined) return { code: known };
    if (/certificate|TLS|SSL/i.test(inner.message)) return { code: "cause_tls" };
  }
  return { code: error instanceof SyntaxError ? "cause_not_microsoft" : "cause_nothing" };
}

export const causeWords = ({ code, values }: Cause, language: Language = "en"): string =>
  checkWords(language, `seen.${code}`, values);
