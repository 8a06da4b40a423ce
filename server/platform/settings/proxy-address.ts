/** The address of a proxy, out of the setting or out of a variable of the environment. */

import type { ProblemCode } from "../i18n/problems.ts";

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

export type ProxyFault = Extract<ProblemCode, "proxy" | `proxy_${string}`>;

/**
 * `http://proxy:3128`, `https://…`, or `proxy:3128` as Go's `httpproxy` takes it, with a name and a password
 * where the proxy wants them. Everything else is named, never passed on: Bun answers it with a bare TypeError.
 * The words of a code repeat nothing of the address, which may hold a password.
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
