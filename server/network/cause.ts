/** Why an outgoing call failed, for an admin: the codes of Bun's fetch as clauses that follow a host and a colon. */

import { ProxyUnusable } from "./proxy.ts";

/** Tried with Bun 1.4.5 on real sockets; the OpenSSL names are those of X509_verify_cert_error_string(3). */
const causes: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not resolve (DNS)",
  EAI_AGAIN: "the name server does not answer (DNS)",
  EAI_FAIL: "the name server refuses (DNS)",
  ECONNREFUSED: "nothing answers at that port, or a firewall refuses",
  ECONNRESET: "the connection was cut off, as firewalls and inspecting proxies do",
  EPIPE: "the connection was cut off, as firewalls and inspecting proxies do",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is not trusted: add the authority under Network",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not trusted: add the authority under Network",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted: add the authority under Network",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted: add the authority under Network",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted: add the authority under Network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: compare the clocks",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  UnexpectedRedirect: "it answered with a redirect, which is never followed",
  ConnectionRefused: "nothing answers at that port, or a firewall refuses",
  FailedToOpenSocket: "no connection could be opened",
};

/** The innermost error that says something decides: libraries wrap what fetch has thrown. */
export function causeOf(error: unknown): string {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) {
    if (inner instanceof ProxyUnusable) return inner.message;
    if (inner.name === "TimeoutError" || inner.name === "AbortError") return "no answer in time";
    const { code } = inner as { code?: unknown };
    if (code === "ERR_PROXY_TUNNEL") {
      const status = /\b([45]\d\d)\b/.exec(inner.message)?.[1];
      return status === "407"
        ? "the proxy wants a name and a password (407)"
        : `the proxy refuses the connection${status ? ` (${status})` : ""}`;
    }
    const says = typeof code === "string" ? causes[code] : undefined;
    if (says !== undefined) return says;
    if (/certificate|TLS|SSL/i.test(inner.message)) return "its certificate or its TLS is not accepted";
  }
  return error instanceof SyntaxError ? "the answer is not Microsoft's" : "no usable answer";
}
