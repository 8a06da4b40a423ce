/** Reads the address of a proxy from the setting or an environment variable. */

import type { ProblemCode } from "../i18n/problems.ts";

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

export type ProxyFault = Extract<ProblemCode, "proxy" | `proxy_${string}`>;

/**
 * Accepts `http://proxy:3128`, `https://…`, or `proxy:3128` as Go's `httpproxy` does, with a user name and a password
 * where the proxy needs them. Anything else is reported and never used: Bun answers it with a bare TypeError. The
 * texts of the codes repeat nothing of the address, because it may contain a password.
 */
export function readProxyAddress(text: string): { readonly address: string } | { readonly code: ProxyFault } {
  if (/["'`\u2018-\u201f]/.test(text)) return { code: "proxy_quotes" };
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme?.startsWith("socks")) {
    return { code: "proxy_socks" };
  }
  if (scheme?.startsWith("pac") || /\.pac$/i.test(text.replace(/[?#].*$/, ""))) {
    return { code: "proxy_pac" };
  }
  const address = scheme === undefined ? `http://${text}` : text;
  const hasPort = /:\d{1,5}\/*$/.test(text);
  if (!URL.canParse(address) || /\s/.test(text) || (scheme === undefined && !hasPort))
    return { code: "proxy" };
  const { protocol, hostname, search, hash } = new URL(address);
  const good = (protocol === "http:" || protocol === "https:") && hostname !== "" && search + hash === "";
  return good ? { address } : { code: "proxy" };
}
